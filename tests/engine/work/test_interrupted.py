"""After a crash: what was under way is interrupted with its reason, nothing runs twice for it, due times go on."""

from __future__ import annotations

import json
from typing import Any

from dsl.parts import Schedule
from dsl.program import Limit
from tests.engine.programs import compare, field
from tests.engine.work.parts import (
    automation,
    do,
    every,
    maintenance,
    orchestration,
    program,
    steer,
    step,
    workflow,
)
from tests.engine.work.work_world import Goes, WorkWorld
from tests.engine.world import columns

ENDED = "volexd ended while it was under way"


def test_a_run_under_way_is_interrupted_and_not_repeated() -> None:
    rules = program(workflow("w", step("a"), step("b", "a"), step("c", "b")), automation("job", "w"))
    world = WorkWorld(rules, b=Goes(None))
    world.run("job")
    world.at(10)
    world = world.crashed(rules)
    world.at(1000)
    assert world.steps() == {"a": "succeeded", "b": "interrupted", "c": "cancelled"}
    assert columns(world.workflow_run(), "status", "reason", "ended_at") == ("interrupted", ENDED, 20)
    assert columns(world.table("automation_run")[0], "status", "reason") == ("interrupted", ENDED)
    assert world.table("action")[1]["outcome"] == "interrupted"
    assert world.done == []


def test_what_was_done_is_undone_and_so_is_what_may_have_been() -> None:
    """Meaning 25; outputs of the former life are known."""
    steps = [
        step("a", undo=[do("una", field("steps.a.output.id"))]),
        step("b", "a", undo=[do("unb")]),
        step("c", "b", undo=[do("unc")]),
    ]
    rules = program(workflow("w", *steps))
    world = WorkWorld(rules, a=Goes(reply={"body": {"id": "17"}}), b=Goes(None))
    world.run("w")
    world.at(10)
    world = world.crashed(rules)
    world.at(100)
    assert [done.arguments["command"] for done in world.done] == [["unb"], ["una", "17"]]
    assert world.steps() == {"a": "undone", "b": "undone", "c": "cancelled"}
    assert columns(world.workflow_run(), "status", "ended_at") == ("interrupted", 22)


def test_a_run_whose_workflow_is_gone_is_closed() -> None:
    world = WorkWorld(program(workflow("w", step("a"))), a=Goes(None))
    world.run("w")
    world = world.crashed(program())
    assert columns(world.workflow_run(), "status", "reason") == ("interrupted", ENDED)
    assert world.steps() == {"a": "interrupted"}


def test_due_times_go_on_and_what_was_missed_is_recorded() -> None:
    rules = program(automation("job", None, do("job"), schedule=every(100)))
    world = WorkWorld(rules)
    world.at(150)
    row = world.table("automation")[0]["id"]
    world = world.crashed(rules, after=230)
    world.at(450)
    assert [row["id"] for row in world.table("automation")] == [row]
    runs = [columns(row, "cause", "status", "reason", "due_at") for row in world.table("automation_run")]
    assert runs[1:] == [
        ("schedule", "skipped", "missed 2 times while volexd was down", 200),
        ("schedule", "succeeded", "it was due at 1970-01-01T00:06:40Z", 400),
    ]


def test_what_was_missed_may_be_caught_up_once() -> None:
    rules = program(automation("job", None, do("job"), schedule=every(100, catch_up=True)))
    world = WorkWorld(rules)
    world.at(150)
    world = world.crashed(rules, after=1000)
    world.at(1190)
    assert world.automation_runs("job") == [("schedule", "succeeded"), ("catch-up", "succeeded")]
    assert world.commands() == [(1150, "job")]


def test_what_is_immediate_does_not_run_again() -> None:
    rules = program(automation("job", None, do("job"), schedule=Schedule("immediate")))
    world = WorkWorld(rules)
    world.at(100)
    assert world.commands() == [(1, "job")]
    world = world.crashed(rules)
    assert world.at(1000).commands() == []


def test_what_a_person_paused_stays_paused() -> None:
    shed = orchestration("shed", steer("pause", "automation", "two"), when=compare("host.cpu", ">", 0.9))
    rules = program(automation("one", None, do("one")), automation("two", None, do("two")), shed)
    world = WorkWorld(rules)
    world.command("pause", "one")
    world.report("host", "h", cpu=0.95)
    world = world.crashed(rules)
    assert {row["name"]: row["status"] for row in world.table("automation")} == {
        "one": "paused",
        "two": "active",
    }
    world.run("one")
    assert world.automation_runs("one") == [("hand", "skipped")]


def test_what_comes_after_another_still_knows_when_that_succeeded() -> None:
    rules = program(
        automation("first", None, do("first")), automation("second", None, do("second"), after=["first"])
    )
    world = WorkWorld(rules)
    world.run("first")
    world.at(10)
    world = world.crashed(rules)
    world.run("second")
    assert world.automation_runs("second") == [("hand", "running")]


def test_what_was_learned_is_known() -> None:
    rules = program(workflow("w", step("a")))
    world = WorkWorld(rules, a=Goes(7))
    for _ in range(3):
        world.run("w")
        world.at(world.now + 10)
    row = dict(world.table("learned")[0])
    world = world.crashed(rules)
    assert world.engine.work.learned.cost("w/a") == 7
    world.run("w")
    world.at(world.now + 10)
    assert columns(world.table("learned")[0], "id", "runs", "duration_p90_s") == (row["id"], 4, 7)


def test_limits_over_all_stay_spent() -> None:
    rule = orchestration("rule", do("x"), when=compare("host.cpu", ">", 0.9), limits=[Limit(1, 3600.0, None)])
    world = WorkWorld(program(rule))
    world.report("host", "h", cpu=0.95)
    world.at(10)
    world = world.crashed(program(rule))
    world.report("host", "h", cpu=0.95)
    assert world.automation_runs("rule") == [("rule", "succeeded"), ("rule", "skipped")]


def test_a_window_goes_on() -> None:
    rules = program(maintenance("nightly", every(10_000, 1000), 600, None, do("vacuum")))
    world = WorkWorld(rules)
    world.at(1100)
    world = world.crashed(rules)
    world.at(2000)
    assert [columns(row, "started_at", "outcome") for row in world.table("maintenance_run")] == [
        (1000, "interrupted"), (1000, "succeeded"),
    ]  # fmt: skip
    assert world.commands() == []


def test_rows_of_workflows_keep_their_ids() -> None:
    rules = program(workflow("w", step("a")))
    world = WorkWorld(rules)
    before = world.table("workflow")
    world = world.crashed(rules)
    world.at(world.now + 10)
    assert world.table("workflow") == before
    world.load(program(workflow("w", step("a"), step("b"))))
    assert [columns(row, "id", "steps") for row in world.table("workflow")] == [(before[0]["id"], 2)]


def rows_of(world: WorkWorld) -> Any:
    return json.dumps(world.rows, default=str)


def test_twice_crashed_is_closed_once() -> None:
    rules = program(workflow("w", step("a")), automation("job", "w"))
    world = WorkWorld(rules, a=Goes(None))
    world.run("job")
    world = world.crashed(rules)
    closed = dict(world.workflow_run())
    world = world.crashed(rules)
    assert world.workflow_run() == closed
