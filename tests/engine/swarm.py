"""A swarm for random walks: agents that need each other, streams, and rules of every shape that the engine knows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from dsl.expressions import Constant
from dsl.program import AgentAction, Cooldown, Keep, Limit, Notice, Program, Selector
from engine.events import (
    ActionFinished,
    Commanded,
    Event,
    HealthObserved,
    Reported,
    TimePassed,
    UnitObserved,
    Withdrawn,
)
from tests.engine.programs import (
    DOWN,
    UP,
    action,
    agent,
    both,
    compare,
    detection,
    equals,
    execute,
    field,
    known,
    negated,
    notify,
    program,
    recovery,
    restart,
    since,
    step,
)
from tests.engine.world import Behaviour, World

TIER = ("agent", "labels", "tier")
BEHAVIOURS = (
    Behaviour(0.1),
    Behaviour(4.0),
    Behaviour(1.0, "failed", "exit status 1"),
    Behaviour(6.0, "timed_out"),
    Behaviour(0.0),
)
LIMITS = [Limit(3, 300.0, ("agent",)), Limit(20, 600.0, None), Limit(2, None, TIER)]


def swarm(size: int = 6, *, edition: int = 0) -> Program:
    """`edition` 0 and 1 differ in one condition, one contract, and one rule each has alone."""
    agents = [
        agent(
            f"a{number}", needs=[f"a{number // 2}"] if number % 3 else (), labels=[("tier", f"t{number % 3}")],
            health=number % 4 != 3, ready=number % 4 == 2, starts_within=7.0,
            actions=[AgentAction("reconnect", (("what", "text"),), (execute("connect", field("what.x") if edition else "y"),), None)],
        )
        for number in range(size)
    ]  # fmt: skip
    own = action("reconnect", Selector("agent", Constant("a1")), what=field("stream.name"))
    return program(
        *agents,
        detection("down", DOWN, hold=5.0 + edition, until=UP, until_hold=3.0, notices=[Notice("oncall", 20.0), Notice("log")]),
        detection("unknown", negated(known("agent.status")), hold=20.0, severity="warning"),
        detection("slow", both(compare("agent.latency", ">", 0.5), compare("host.cpu", "<", 0.9)), settle=2.0),
        detection("stale", compare(since("stream.t"), ">", 15.0), of="stream", unless=equals("stream.quiet", True)),
        detection("busy", compare("host.cpu", ">", 0.8), of=None, shadow=bool(edition)),
        *([detection("extra", negated(UP), severity="info")] if edition else []),
        recovery(
            "revive", "down", step("restart", restart(), within=10.0), step("again", restart(), within=5.0 + edition),
            otherwise=[notify("oncall")], limits=LIMITS, cooldown=Cooldown(2.0, 30.0), keeps=[Keep(1, "agent", UP)],
        ),
        recovery("general", [], step("script", execute("x", field("agent.name"))), where=equals("fault.category", "agent"),
                 limits=[Limit(5, 120.0, None)]),
        recovery("connect", "stale", step("reconnect", own, within=8.0, verify=equals("stream.good", True)),
                 limits=[Limit(4, 100.0, ("stream",)), Limit(1, None, None)]),
    )  # fmt: skip


def happenings(random: Random, size: int, count: int, *, orderly: bool) -> Iterator[Event]:
    """Events in time; those that are not `orderly` come from the past, about nobody, and with values of any kind."""
    now = 0.0
    for _ in range(count):
        now += random.choice((0.0, 0.1, 0.5, 1.0, 3.0))
        at = now if orderly or random.random() < 0.9 else now - random.random() * 20
        yield _happening(random, at, size if orderly else size + 1, orderly)


def _happening(random: Random, at: float, size: int, orderly: bool) -> Event:
    name = f"a{random.randrange(size)}"
    match random.randrange(12 if orderly else 15):
        case 0 | 1:
            return UnitObserved(
                at, name, random.choice((True, True, False, None)), random.choice((1, 2, 3, None))
            )
        case 2 | 3 | 4:
            ok = random.choice((True, True, False, False, None))
            fresh_for = random.choice((None, 6.0))
            return HealthObserved(
                at, name, random.choice(("health", "ready")), ok, at - random.random(), "refused", fresh_for
            )
        case 5 | 6:
            values = {"latency": random.choice((0.1, 0.9)), "feed": "f"}
            return Reported(at, "agent", name, values, "latency", random.choice((None, 4.0)))
        case 7:
            return Reported(at, "host", "here", {"cpu": random.choice((0.1, 0.85, 0.95))}, "host", 9.0)
        case 8 | 9:
            values = {
                "t": at - random.choice((0, 5, 20)),
                "quiet": random.random() < 0.2,
                "good": random.random() < 0.5,
            }
            return Reported(
                at, "stream", random.choice(("btc", "eth")), values, "streams", random.choice((None, 10.0))
            )
        case 10:
            return TimePassed(at)
        case 11:
            return Commanded(at, random.choice(("pause", "resume", "stop", "start", "restart")), name, "ann")
        case 12:
            return Withdrawn(
                at, random.choice(("agent", "stream", "host", "thing")), random.choice((name, "btc", "here"))
            )
        case 13:
            return Commanded(
                at, random.choice(("acknowledge", "dance")), random.choice(("1", "x", "", "99999")), "ann"
            )
        case _:
            return Reported(at, random.choice(("agent", "host", "stream", "thing")), random.choice((name, "here", "btc", "")),
                            {random.choice(("latency", "cpu", "t", "status", "name")): _anything(random)}, "odd", random.choice((None, -1.0, 0.0, 3.0)))  # fmt: skip


def _anything(random: Random) -> Any:
    return random.choice(
        (
            None,
            True,
            "",
            "down",
            "up",
            1e308,
            -1e308,
            float("inf"),
            float("nan"),
            10**400,
            [],
            {},
            [None, {"a": [1]}],
            {"x": 1},
        )
    )


def walk(
    world: World, random: Random, size: int, count: int, *, orderly: bool = True, reloads: bool = True
) -> None:
    """Happenings, and in between the answers of actions, alarms, and now and then a reload."""
    for event in happenings(random, size, count, orderly=orderly):
        world.at(max(world.now, event.at))
        world.send(event)
        if reloads and random.random() < 0.01:
            world.load(swarm(size, edition=random.randrange(2)))
        if not orderly and random.random() < 0.05:
            world.send(
                ActionFinished(
                    event.at, random.randrange(200), random.choice(("succeeded", "failed", "cancelled"))
                )
            )
        for kind in ("restart", "exec", "notify"):
            world.behaves[kind] = random.choice(BEHAVIOURS)
