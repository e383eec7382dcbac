"""Limits, cooldowns and what is kept: how often a recovery may act, and on how many things (meaning 16)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from dsl.program import Agent, Cooldown, Keep, Limit
from tests.engine.programs import (
    DOWN,
    UP,
    agent,
    detection,
    equals,
    execute,
    notify,
    program,
    recovery,
    restart,
    step,
)
from tests.engine.world import Behaviour, World, columns

DETECT = detection("agent_down", DOWN)
TIER = ("agent", "labels", "tier")


def world_of(*names: str, tiers: dict[str, str] | None = None, **contract: Any) -> World:
    """Agents, one detection, and one recovery that restarts, with 10 s for the symptom to go."""
    agents: list[Agent] = [
        agent(name, labels=[("tier", tiers[name])] if tiers and name in tiers else ()) for name in names
    ]
    contract.setdefault("limits", [Limit(1000, 3600.0, None)])
    rule = recovery(
        "revive",
        "agent_down",
        step("restart", restart(), within=10),
        otherwise=[notify("oncall")],
        **contract,
    )
    return World(program(*agents, DETECT, rule))


def flap(world: World, agent: str, *instants: float, down_for: float = 1.0) -> None:
    """Down at each of these, up a little later."""
    for instant in instants:
        world.at(instant).status(agent, "down")
        world.at(instant + down_for).status(agent, "up")


def begun(world: World) -> list[tuple[float, str]]:
    return [(row["started_at"], row["subject"]) for row in world.table("attempt")]


def test_a_limit_used_up_ends_in_otherwise() -> None:
    world = world_of("x", limits=[Limit(3, 3600.0, ("agent",))])
    flap(world, "x", 0, 100, 200, 300)
    assert begun(world) == [(0, "x"), (100, "x"), (200, "x")]
    assert columns(world.table("recovery")[-1], "outcome", "reason") == (
        "exhausted",
        "its limit of 3 per 1h by agent (x) is used up",
    )
    assert world.did("notify") == [(300, "notify", None)]


def test_a_limit_is_a_sliding_window() -> None:
    world = world_of("x", limits=[Limit(2, 100.0, ("agent",))])
    flap(world, "x", 0, 50, 90, 101, 120, 151)
    assert begun(world) == [(0, "x"), (50, "x"), (101, "x"), (151, "x")]


def test_a_limit_by_agent_counts_for_each_and_overall_for_all() -> None:
    for scope, expected in ((("agent",), ["x", "y"]), (None, ["x"])):
        world = world_of("x", "y", limits=[Limit(1, 3600.0, scope)])
        flap(world, "x", 0, 10)
        flap(world, "y", 20, 30)
        assert [subject for _, subject in begun(world)] == expected


def test_a_missing_label_is_one_common_bucket() -> None:
    world = world_of("x", "y", "z", tiers={"z": "trading"}, limits=[Limit(1, 3600.0, TIER)])
    for number, name in enumerate(("x", "y", "z")):
        flap(world, name, number * 10)
    assert [subject for _, subject in begun(world)] == ["x", "z"]


def test_at_once_by_a_label() -> None:
    tiers = {"x": "trading", "y": "trading", "z": "other"}
    world = world_of("x", "y", "z", tiers=tiers, limits=[Limit(1, None, TIER), Limit(100, 3600.0, None)])
    for name in ("x", "y", "z"):
        world.status(name, "down")
    assert begun(world) == [(0, "x"), (0, "z")]
    world.at(5).status("x", "up")
    assert begun(world) == [(0, "x"), (0, "z"), (5, "y")]


@pytest.mark.parametrize(
    ("cooldown", "gaps"),
    [
        (Cooldown(10.0), [10, 10, 10, 10]),
        (Cooldown(10.0, 35.0), [10, 20, 35, 35]),
        (Cooldown(10.0, 5.0), [5, 5, 5, 5]),
    ],
)
def test_cooldown_between_the_steps_of_one_fault(cooldown: Cooldown, gaps: list[float]) -> None:
    steps = [step(f"step{number}", restart(), within=10) for number in range(5)]
    world = World(program(agent("x"), DETECT, recovery("revive", "agent_down", *steps, cooldown=cooldown)))
    world.behaves["restart"] = Behaviour(0.0, "failed")
    world.status("x", "down")
    world.at(1000)
    rows = world.table("attempt")
    assert [second["started_at"] - first["ended_at"] for first, second in pairwise(rows)] == gaps


def test_a_success_resets_the_doubling() -> None:
    world = world_of("x", cooldown=Cooldown(10.0, 300.0))
    for number in range(4):
        world.status("x", "down")
        world.at(world.now + 15 + 10 * number)
    assert {row["outcome"] for row in world.table("attempt")} == {"failed"}
    world.at(1000).status("x", "up")
    world.status("x", "down")
    world.at(1001).status("x", "up")
    assert world.table("attempt")[-1]["outcome"] == "succeeded"
    world.at(1002).status("x", "down")
    world.at(1100)
    assert world.table("attempt")[-1]["started_at"] == pytest.approx(1011.0)


def test_cooldown_is_of_one_subject() -> None:
    world = world_of("x", "y", cooldown=Cooldown(1000.0))
    flap(world, "x", 0)
    flap(world, "y", 5)
    assert begun(world) == [(0, "x"), (5, "y")]


def test_keep_at_least() -> None:
    """No action may begin that leaves fewer."""
    unwell = detection("unwell", equals("agent.unwell", True))
    rule = recovery("revive", "unwell", step("restart", restart(), within=10), keeps=[Keep(2, "agent", UP)])
    world = World(program(*(agent(name) for name in "xyz"), unwell, rule))
    for name in "xyz":
        world.status(name, "up")
    world.report("agent", "z", status="down")
    world.report("agent", "x", unwell=True)
    world.at(100)
    assert begun(world) == []
    world.status("z", "up")
    assert begun(world) == [(100, "x")]


def test_keep_counts_facts_of_any_type() -> None:
    unwell = detection("unwell", equals("agent.unwell", True))
    rule = recovery(
        "revive", "unwell", step("a", execute("x")), keeps=[Keep(1, "stream", equals("stream.on", True))]
    )
    world = World(program(agent("x"), unwell, rule))
    world.report("agent", "x", unwell=True)
    assert begun(world) == []
    world.report("stream", "btc", on=True)
    assert begun(world) == [(0, "x")]


def test_an_edit_is_no_way_round_a_limit() -> None:
    """Limits are keyed by the rule's name."""
    world = world_of("x", limits=[Limit(1, 3600.0, ("agent",))])
    flap(world, "x", 0)
    edited = recovery(
        "revive", "agent_down", step("other", execute("y")), limits=[Limit(1, 3600.0, ("agent",))]
    )
    world.load(program(agent("x"), DETECT, edited))
    flap(world, "x", 10)
    assert begun(world) == [(0, "x")]


def test_what_no_limit_counts_any_more_is_forgotten() -> None:
    world = world_of("x", limits=[Limit(2, 100.0, ("agent",))])
    flap(world, "x", *(3600.0 * number for number in range(100)))
    assert len(begun(world)) == 100
    assert world.engine.budgets.remembered() <= 25
