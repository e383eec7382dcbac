"""What a workflow's fact says of its newest runs, and that rules see it."""

from __future__ import annotations

from typing import Any

from dsl.work import Adjustment, Retry
from tests.engine.programs import compare, detection, equals
from tests.engine.work.parts import adaptation, program, step, workflow
from tests.engine.work.work_world import Goes, WorkWorld

FLOW = workflow("w", step("a"), step("b", "a"))

TIMES = ("slowest_step", "step_time", "slowed_step", "slowdown")


def said(world: WorkWorld, *names: str) -> tuple[Any, ...]:
    fact = world.engine.memory.get("workflow", "w")
    assert fact is not None
    return tuple(fact.values[name] for name in names)


def ran(world: WorkWorld, times: int = 1) -> WorkWorld:
    for _ in range(times):
        world.run("w")
        world.at(world.now + 1000)
    return world


def test_before_the_first_run_nothing_is_known() -> None:
    world = WorkWorld(program(FLOW))
    assert said(world, "runs", "success_rate", "adaptation_rate", "step_time") == (0, None, None, None)


def test_rates_are_of_the_newest_twenty() -> None:
    how = [Goes(1, "failed")] * 3 + [Goes(1)] * 100
    world = ran(WorkWorld(program(FLOW), a=lambda _: how.pop(0)), 4)
    assert said(world, "runs", "success_rate", "adaptation_rate") == (4, 0.25, 0.0)
    assert said(ran(world, 20), "runs", "success_rate") == (20, 1.0)


def test_a_cancelled_run_is_neither_a_success_nor_a_failure() -> None:
    world = WorkWorld(program(FLOW), a=Goes(None))
    world.run("w")
    world.command("cancel", "w")
    world.at(world.now + 1)
    assert said(world, "runs", "success_rate") == (1, None)


def test_runs_that_were_changed_count_once_each() -> None:
    twice = adaptation("again", equals("step.status", "failed"), Adjustment("retry"))
    how = [Goes(1, "failed"), Goes(1), Goes(1)]
    world = ran(WorkWorld(program(FLOW, twice), a=lambda _: how.pop(0)), 2)
    assert said(world, "runs", "success_rate", "adaptation_rate") == (2, 1.0, 0.5)


def test_the_longest_step_and_the_one_furthest_beyond_what_it_usually_takes() -> None:
    how = [Goes(1)] * 5 + [Goes(4)]
    world = ran(WorkWorld(program(FLOW), a=lambda _: how.pop(0), b=Goes(30)))
    assert said(world, *TIMES) == ("b", 30, None, None)
    assert said(ran(world, 5), *TIMES) == ("b", 30, "a", 4)


def test_what_is_short_is_never_slow() -> None:
    how = [Goes(0.1)] * 5 + [Goes(0.9)]
    world = ran(WorkWorld(program(FLOW), a=lambda _: how.pop(0), b=Goes(0.1)), 6)
    assert said(world, "slowest_step", "slowdown") == ("a", 1)


def test_without_learning_nothing_is_usual() -> None:
    flow = workflow("w", step("a", retry=Retry(1)), learning=False)
    assert said(ran(WorkWorld(program(flow)), 6), "step_time", "slowdown") == (1, None)


def test_a_rule_sees_a_workflow_that_fails() -> None:
    failing = detection("failing", compare("workflow.success_rate", "<", 0.8), of="workflow")
    how = [Goes(1, "failed"), *[Goes(1)] * 10]
    world = ran(WorkWorld(program(FLOW, failing), a=lambda _: how.pop(0)))
    (fault,) = world.table("fault")
    assert (fault["rule"], fault["subject"], fault.get("outcome")) == ("failing", "w", None)
    ran(world, 4)
    assert world.table("fault")[0]["outcome"] == "cleared"


def test_what_is_concluded_is_recorded_once_for_each_run() -> None:
    world = ran(WorkWorld(program(FLOW)), 2)
    told = [(one.key, one.values["runs"]) for one in world.inferred if one.type == "workflow"]
    assert told == [("w", 1), ("w", 2)]
