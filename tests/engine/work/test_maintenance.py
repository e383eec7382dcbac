"""Maintenance: detected, not notified, not recovered; what is open at its end acts as new (meaning 14)."""

from __future__ import annotations

import json
from typing import Any

from dsl.expressions import Constant
from dsl.program import Notice, Selector
from tests.engine.programs import DOWN, agent, detection, equals, recovery, restart
from tests.engine.programs import step as attempt
from tests.engine.work.parts import do, every, maintenance, program
from tests.engine.work.work_world import Goes, WorkWorld
from tests.engine.world import columns

TRADING = Selector("agent", None, equals("agent.labels.tier", "trading"))
RULES = (
    agent("x", labels=[("tier", "trading")]),
    agent("y"),
    detection("agent_down", DOWN, notices=[Notice("oncall")]),
    recovery("revive", "agent_down", attempt("again", restart(), within=1000)),
)


def world_of(
    covers: Selector | None = TRADING, *actions: Any, lasting: float = 600, **goes: Any
) -> WorkWorld:
    """A window from 1000 on, every 10,000 seconds."""
    return WorkWorld(
        program(*RULES, maintenance("nightly", every(10_000, 1000), lasting, covers, *actions)), **goes
    )


def done(world: WorkWorld) -> list[tuple[float, str]]:
    return [(round(world.began[one.action], 3), one.kind) for one in world.done]


def test_a_fault_in_the_window_waits_for_its_end() -> None:
    world = world_of()
    world.at(1100).status("x", "down")
    world.at(1599)
    assert done(world) == []
    assert world.open_faults() == {("agent_down", "x")}
    assert columns(world.table("alert")[0], "outcome", "reason") == (
        "inhibited", "maintenance nightly until 1970-01-01T00:26:40Z",
    )  # fmt: skip
    world.at(1700)
    assert sorted(done(world)) == [(1600, "notify"), (1600, "restart")]


def test_what_cleared_in_the_window_is_told_to_nobody() -> None:
    world = world_of()
    world.at(1100).status("x", "down")
    world.at(1200).status("x", "up")
    assert done(world.at(3000)) == []


def test_others_are_healed_as_always() -> None:
    world = world_of()
    world.at(1100).status("y", "down")
    assert sorted(kind for _, kind in done(world)) == ["notify", "restart"]


def test_one_by_name() -> None:
    world = world_of(Selector("agent", Constant("y")))
    world.at(1100).status("x", "down")
    world.status("y", "down")
    assert {one.target for one in world.done if one.kind == "restart"} == {"x"}


def test_who_comes_under_the_selector_meanwhile_is_covered_too() -> None:
    world = world_of(Selector("agent", None, equals("agent.note", "maintained")))
    world.at(1100).status("x", "down", note="maintained")
    assert done(world) == []


def test_its_tasks_are_done_at_the_beginning() -> None:
    world = world_of(TRADING, do("vacuum"), do("analyze"))
    world.at(1700)
    assert world.commands() == [(1000, "vacuum"), (1001, "analyze")]
    (row,) = world.table("maintenance_run")
    assert columns(row, "maintenance", "started_at", "ends_at", "ended_at", "outcome") == (
        "nightly", 1000, 1600, 1600, "succeeded",
    )  # fmt: skip
    assert json.loads(row["covered"]) == ["x"]


def test_tasks_that_fail() -> None:
    world = world_of(TRADING, do("vacuum"), vacuum=Goes(1, "failed", "exit status 1"))
    world.at(1700)
    assert world.table("maintenance_run")[0]["outcome"] == "failed"
    assert "its actions failed: exec failed (exit status 1)" in world.why(
        world.table("maintenance_run")[0]["id"]
    )


def test_a_window_without_subjects_only_does_its_tasks() -> None:
    world = world_of(None, do("vacuum"))
    world.at(1100).status("x", "down")
    assert sorted(one.kind for one in world.done) == ["exec", "notify", "restart"]


def test_every_window() -> None:
    world = world_of()
    world.at(32_000)
    assert [row["started_at"] for row in world.table("maintenance_run")] == [1000, 11_000, 21_000, 31_000]


def test_a_start_in_the_middle_of_a_window() -> None:
    """It covers; its tasks belong to its beginning and are not done."""
    rules = program(*RULES, maintenance("nightly", every(10_000, 1000), 600, TRADING, do("vacuum")))
    world = WorkWorld(rules, at=1200)
    world.status("x", "down")
    world.at(1599)
    assert done(world) == []
    world.at(1700)
    assert sorted(kind for _, kind in done(world)) == ["notify", "restart"]


def test_a_window_whose_rule_is_gone_is_over() -> None:
    world = world_of()
    world.at(1100).status("x", "down")
    world.load(program(*RULES))
    assert sorted(kind for _, kind in done(world.at(1200))) == ["notify", "restart"]
    assert world.table("maintenance_run")[0]["outcome"] == "withdrawn"


def test_a_reload_leaves_a_window_open() -> None:
    world = world_of()
    world.at(1100).status("x", "down")
    world.load(program(*RULES, maintenance("nightly", every(10_000, 1000), 600, TRADING)))
    world.at(1599)
    assert done(world) == []
    assert len(world.table("maintenance_run")) == 1
