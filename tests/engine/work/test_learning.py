"""What past runs taught: which step begins first, and how long one is waited for, within what the operator wrote."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.work import Reserve, Retry
from tests.engine.work.parts import automation, program, step, workflow
from tests.engine.work.work_world import Goes, WorkWorld
from tests.engine.world import columns

ONE = Reserve(cpu=1.0)
FAN = workflow("fan", *(step(name, reserve=ONE) for name in "abc"))
TAKES = {"a": Goes(1), "b": Goes(2), "c": Goes(9)}


def ran(times: int, *parts: Any, job: str = "job", **goes: Any) -> WorkWorld:
    world = WorkWorld(program(*parts), **goes)
    world.capacity(cpu=1)
    for _ in range(times):
        world.run(job)
        world.at(world.now + 1000)
    return world


def names(world: WorkWorld) -> str:
    return "".join(name for _, name in world.commands())


@pytest.mark.parametrize(
    ("strategy", "learning", "order"),
    [
        ("efficient", True, "abccba"), ("adaptive", True, "abccba"), ("reliable", True, "abcabc"),
        ("efficient", False, "abcabc"),
    ],
)  # fmt: skip
def test_what_takes_longest_begins_first(strategy: str, learning: bool, order: str) -> None:
    world = ran(2, FAN, automation("job", "fan", strategy=strategy, learning=learning), **TAKES)
    assert names(world) == order


def test_a_workflow_may_do_without_learning() -> None:
    flow = workflow("fan", *FAN.steps, learning=False)
    world = ran(2, flow, automation("job", "fan", strategy="efficient"), **TAKES)
    assert names(world) == "abcabc"
    assert world.table("learned") == []


def test_what_was_learned_is_a_row() -> None:
    world = ran(2, FAN, automation("job", "fan"), **TAKES)
    row = next(row for row in world.table("learned") if row["name"] == "fan/c")
    assert columns(row, "kind", "runs", "successes", "duration_mean_s", "duration_p90_s") == (
        "step",
        2,
        2,
        9,
        9,
    )


def test_a_failure_counts_and_its_duration_does_not() -> None:
    flow = workflow("w", step("a", retry=Retry(1)))
    tried = [Goes(1, "failed"), Goes(5)]
    world = ran(1, flow, automation("job", "w"), a=lambda _: tried.pop(0))
    (row,) = world.table("learned")
    assert columns(row, "runs", "successes", "duration_mean_s") == (2, 1, 5)


SLOW = workflow("w", step("a", timeout=100.0, retry=Retry(1)))


def timeouts(learned: float, hangs: Goes, **more: Any) -> list[Any]:
    """A step that took so long ten times hangs, is ended, and hangs again: how long it was waited for."""
    how = [Goes(learned)] * 10 + [hangs, hangs]
    world = ran(11, SLOW, automation("job", "w", **more), a=lambda _: how.pop(0))
    started = world.table("workflow_run")[-1]["started_at"]
    begun = [at - started for at, _ in world.commands() if at >= started]
    return [begun[1], world.step("a")["ended_at"] - started - begun[1]]


def test_a_hanging_step_is_ended_sooner_when_it_may_try_again_and_the_last_try_gets_all() -> None:
    assert timeouts(5.0, Goes(None), strategy="efficient") == [20, 100]


def test_never_less_than_a_tenth_and_never_more_than_what_is_written() -> None:
    assert timeouts(0.1, Goes(None), strategy="efficient") == [10, 100]
    assert timeouts(80.0, Goes(None), strategy="efficient") == [100, 100]


def test_timeouts_as_written_where_that_is_asked_for() -> None:
    assert timeouts(5.0, Goes(None), strategy="reliable") == [100, 100]
    assert timeouts(5.0, Goes(None), learning=False) == [100, 100]


def test_what_became_slower_is_waited_for_again() -> None:
    how = [Goes(5)] * 10 + [Goes(60)] * 100
    world = ran(20, SLOW, automation("job", "w", strategy="efficient"), a=lambda _: how.pop(0))
    attempts = [row["attempt"] for row in world.table("step_run")]
    assert attempts[10] == 2
    assert attempts[-1] == 1
    assert {row["status"] for row in world.table("workflow_run")} == {"succeeded"}
