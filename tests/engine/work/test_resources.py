"""Budgets of cores, memory and slots: who waits is told why, and nobody who waits is overtaken on what he waits for."""

from __future__ import annotations

from typing import Any

from dsl.work import Reserve
from tests.engine.work.parts import automation, do, program, step, workflow
from tests.engine.work.work_world import Goes, WorkWorld
from tests.engine.world import columns


def world_of(*parts: Any, **goes: Any) -> WorkWorld:
    return WorkWorld(program(*parts), **goes)


def cores(count: float) -> Reserve:
    return Reserve(cpu=count)


def job(name: str, reserve: Reserve, **more: Any) -> Any:
    return automation(name, None, do(name), reserve=reserve, **more)


def test_what_does_not_fit_waits_and_says_why() -> None:
    world = world_of(job("one", cores(3)), job("two", cores(2)), one=Goes(10))
    world.capacity(cpu=4)
    world.run("one")
    world.run("two")
    row = world.table("automation_run", automation="two")[0]
    assert columns(row, "status", "reason") == ("waiting", "1 core of 4 cores free, 2 cores needed")
    world.at(100)
    assert world.commands() == [(1, "one"), (11, "two")]
    assert row["status"] == "succeeded"


def test_the_more_urgent_first_then_the_older() -> None:
    first, second, urgent = (
        job(n, cores(1), priority=p) for n, p in (("a", "low"), ("b", "low"), ("c", "high"))
    )
    world = world_of(job("busy", cores(1)), first, second, urgent, busy=Goes(10))
    world.capacity(cpu=1)
    for name in ("busy", "a", "b", "c"):
        world.run(name)
    world.at(100)
    assert world.commands() == [(1, "busy"), (11, "c"), (12, "a"), (13, "b")]


def test_what_is_large_does_not_starve() -> None:
    """Small ones that came later do not take what it waits for; what needs none of that goes on."""
    world = world_of(
        job("busy", cores(1)), job("large", cores(2)), job("small", cores(1)), job("other", Reserve(memory=1.0)),
        busy=Goes(10), large=Goes(10),
    )  # fmt: skip
    world.capacity(cpu=2)
    for name in ("busy", "large", "small", "other"):
        world.run(name)
    world.at(100)
    assert world.commands() == [(1, "busy"), (1, "other"), (11, "large"), (21, "small")]


def test_a_slot_is_one_unless_said_otherwise() -> None:
    slot = Reserve(slots=(("gpu", 1),))
    for count, begun in ((None, [1, 2]), (2, [1, 1])):
        world = world_of(job("a", slot), job("b", slot))
        world.capacity(**({} if count is None else {"gpu": count}))
        world.run("a")
        world.run("b")
        world.at(100)
        assert [at for at, _ in world.commands()] == begun


def test_without_a_known_capacity_there_is_no_end_of_cores() -> None:
    world = world_of(job("a", cores(100)), job("b", cores(100)))
    world.run("a")
    world.run("b")
    assert len(world.done) == 2


def test_what_could_never_be_had_fails_at_once() -> None:
    world = world_of(job("a", Reserve(memory=2.0**34)))
    world.capacity(memory=2.0**32)
    world.run("a")
    assert columns(world.table("automation_run")[0], "status", "reason") == (
        "failed", "it reserves 16GiB, of 4GiB in all",
    )  # fmt: skip


def test_a_step_that_could_never_begin_fails() -> None:
    world = world_of(workflow("w", step("a", reserve=cores(8))))
    world.capacity(cpu=2)
    world.run("w")
    assert columns(world.step("a"), "status", "error") == (
        "failed",
        "it reserves 8 cores, of 2 cores in all",
    )


def test_capacity_that_grows_lets_begin_who_waits() -> None:
    world = world_of(job("a", cores(2)), job("b", cores(2)), a=Goes(None))
    world.capacity(cpu=2)
    world.run("a")
    world.run("b")
    assert len(world.done) == 1
    world.capacity(cpu=4)
    assert len(world.done) == 2


def test_steps_of_an_automation_share_what_it_holds() -> None:
    """Its run takes at once what its largest step needs: no step waits for others while the run holds something."""
    wide = workflow("wide", *(step(name, reserve=cores(1)) for name in "abcd"))
    world = world_of(wide, automation("auto", "wide", reserve=cores(2)), job("other", cores(2)))
    world.capacity(cpu=4)
    world.run("auto")
    world.run("other")
    world.at(100)
    assert world.commands() == [(1, "a"), (1, "b"), (1, "other"), (2, "c"), (2, "d")]


def test_two_runs_that_hold_something_do_not_wait_for_each_other() -> None:
    left = Reserve(slots=(("left", 1),))
    right = Reserve(slots=(("right", 1),))
    world = world_of(
        workflow("wants_right", step("a", reserve=right)), workflow("wants_left", step("b", reserve=left)),
        automation("one", "wants_right", reserve=left), automation("two", "wants_left", reserve=right),
    )  # fmt: skip
    world.run("one")
    world.run("two")
    world.at(100)
    assert {row["status"] for row in world.table("automation_run")} == {"succeeded"}
    assert world.commands() == [(1, "a"), (2, "b")]


def test_the_wait_of_a_step_is_explained() -> None:
    world = world_of(workflow("w", step("a", reserve=cores(1)), step("b", reserve=cores(1))))
    world.capacity(cpu=1)
    world.run("w")
    lines = world.why(world.workflow_run()["id"])
    assert "step b waits: 0 cores of 1 core free, 1 core needed" in lines
