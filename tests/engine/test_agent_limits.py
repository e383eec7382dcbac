"""An agent's own limit: how many actions on it may begin, whichever rules ask for them (`agent x { limit 2 per 1m by agent }`)."""

from __future__ import annotations

import json

from dsl.program import Agent, Limit
from engine.events import Restored
from tests.engine.programs import (
    DOWN,
    agent,
    compare,
    detection,
    program,
    recovery,
    restart,
    step,
)
from tests.engine.world import World

SLOW = detection("slow", compare("agent.latency", ">", 2.0), category="performance")


def limited(name: str, *limits: Limit) -> Agent:
    plain = agent(name)
    return Agent(
        plain.name, "", None, None, None, 10.0, (), (), (), limits, plain.place
    )  # fmt: skip


def world_of(*agents: Agent) -> World:
    """Two recoveries that restart, each within limits of its own that are wide."""
    revive = recovery("revive", "down", step("restart", restart(), within=1.0))
    hasten = recovery("hasten", "slow", step("restart", restart(), within=1.0))
    return World(program(*agents, detection("down", DOWN), SLOW, revive, hasten))


def fall(world: World, name: str, *instants: float) -> None:
    for instant in instants:
        world.at(instant).status(name, "down")
        world.at(instant + 1).status(name, "up")


def restarts(world: World, name: str) -> list[float]:
    return [at for at, _, target in world.did("restart") if target == name]


def test_actions_on_an_agent_are_counted_for_all_rules_together() -> None:
    world = world_of(limited("x", Limit(2, 60.0, ("agent",))), agent("y"))
    for name in ("x", "y"):
        world.report("agent", name, latency=0.1)
    fall(world, "x", 0)
    world.at(5).report("agent", "x", latency=9.0)
    world.at(7).report("agent", "x", latency=0.1)
    fall(world, "x", 10)
    fall(world, "y", 20, 30, 40)
    assert restarts(world, "x") == [0.0, 5.0]
    assert restarts(world, "y") == [20.0, 30.0, 40.0]


def test_it_waits_until_the_limit_allows_it_again() -> None:
    world = world_of(limited("x", Limit(1, 60.0, ("agent",))))
    fall(world, "x", 0)
    world.at(10).status("x", "down")
    world.at(100)
    assert restarts(world, "x")[:2] == [0.0, 60.0]
    fault = world.faults()[-1]["id"]
    assert any("the limit of agent x of 1 per 1m is used up" in line for line in world.why(fault))


def test_a_step_does_no_more_than_is_left() -> None:
    twice = recovery("revive", "down", step("twice", restart(), restart(), within=1.0))
    world = World(program(limited("x", Limit(1, 600.0, ("agent",))), detection("down", DOWN), twice))
    world.status("x", "down")
    world.at(30)
    assert restarts(world, "x") == [0.0]
    assert world.table("attempt")[0]["outcome"] == "failed"


def test_what_people_do_by_hand_does_not_count() -> None:
    world = world_of(limited("x", Limit(1, 60.0, ("agent",))))
    world.status("x", "up")
    world.command("restart", "x")
    world.at(1)
    fall(world, "x", 5)
    assert len(restarts(world, "x")) == 2


def test_it_stays_used_up_after_a_restart_of_volexd() -> None:
    world = world_of(limited("x", Limit(1, 600.0, ("agent",))))
    fall(world, "x", 0)
    (row,) = world.table("attempt")
    assert json.loads(row["scope"]) == {"overall": "", "agent x": "1"}
    again = world_of(limited("x", Limit(1, 600.0, ("agent",))))
    again.at(10).send(
        Restored(10.0, attempts=[{**row, "ended_at": row["ended_at"], "outcome": row["outcome"]}])
    )
    fall(again, "x", 20)
    assert restarts(again, "x") == []
