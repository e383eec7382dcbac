"""Adaptations: every kind of change, what is refused and why, and when a rule is judged (meaning 24)."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from dsl.expressions import Constant
from dsl.work import Adjustment, Reserve, Retry
from tests.engine.programs import both, compare, equals, field
from tests.engine.work.parts import adaptation, automation, do, program, step, workflow
from tests.engine.work.work_world import Goes, WorkWorld
from tests.engine.world import columns

CHAIN = workflow("chain", step("a"), step("b", "a"), step("c", "b"))
BUSY = compare("host.cpu", ">", 0.85)
A_SUCCEEDED = equals("steps.a.status", "succeeded")


def world_of(*parts: Any, **goes: Any) -> WorkWorld:
    return WorkWorld(program(*parts), **goes)


def ran(*parts: Any, **goes: Any) -> WorkWorld:
    """A run of the workflow `chain`, to its end."""
    world = world_of(*parts, **goes)
    world.run(parts[0].head.name)
    return world.at(1000)


def made(world: WorkWorld) -> list[tuple[str, str | None, str]]:
    return [(row["kind"], row["step"], row["outcome"]) for row in world.table("adaptation")]


def names(world: WorkWorld) -> list[str]:
    return [name for _, name in world.commands()]


def refused(world: WorkWorld) -> str:
    (row,) = world.table("adaptation")
    assert row["outcome"] in ("refused", "late")
    assert row["graph_before"] == row["graph_after"]
    assert world.workflow_run()["adaptations"] == 0
    return str(row["reason"])


# --- skip ----------------------------------------------------------------------------------------------------------------

LEAN = adaptation("lean", A_SUCCEEDED, Adjustment("skip", "b", because="it is late"))


def test_skip() -> None:
    flow = workflow("chain", step("a"), step("b", "a", optional=True), step("c", "b"))
    world = ran(flow, LEAN)
    assert world.steps() == {"a": "succeeded", "b": "skipped", "c": "succeeded"}
    (row,) = world.table("adaptation")
    assert columns(row, "rule", "kind", "step", "reason", "outcome", "at") == (
        "lean", "skip", "b", "step b is skipped, because it is late", "applied", 2,
    )  # fmt: skip
    assert json.loads(row["graph_before"]) == {"a": [], "b": ["a"], "c": ["b"]}
    assert json.loads(row["graph_after"]) == {"a": [], "c": ["a"]}
    assert columns(world.workflow_run(), "status", "adaptations") == ("succeeded", 1)
    title = "adaptation lean (a.rules:1) applied: step b is skipped, because it is late"
    assert f"{title} (adaptation {row['id']})" in world.why(row["run_id"])
    assert world.why(row["id"])[0] == f"{title}, in run {row['run_id']} of workflow chain"


def test_only_what_is_optional_is_skipped() -> None:
    assert refused(ran(CHAIN, LEAN)) == "step b is not optional"


def test_too_late_to_skip() -> None:
    flow = workflow("chain", step("a", optional=True), step("b", "a"))
    late = adaptation("late", A_SUCCEEDED, Adjustment("skip", "a"))
    world = ran(flow, late)
    assert made(world) == [("skip", "a", "late")]
    assert refused(world) == "step a is succeeded already"


def test_skip_what_waits_for_its_next_try() -> None:
    flow = workflow("chain", step("a", optional=True, retry=Retry(5, 100.0)), step("b", "a"))
    rule = adaptation("give_up", compare("run.duration", ">", 10.0), Adjustment("skip", "a"))
    world = ran(flow, rule, a=Goes(1, "failed"))
    assert names(world) == ["a", "b"]
    assert world.steps() == {"a": "skipped", "b": "succeeded"}


# --- add -------------------------------------------------------------------------------------------------------------------


def added(**where: Any) -> Any:
    when = where.pop("when", equals("steps.a.status", "running"))
    return adaptation("add", when, Adjustment("add", new=step("new"), **where))


def test_add_between() -> None:
    world = ran(CHAIN, added(after=("a",), before=("b",)))
    assert names(world) == ["a", "new", "b", "c"]
    (row,) = world.table("adaptation")
    assert json.loads(row["graph_after"]) == {"a": [], "b": ["a", "new"], "c": ["b"], "new": ["a"]}
    assert row["step"] == "new"


def test_add_at_the_end() -> None:
    assert names(ran(CHAIN, added())) == ["a", "b", "c", "new"]


def test_add_at_the_beginning_of_what_has_not_begun() -> None:
    world = ran(CHAIN, added(at_beginning=True), a=Goes(5))
    assert world.commands() == [(1, "a"), (1, "new"), (6, "b"), (7, "c")]
    world = ran(CHAIN, added(at_beginning=True), new=Goes(10))
    assert world.commands() == [(1, "a"), (1, "new"), (11, "b"), (12, "c")]


def test_add_without_anything_after_it() -> None:
    assert set(names(ran(CHAIN, added(after=("a",))))) == {"a", "b", "c", "new"}


def test_add_is_refused_where_it_would_make_a_circle() -> None:
    world = ran(CHAIN, added(after=("c",), before=("b",)))
    assert "would be a circle" in refused(world)
    assert names(world) == ["a", "b", "c"]


def test_add_before_what_has_begun_is_too_late() -> None:
    world = ran(CHAIN, added(before=("a",)))
    assert refused(world) == "step a has begun already"


def test_add_what_is_there_already_or_after_what_is_not() -> None:
    twice = adaptation("twice", equals("steps.a.status", "running"), Adjustment("add", new=step("b")))
    assert refused(ran(CHAIN, twice)) == "there is a step b already"
    assert refused(ran(CHAIN, added(after=("x",)))) == "there is no step x"


def test_add_what_could_never_begin() -> None:
    flow, rule = workflow("chain", step("a")), added()
    large = Adjustment("add", new=step("new", reserve=Reserve(cpu=4)))
    rule = replace(rule, then=(large,))
    world = world_of(flow, automation("job", "chain", reserve=Reserve(cpu=1)), rule)
    world.capacity(cpu=8)
    world.run("job")
    assert refused(world) == "it reserves 4 cores, of 1 core in all"


# --- replace, retry ----------------------------------------------------------------------------------------------------------

FAILED = both(equals("step.status", "failed"), equals("step.kind", "exec"))
FALLBACK = Adjustment("replace", new=step("", does=do("fallback", field("step.name"))))


def test_replace_what_has_not_begun() -> None:
    rule = adaptation("other", A_SUCCEEDED, Adjustment("replace", "c", new=step("", does=do("other"))))
    world = ran(CHAIN, rule)
    assert names(world) == ["a", "b", "other"]
    assert world.steps() == {"a": "succeeded", "b": "succeeded", "c": "succeeded"}


def test_replace_what_failed_before_the_run_does() -> None:
    world = ran(CHAIN, adaptation("fallback", FAILED, FALLBACK), b=Goes(1, "failed", "no"))
    assert names(world) == ["a", "b", "fallback", "c"]
    assert world.done[2].arguments["command"] == ["fallback", "b"]
    assert columns(world.step("b"), "status", "attempt") == ("succeeded", 2)
    assert world.workflow_run()["status"] == "succeeded"


def test_once_for_each_step() -> None:
    """A fallback that fails is not replaced again: the run fails."""
    world = ran(
        CHAIN, adaptation("fallback", FAILED, FALLBACK), b=Goes(1, "failed"), fallback=Goes(1, "failed", "no")
    )
    assert names(world) == ["a", "b", "fallback"]
    assert world.workflow_run()["reason"] == "step b failed: no"


def test_retry_what_failed() -> None:
    tried = [Goes(1, "failed", "no"), Goes(1)]
    world = ran(CHAIN, adaptation("again", FAILED, Adjustment("retry")), b=lambda _: tried.pop(0))
    assert names(world) == ["a", "b", "b", "c"]
    assert world.workflow_run()["status"] == "succeeded"


def test_retry_what_did_not_fail_is_too_late() -> None:
    rule = adaptation("again", A_SUCCEEDED, Adjustment("retry", "a"))
    assert refused(ran(CHAIN, rule)) == "step a is succeeded: only what failed is tried again"


def test_skip_what_failed() -> None:
    flow = workflow("chain", step("a", optional=True), step("b", "a"))
    world = ran(flow, adaptation("skip", FAILED, Adjustment("skip")), a=Goes(1, "failed"))
    assert world.steps() == {"a": "skipped", "b": "succeeded"}


# --- set, order --------------------------------------------------------------------------------------------------------------


def setting(what: str, value: Any, of: str = "b", when: Any = A_SUCCEEDED) -> Any:
    return adaptation("set", when, Adjustment("set", of, what=what, value=Constant(value)))


def test_more_time_for_a_running_step() -> None:
    slow = setting("timeout", 200.0, "a", compare("steps.a.duration", ">", 10.0))
    world = ran(CHAIN, slow, a=Goes(150))
    assert world.steps()["a"] == "succeeded"
    assert round(world.table("adaptation")[0]["at"]) == 11


def test_less_time_for_a_running_step_is_too_late() -> None:
    slow = setting("timeout", 20.0, "a", compare("steps.a.duration", ">", 10.0))
    assert refused(ran(CHAIN, slow, a=Goes(30))) == "step a is running: it may only get more time than 60 s"


def test_timeout_and_retries_of_a_later_step() -> None:
    world = ran(CHAIN, setting("timeout", 5.0), b=Goes(None))
    assert world.step("b")["error"] == "not done within 5s"
    world = ran(CHAIN, setting("retry", 2.0), b=Goes(1, "failed"))
    assert names(world) == ["a", "b", "b", "b"]


def test_values_that_make_no_sense_are_refused() -> None:
    assert refused(ran(CHAIN, setting("timeout", -1.0))) == "a timeout of -1 is not between 0.001 and 86400"
    assert refused(ran(CHAIN, setting("timeout", None))) == "the timeout is unknown"
    assert refused(ran(CHAIN, setting("retry", 1e9))) == "a retry of 1e+09 is not between 0 and 100"
    assert (
        refused(ran(CHAIN, setting("priority", "urgent")))
        == "urgent is no priority: low, medium, high, critical"
    )


ONE = Reserve(cpu=1.0)
FAN = workflow(
    "fan", step("a", reserve=ONE), *(step(n, "a", reserve=ONE) for n in "bcd"), step("z", "d", reserve=ONE)
)  # fmt: skip


def fanned(*rules: Any, strategy: str = "reliable") -> list[str]:
    world = world_of(FAN, automation("job", "fan", strategy=strategy), *rules)
    world.capacity(cpu=1)
    world.run("job")
    return names(world.at(100))


def test_order() -> None:
    assert fanned() == ["a", "b", "c", "d", "z"]
    assert fanned(setting("priority", "high", "c")) == ["a", "c", "b", "d", "z"]
    assert fanned(adaptation("o", A_SUCCEEDED, Adjustment("order", by="cost"))) == ["a", "d", "b", "c", "z"]
    assert fanned(
        adaptation("o", A_SUCCEEDED, Adjustment("order", by="topology")), strategy="efficient"
    ) == list("abcdz")


# --- when it is judged ---------------------------------------------------------------------------------------------------------


def test_a_condition_about_the_host_alone_is_watched_before_the_run() -> None:
    flow = workflow("chain", step("a"), step("b", "a", optional=True), step("c", "b"))
    world = world_of(flow, adaptation("lean", BUSY, Adjustment("skip", "b"), of="chain", hold=30))
    world.report("host", "h", cpu=0.9)
    world.at(40).run("chain")
    assert world.steps()["b"] == "skipped"
    world.at(50).report("host", "h", cpu=0.5)
    world.run("chain")
    assert world.steps()["b"] == "waiting"
    world.report("host", "h", cpu=0.9)
    world.at(60)
    assert world.steps()["b"] == "succeeded"


def test_it_holds_while_the_run_is_under_way() -> None:
    flow = workflow("chain", step("a"), step("b", "a", optional=True))
    rule = adaptation("lean", BUSY, Adjustment("skip", "b"), hold=30)
    world = world_of(flow, rule, a=Goes(50))
    world.run("chain")
    world.at(5).report("host", "h", cpu=0.9)
    world.at(40)
    assert columns(world.table("adaptation")[0], "outcome", "at") == ("applied", 35)


def test_a_hold_begins_anew_when_the_condition_was_not_true() -> None:
    slow = both(equals("steps.a.status", "running"), BUSY)
    flow = workflow("chain", step("a"), step("b", "a", optional=True))
    world = world_of(flow, adaptation("lean", slow, Adjustment("skip", "b"), hold=30), a=Goes(100))
    world.run("chain")
    world.report("host", "h", cpu=0.9)
    world.at(20).report("host", "h", cpu=0.1)
    world.at(25).report("host", "h", cpu=0.9)
    world.at(54)
    assert world.table("adaptation") == []
    world.at(60)
    assert columns(world.table("adaptation")[0], "at") == (55,)


def test_other_workflows_are_left_alone() -> None:
    other = workflow("other", step("a"), step("b", "a", optional=True))
    world = ran(other, CHAIN, adaptation("lean", A_SUCCEEDED, Adjustment("skip", "b"), of="chain"))
    assert world.table("adaptation") == []
    assert names(world) == ["a", "b"]


def test_a_change_without_a_step_is_refused() -> None:
    assert refused(ran(CHAIN, adaptation("x", A_SUCCEEDED, Adjustment("skip")))) == (
        "the condition is about no step, and none is named"
    )


def test_a_run_that_is_ending_is_adapted_no_more() -> None:
    rule = adaptation("late", equals("steps.b.status", "succeeded"), Adjustment("add", new=step("new")))
    flow = workflow("two", step("a"), step("b"))
    world = ran(flow, rule, a=Goes(1, "failed"), b=Goes(5))
    assert world.table("adaptation") == []
    assert world.workflow_run()["status"] == "failed"


def test_a_shadow_adapts_nothing() -> None:
    world = ran(CHAIN, adaptation("x", A_SUCCEEDED, Adjustment("skip", "b"), shadow=True))
    assert world.table("adaptation") == []
    assert columns(world.table("shadow_action")[0], "rule", "step", "subject") == ("x", "adapt", "chain")


def test_several_changes_of_one_rule() -> None:
    """One that is refused does not keep the others from being made."""
    rule = adaptation("x", A_SUCCEEDED, Adjustment("skip", "b"), Adjustment("add", new=step("new")))
    world = ran(CHAIN, rule)
    assert made(world) == [("skip", "b", "refused"), ("add", "new", "applied")]
    assert world.workflow_run()["adaptations"] == 1
