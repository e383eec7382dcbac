"""One run of a workflow: order, outputs, time limits, further tries, what may fail, and what is taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dsl.expressions import Aggregate, And, Compare, Constant, Field, Members
from dsl.program import Binding
from dsl.work import Reserve, Retry
from engine.effects import Do
from tests.engine.programs import compare, equals, field
from tests.engine.work.parts import do, post, program, step, workflow
from tests.engine.work.work_world import Goes, WorkWorld
from tests.engine.world import columns

DIAMOND = workflow("diamond", step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c"))


def world_of(*parts: Any, **goes: Any) -> WorkWorld:
    return WorkWorld(program(*parts), **goes)


def after(*answers: Goes) -> Any:
    """One answer after the other; the last one for good."""
    left = list(answers)

    def how(_: Do) -> Goes:
        return left.pop(0) if len(left) > 1 else left[0]

    return how


# --- order -------------------------------------------------------------------------------------------------------------


def test_what_does_not_wait_for_each_other_runs_at_the_same_time() -> None:
    world = world_of(DIAMOND, b=Goes(5), c=Goes(2))
    world.run("diamond")
    world.at(100)
    assert world.commands() == [(1, "a"), (2, "b"), (2, "c"), (7, "d")]
    assert columns(world.workflow_run(), "status", "started_at", "ended_at", "critical_path_s") == (
        "succeeded", 1, 8, 7,
    )  # fmt: skip


def test_every_step_is_a_row() -> None:
    world = world_of(DIAMOND)
    world.run("diamond")
    assert world.steps() == {"a": "running", "b": "waiting", "c": "waiting", "d": "waiting"}
    world.at(100)
    row = world.step("d")
    assert columns(row, "kind", "status", "attempt", "started_at", "ended_at", "duration_s", "error") == (
        "exec", "succeeded", 1, 3, 4, 1, None,
    )  # fmt: skip
    assert world.table("action", id=row["action_id"])[0]["outcome"] == "succeeded"


def test_intents_are_recorded_and_explained() -> None:
    world = world_of(workflow("w", step("a")))
    world.run("w")
    world.at(10)
    assert world.table("action")[0]["reason"] == "step a of workflow w"
    action = world.table("action")[0]["id"]
    assert world.why(world.workflow_run()["id"]) == [
        "workflow w (a.rules:1) runs: asked for by ann",
        "step a begins",
        f"action {action}: exec",
        "step a succeeded after 1s",
        "workflow w succeeded after 1s",
    ]


def test_a_workflow_without_steps_to_run_ends_at_once() -> None:
    world = world_of(workflow("w"))
    world.run("w")
    assert world.workflow_run()["status"] == "succeeded"


# --- outputs -------------------------------------------------------------------------------------------------------------


def test_outputs_are_handed_on() -> None:
    told = step(
        "b", "a", does=do("b", field("steps.a.output.price"), field("steps.a.status"), field("run.workflow"))
    )
    world = world_of(
        workflow("w", step("a"), told), a=Goes(reply={"status": 0, "output": "x", "body": {"price": 7.5}})
    )
    world.run("w")
    world.at(10)
    assert world.done[1].arguments["command"] == ["b", "7.5", "succeeded", "w"]
    assert json.loads(world.step("a")["output"]) == {"price": 7.5}


def test_text_is_an_output_where_there_is_no_json() -> None:
    world = world_of(workflow("w", step("a")), a=Goes(reply={"status": 0, "output": "done\n", "body": None}))
    world.run("w")
    world.at(10)
    assert world.step("a")["output"] == '"done"'


def test_arguments_are_bound() -> None:
    world = world_of(workflow("w", step("a", does=do("a", field("symbols"))), parameters=["symbols"]))
    world.run("w", symbols=["BTC", "ETH"])
    assert world.done[0].arguments["command"] == ["a", "BTC", "ETH"]
    assert world.workflow_run()["arguments"] == '{"symbols":["BTC","ETH"]}'


def test_a_run_without_its_arguments_does_not_begin() -> None:
    world = world_of(workflow("w", step("a"), parameters=["symbols"]))
    world.run("w")
    assert columns(world.workflow_run(), "status", "reason") == (
        "failed", "workflow w needs symbols, which is not known",
    )  # fmt: skip
    assert world.done == []


def test_an_unknown_value_never_reaches_a_command() -> None:
    world = world_of(workflow("w", step("a"), step("b", "a", does=do("b", field("steps.a.output.price")))))
    world.run("w")
    world.at(10)
    assert world.step("b")["error"] == "exec: steps.a.output.price is unknown, so its command is not sure"
    assert world.workflow_run()["status"] == "failed"


def test_a_long_output_is_cut_off_in_its_row() -> None:
    world = world_of(workflow("w", step("a")), a=Goes(reply={"output": "x" * 100_000}))
    world.run("w")
    world.at(10)
    assert len(world.step("a")["output"]) < 20_000
    assert json.loads(world.step("a")["output"]).endswith("…")


# --- success and failure ---------------------------------------------------------------------------------------------------


def test_a_failed_step_fails_the_run_and_nothing_more_begins() -> None:
    world = world_of(DIAMOND, b=Goes(1, "failed", "exit status 3"), c=Goes(5))
    world.run("diamond")
    world.at(100)
    assert world.steps() == {"a": "succeeded", "b": "failed", "c": "succeeded", "d": "cancelled"}
    assert columns(world.workflow_run(), "status", "reason", "ended_at") == (
        "failed", "step b failed: exit status 3", 7,
    )  # fmt: skip


def test_an_optional_step_may_fail() -> None:
    world = world_of(workflow("w", step("a", optional=True), step("b", "a")), a=Goes(1, "failed"))
    world.run("w")
    world.at(10)
    assert world.steps() == {"a": "failed", "b": "succeeded"}
    assert world.workflow_run()["status"] == "succeeded"


def test_pass_says_what_a_success_is() -> None:
    accepted = step("a", passes=compare("answer.status", "==", 404.0))
    world = world_of(workflow("w", accepted), a=Goes(1, "failed", "HTTP 404", {"status": 404, "body": None}))
    world.run("w")
    world.at(10)
    assert world.step("a")["status"] == "succeeded"


def test_what_does_not_pass_failed() -> None:
    checked = step("a", passes=equals("answer.body.ok", True))
    for reply in ({"status": 200, "body": {"ok": False}}, {"status": 200, "body": None}, None):
        world = world_of(workflow("w", checked), a=Goes(reply=reply))
        world.run("w")
        world.at(10)
        assert world.step("a")["status"] == "failed"


# --- time and further tries ----------------------------------------------------------------------------------------------


def test_a_step_that_takes_too_long_is_ended() -> None:
    world = world_of(workflow("w", step("a", timeout=30)), a=Goes(None))
    world.run("w")
    world.at(100)
    assert world.cancelled == [world.step("a")["action_id"]]
    assert columns(world.step("a"), "status", "ended_at", "error") == ("failed", 31, "not done within 30s")


def test_retries_wait_longer_each_time() -> None:
    world = world_of(workflow("w", step("a", retry=Retry(4, 2.0, 5.0))), a=Goes(1, "failed", "no"))
    world.run("w")
    world.at(100)
    assert [begun for begun, _ in world.commands()] == [1, 4, 9, 15, 21]
    assert columns(world.step("a"), "status", "attempt", "duration_s") == ("failed", 5, 21)


def test_a_retry_may_succeed() -> None:
    world = world_of(
        workflow("w", step("a", retry=Retry(3, 2.0)), step("b", "a")),
        a=after(Goes(1, "failed", "no"), Goes(1, "failed", "no"), Goes(1)),
    )
    world.run("w")
    world.at(100)
    assert world.commands() == [(1, "a"), (4, "a"), (7, "a"), (8, "b")]
    assert columns(world.step("a"), "status", "attempt", "error") == ("succeeded", 3, None)


def test_a_pause_holds_no_resources() -> None:
    one = Reserve(cpu=1.0)
    world = world_of(
        workflow("w", step("a", retry=Retry(1, 10.0), reserve=one), step("b", reserve=one)),
        a=after(Goes(1, "failed"), Goes(1)),
    )
    world.capacity(cpu=1)
    world.run("w")
    world.at(100)
    assert world.commands() == [(1, "a"), (2, "b"), (12, "a")]


# --- for each --------------------------------------------------------------------------------------------------------------

UP = equals("agent.status", "up")
ASK = step("vote", does=post(field("agent.url")), each=Binding("agent", "agent", UP))


def agents(world: WorkWorld) -> WorkWorld:
    for name, status in (("x", "up"), ("y", "up"), ("z", "down")):
        world.report("agent", name, status=status, url=f"http://{name}")
    return world


def test_a_step_for_each_asks_all_at_the_same_time() -> None:
    world = agents(
        world_of(workflow("w", ASK), x=Goes(1, reply={"status": 200, "body": {"ok": True}}), y=Goes(3))
    )
    world.run("w")
    world.at(100)
    assert world.commands() == [(1, "x"), (1, "y")]
    assert columns(world.step("vote"), "status", "duration_s") == ("succeeded", 3)
    assert [answer["agent"] for answer in json.loads(world.step("vote")["output"])] == ["x", "y"]


def test_answers_are_facts() -> None:
    world = agents(world_of(workflow("w", ASK), x=Goes(1, reply={"status": 200, "body": {"ok": True}})))
    world.run("w")
    world.at(100)
    fact = world.engine.memory.get("answer", "w/x")
    assert fact is not None
    assert fact.values == {"rule": "w", "agent": "x", "ok": True, "status": 200, "body": {"ok": True}}


def test_one_bad_answer_fails_the_step() -> None:
    world = agents(world_of(workflow("w", ASK), y=Goes(1, "failed", "connection refused")))
    world.run("w")
    world.at(100)
    assert columns(world.step("vote"), "status", "error") == ("failed", "y: connection refused")


def test_passing_may_be_decided_over_all_answers() -> None:
    first = Compare("==", Field("answers", (0, "body", "ok")), Constant(True))
    some = step("vote", does=post(field("agent.url")), each=Binding("agent", "agent", UP), passes=first)
    world = agents(
        world_of(workflow("w", some), x=Goes(1, reply={"body": {"ok": True}}), y=Goes(1, "failed"))
    )
    world.run("w")
    world.at(100)
    assert world.step("vote")["status"] == "succeeded"


@pytest.mark.parametrize(("least", "status"), [(2.0, "succeeded"), (3.0, "failed")])
def test_passing_may_be_decided_by_how_many_answered_so(least: float, status: str) -> None:
    good = Compare("==", Field("answers", ("body", "ok")), Constant(True))
    enough = Compare(">=", Aggregate("count", Members("answers", "answers", good)), Constant(least))
    everybody = Compare("==", Aggregate("count", Members("answers", "answers")), Constant(3.0))
    some = step(
        "vote", does=post(field("agent.url")), each=Binding("agent", "agent"), passes=And((enough, everybody))
    )
    yes, no = Goes(1, reply={"body": {"ok": True}}), Goes(1, reply={"body": {"ok": False}})
    world = agents(world_of(workflow("w", some), x=yes, y=no, z=yes))
    world.run("w")
    world.at(100)
    assert world.step("vote")["status"] == status


def test_nobody_to_ask_is_no_success() -> None:
    world = world_of(workflow("w", ASK))
    world.run("w")
    assert columns(world.step("vote"), "status", "error") == ("failed", "there was nobody to do it for")


# --- taking back -----------------------------------------------------------------------------------------------------------


def undoable(name: str, *earlier: str, **more: Any) -> Any:
    return step(name, *earlier, undo=[do(f"un{name}")], **more)


def test_what_was_done_is_undone_in_reverse() -> None:
    steps = [undoable("a"), undoable("b", "a"), undoable("c", "a"), step("d", "b", "c")]
    world = world_of(workflow("w", *steps), b=Goes(5), d=Goes(1, "failed", "no"))
    world.run("w")
    world.at(100)
    assert [name for _, name in world.commands()] == ["a", "b", "c", "d", "unb", "unc", "una"]
    assert world.steps() == {"a": "undone", "b": "undone", "c": "undone", "d": "failed"}
    assert columns(world.workflow_run(), "status", "ended_at") == ("failed", 11)


def test_what_failed_is_not_undone_and_what_may_have_happened_is() -> None:
    """Meaning 25."""
    world = world_of(workflow("w", undoable("a")), a=Goes(1, "failed"))
    world.run("w")
    world.at(100)
    assert [name for _, name in world.commands()] == ["a"]
    world = world_of(workflow("w", undoable("a", timeout=5)), a=Goes(None))
    world.run("w")
    world.at(100)
    assert [name for _, name in world.commands()] == ["a", "una"]


def test_undoing_goes_on_when_one_fails() -> None:
    world = world_of(
        workflow("w", undoable("a"), undoable("b", "a"), step("c", "b")),
        c=Goes(1, "failed", "no"), unb=Goes(1, "failed", "gone"),
    )  # fmt: skip
    world.run("w")
    world.at(100)
    assert world.steps() == {"a": "undone", "b": "succeeded", "c": "failed"}
    assert world.step("b")["error"] == "undoing it failed: exec failed (gone)"


def test_a_cancelled_run_ends_what_runs_and_undoes_what_was_done() -> None:
    world = world_of(workflow("w", undoable("a"), undoable("b", "a"), step("c", "b")), b=Goes(None))
    world.run("w")
    world.at(10)
    world.command("cancel", world.workflow_run()["id"])
    world.at(100)
    assert [name for _, name in world.commands()] == ["a", "b", "unb", "una"]
    assert world.steps() == {"a": "undone", "b": "undone", "c": "cancelled"}
    assert columns(world.workflow_run(), "status", "reason") == ("cancelled", "cancelled by ann")


def test_the_same_events_give_the_same_effects() -> None:
    def once() -> list[Any]:
        world = world_of(DIAMOND, b=Goes(5, "failed"), c=Goes(2))
        world.capacity(cpu=2)
        world.run("diamond")
        world.at(50)
        world.run("diamond")
        return world.at(100).effects

    assert once() == once()
