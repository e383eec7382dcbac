"""A failed need inhibits what needs it (meaning 13): raised and stored, nobody told, nothing restarted."""

from __future__ import annotations

from dsl.program import Notice
from tests.engine.programs import DOWN, agent, detection, program, recovery, restart, step
from tests.engine.world import Behaviour, World, columns

CHECKED = {"health": True, "every": 5.0}


def world_of(*, severity: str = "critical", tries: int = 1, shadow: bool = False) -> World:
    """The database, what needs it (realtime, and orders through realtime), and what does not (vault)."""
    agents = [
        agent("database", **CHECKED),
        agent("realtime", needs=["database"], **CHECKED),
        agent("orders", needs=["realtime"], **CHECKED),
        agent("vault", **CHECKED),
    ]
    notices = [Notice("oncall")]
    down = detection("agent_down", DOWN, hold=10, settle=5, notices=notices, severity=severity, shadow=shadow)
    other = detection("agent_gone", DOWN, hold=10, settle=5, notices=notices, severity="error")
    steps = [step(f"restart{number}", restart(), within=30) for number in range(tries)]
    rules = [recovery("revive", "agent_down", *steps), recovery("replace", "agent_gone", *steps)]
    world = World(program(*agents, down, other, *rules) if shadow else program(*agents, down, rules[0]))
    for name in ("database", "realtime", "orders", "vault"):
        world.unit(name, True, 1)
        world.health(name, True)
    return world


def checks(world: World, until: float, **down: tuple[float, float]) -> None:
    """Health checks every 5 s, staggered; those agents fail between these instants."""
    names = ("realtime", "orders", "vault", "database")
    while world.now < until:
        for number, name in enumerate(names):
            world.at(5 * (world.now // 5) + number)
            begins, ends = down.get(name, (0.0, 0.0))
            world.health(name, not begins <= world.now < ends)
        world.at(5 * (world.now // 5) + 5)


def restarted(world: World) -> list[str | None]:
    return [target for _, _, target in world.did("restart")]


def notified(world: World) -> set[str]:
    told = {row["fault_id"] for row in world.table("alert") if row["outcome"] == "sent"}
    return {row["subject"] for row in world.faults() if row["id"] in told}


OUTAGE = {"database": (20.0, 50.0), "realtime": (20.0, 58.0), "orders": (20.0, 58.0)}


def test_dependants_are_stored_and_left_alone_and_come_back_by_themselves() -> None:
    world = world_of()
    checks(world, 120, **OUTAGE)
    assert {row["subject"]: row["outcome"] for row in world.faults()} == dict.fromkeys(
        ("database", "realtime", "orders"), "cleared"
    )
    assert restarted(world) == ["database"]
    assert notified(world) == {"database"}
    assert {row["subject"]: row["outcome"] for row in world.table("recovery")} == {
        "database": "succeeded",
        "realtime": "unneeded",
        "orders": "unneeded",
    }
    assert {row["outcome"] for row in world.table("alert") if row["outcome"] != "sent"} == {"withdrawn"}


def test_a_dependant_says_which_fault_inhibits_it() -> None:
    world = world_of()
    checks(world, 50, **OUTAGE)
    database = world.fault("agent_down", "database")
    assert world.fault("agent_down", "realtime")["inhibited_by"] == database["id"]
    # The nearest one: realtime, on which the database weighs in turn.
    assert world.fault("agent_down", "orders")["inhibited_by"] == world.fault("agent_down", "realtime")["id"]


def test_a_dependant_whose_symptom_is_seen_first() -> None:
    """Before anything is done to it, its needs are looked at once."""
    world = world_of()
    checks(world, 100, realtime=(20.0, 55.0), database=(25.0, 50.0))
    assert world.faults()[0]["subject"] == "realtime"
    assert restarted(world) == ["database"]


def test_a_need_without_fault_lets_its_dependant_be_recovered() -> None:
    world = world_of()
    checks(world, 60, realtime=(20.0, 50.0))
    assert restarted(world) == ["realtime"]
    assert notified(world) == {"realtime"}


def test_what_does_not_need_it_is_recovered() -> None:
    world = world_of()
    checks(world, 60, vault=(20.0, 50.0), **OUTAGE)
    assert sorted(filter(None, restarted(world))) == ["database", "vault"]


def test_a_need_given_up_blocks_no_longer() -> None:
    world = world_of()
    world.behaves["restart"] = Behaviour(1.0, "failed")
    forever = dict.fromkeys(("database", "realtime", "orders"), (20.0, 1000000000.0))
    checks(world, 200, **forever)
    assert restarted(world)[:2] == ["database", "realtime"]
    assert notified(world) == {"database", "realtime", "orders"}


def test_a_dependant_that_does_not_come_back_is_recovered() -> None:
    world = world_of()
    checks(world, 200, database=(20.0, 60.0), realtime=(20.0, 150.0))
    assert restarted(world) == ["database", "realtime"]
    assert notified(world) == {"database", "realtime"}
    assert world.table("attempt")[-1]["started_at"] >= 60 + 10


def test_a_less_severe_need_inhibits_nothing() -> None:
    """Meaning 13: if it is as severe."""
    world = world_of(shadow=True, severity="info")
    checks(world, 60, **OUTAGE)
    assert "database" in restarted(world)


def test_a_shadow_rule_inhibits_nothing() -> None:
    quiet = detection("quiet", DOWN, shadow=True)
    slow = detection("slow", DOWN, hold=10, where=None)
    agents = [agent("database"), agent("realtime", needs=["database"])]
    watched = detection("watched", slow.when.expression, of="stream")
    rule = recovery("revive", "slow", step("restart", restart()))
    world = World(program(*agents, quiet, watched, detection("slow", DOWN, hold=10), rule))
    world.unit("database", True, 1)
    world.unit("realtime", False)
    world.at(5).unit("database", False)
    world.at(12)
    assert restarted(world) == []  # `slow` itself holds of the database, and not yet long enough
    lone = World(
        program(*agents, quiet, detection("slow", DOWN, where=None, hold=0, severity="critical"), rule)
    )
    lone.unit("realtime", False)
    assert columns(lone.fault("slow"), "subject") == ("realtime",)
    assert restarted(lone) == ["realtime"]
