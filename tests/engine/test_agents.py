"""The status of agents, from how their units run and how their checks end (meaning 29)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.programs import DOWN, agent, detection, program
from tests.engine.world import World

STARTS_WITHIN = 40.0


def world_of(*, health: bool = True, ready: bool = False) -> World:
    return World(program(agent("x", health=health, ready=ready, starts_within=STARTS_WITHIN)))


def status(world: World) -> object:
    told = [
        effect.values["status"]
        for effect in world.inferred
        if effect.key == "x" and "status" in effect.values
    ]
    return told[-1]


def started(world: World, pid: int = 1) -> None:
    world.unit("x", True, pid)


Story = Callable[[World], None]
STORIES: dict[str, tuple[Story, object]] = {
    "nothing seen yet": (lambda w: None, None),
    "runs, no check yet": (lambda w: started(w), "starting"),
    "runs, a check failed in the start period": (lambda w: (started(w), w.health("x", False)), "starting"),
    "runs, the first check was good": (lambda w: (started(w), w.health("x", True)), "up"),
    "the start period is over without a check": (lambda w: (started(w), w.at(STARTS_WITHIN)), None),
    "the start period is over, the check failed": (
        lambda w: (started(w), w.health("x", False), w.at(STARTS_WITHIN)),
        "down",
    ),
    "a check failed after a good one": (
        lambda w: (started(w), w.health("x", True), w.health("x", False)),
        "down",
    ),
    "one good check after a failed one": (
        lambda w: (started(w), w.health("x", True), w.health("x", False), w.health("x", True)),
        "up",
    ),
    "not running though wanted": (lambda w: (started(w), w.health("x", True), w.unit("x", False)), "down"),
    "volexd could not look": (lambda w: (started(w), w.health("x", True), w.health("x", None)), None),
    "not found out whether it runs, check good": (lambda w: (w.unit("x", None), w.health("x", True)), "up"),
    "stopped on request": (
        lambda w: (started(w), w.health("x", True), w.command("stop", "x"), w.unit("x", False)),
        "stopped",
    ),
    "stop asked for, still running": (
        lambda w: (started(w), w.health("x", True), w.command("stop", "x")),
        "up",
    ),
    "started again": (
        lambda w: (
            started(w),
            w.health("x", True),
            w.command("stop", "x"),
            w.unit("x", False),
            w.command("start", "x"),
            started(w, 2),
        ),
        "starting",
    ),
    "a check went stale": (
        lambda w: (started(w), w.health("x", True, fresh_for=15), w.at(15)),
        None,
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_status(story: str) -> None:
    happen, expected = STORIES[story]
    world = world_of()
    happen(world)
    assert status(world) == expected


READY: dict[str, tuple[Story, object]] = {
    "healthy, not yet ready": (lambda w: (started(w), w.health("x", True)), "starting"),
    "healthy and ready": (
        lambda w: (started(w), w.health("x", True), w.health("x", True, check="ready")),
        "up",
    ),
    "no longer ready": (
        lambda w: (
            started(w),
            w.health("x", True),
            w.health("x", True, check="ready"),
            w.health("x", False, check="ready"),
        ),
        "degraded",
    ),
    "ready and not healthy": (
        lambda w: (started(w), w.health("x", True, check="ready"), w.health("x", False)),
        "down",
    ),
}


@pytest.mark.parametrize("story", READY)
def test_status_with_a_ready_check(story: str) -> None:
    happen, expected = READY[story]
    world = world_of(ready=True)
    happen(world)
    assert status(world) == expected


@pytest.mark.parametrize(("running", "expected"), [(True, "up"), (False, "down"), (None, None)])
def test_status_without_a_check_is_how_the_unit_runs(running: bool | None, expected: str | None) -> None:
    world = world_of(health=False)
    world.unit("x", running, 1 if running else None)
    assert status(world) == expected


def test_a_check_that_began_before_the_restart_proves_nothing() -> None:
    world = world_of()
    started(world, 1)
    world.health("x", True)
    world.at(10)
    started(world, 2)
    world.at(11).health("x", True, began=9.5)
    assert status(world) == "starting"
    world.health("x", True, began=10.5)
    assert status(world) == "up"


def test_checks_that_overtake_each_other_count_by_their_beginning() -> None:
    world = world_of()
    started(world)
    world.at(5).health("x", True, began=4)
    world.health("x", False, began=3)
    assert status(world) == "up"


def test_a_check_that_begins_before_the_restart_ends_no_fault() -> None:
    world = World(program(agent("x", health=True), detection("agent_down", DOWN)))
    started(world)
    world.at(20).health("x", False)
    world.at(21).health("x", True, began=20.5)
    assert [row["outcome"] for row in world.faults()] == ["cleared"]


def test_the_fact_says_what_is_known_of_the_agent() -> None:
    world = World(program(agent("x", labels=[("tier", "trading")])))
    world.unit("x", True, 7)
    world.at(5).unit("x", False, detail="exit status 3")
    world.at(6).unit("x", True, 8)
    values: dict[str, object] = {}
    for effect in world.inferred:
        values |= effect.values
    assert values["labels"] == {"tier": "trading"}
    assert (values["pid"], values["restarts"], values["since"], values["last_error"]) == (
        8,
        1,
        6,
        "exit status 3",
    )
    assert (values["wanted"], values["paused"]) == (True, False)


def test_only_what_changed_is_told() -> None:
    world = world_of()
    started(world)
    before = len(world.inferred)
    for _ in range(3):
        world.health("x", True)
    assert len(world.inferred) == before + 1


def test_an_agent_that_the_program_no_longer_names_is_gone() -> None:
    world = World(program(agent("x"), detection("agent_down", DOWN)))
    world.unit("x", False)
    world.load(program(detection("agent_down", DOWN)))
    assert world.fault("agent_down")["outcome"] == "withdrawn"
    world.unit("x", False)
    assert world.open_faults() == set()
