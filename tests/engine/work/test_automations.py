"""Automations: when they run, what keeps them from it, what a run does to the next one; every answer is a row with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.parts import Schedule
from dsl.program import Selector
from dsl.work import Reserve
from tests.engine.programs import action, compare, equals, field
from tests.engine.work.parts import (
    automation,
    do,
    every,
    orchestration,
    post,
    program,
    run,
    steer,
    step,
    workflow,
)
from tests.engine.work.work_world import Goes, WorkWorld
from tests.engine.world import columns


def world_of(*parts: Any, **goes: Any) -> WorkWorld:
    return WorkWorld(program(*parts), **goes)


def job(name: str = "job", **more: Any) -> Any:
    return automation(name, None, do(name), **more)


# --- when --------------------------------------------------------------------------------------------------------------


def test_it_runs_when_it_is_due() -> None:
    world = world_of(job(schedule=every(3600, 300)))
    world.at(10_000)
    assert world.commands() == [(300, "job"), (3900, "job"), (7500, "job")]
    assert world.automation_runs("job") == [("schedule", "succeeded")] * 3
    assert columns(world.table("automation")[0], "status", "next_at", "created_at") == ("active", 11_100, 0)


def test_a_year_of_hours_is_a_moment() -> None:
    world = world_of(job(schedule=every(3600)))
    world.at(365 * 86400.0)
    assert len(world.table("automation_run", status="succeeded")) == 8759


def test_what_is_immediate_runs_once() -> None:
    world = world_of(job(schedule=Schedule("immediate")))
    world.at(1000)
    world.load(program(job(schedule=Schedule("immediate")), job("other")))
    world.at(2000)
    assert world.commands() == [(1, "job")]


def test_by_hand() -> None:
    world = world_of(job())
    world.at(10).run("job")
    world.at(20)
    assert world.automation_runs("job") == [("hand", "succeeded")]


def test_a_run_of_a_workflow_is_of_its_automation() -> None:
    w = workflow("w", step("a", does=do("a", field("x"))), parameters=["x"])
    world = world_of(w, automation("job", "w", arguments=[("x", "y")]))
    world.run("job")
    world.at(10)
    row, ran = world.table("automation_run")[0], world.workflow_run()
    assert columns(row, "workflow_run_id", "status", "actions") == (ran["id"], "succeeded", 1)
    assert columns(ran, "automation_run_id", "arguments") == (row["id"], '{"x":"y"}')


def test_a_failed_workflow_is_a_failed_run() -> None:
    world = world_of(workflow("w", step("a")), automation("job", "w"), a=Goes(1, "failed", "no"))
    world.run("job")
    world.at(10)
    assert columns(world.table("automation_run")[0], "status", "reason") == ("failed", "step a failed: no")


def test_nothing_done_is_no_success() -> None:
    nobody = action("restart", Selector("agent", None, equals("agent.status", "down")))
    world = world_of(automation("job", None, nobody))
    world.run("job")
    assert columns(world.table("automation_run")[0], "status", "reason", "actions") == (
        "failed", "nothing was done: there was nobody to do it to", 0,
    )  # fmt: skip


def test_actions_are_done_in_order_and_the_first_that_fails_ends_it() -> None:
    world = world_of(automation("job", None, do("a"), do("b"), do("c")), b=Goes(1, "failed", "exit status 1"))
    world.run("job")
    world.at(10)
    assert world.commands() == [(1, "a"), (2, "b")]
    assert columns(world.table("automation_run")[0], "status", "reason", "actions") == (
        "failed", "exec failed (exit status 1)", 2,
    )  # fmt: skip


# --- guards ------------------------------------------------------------------------------------------------------------


def test_only_if_is_looked_at_when_it_is_due() -> None:
    world = world_of(job(schedule=every(100), only_if=compare("host.cpu", "<", 0.5)))
    world.at(110)
    world.report("host", "h", cpu=0.9)
    world.at(210)
    world.report("host", "h", cpu=0.1)
    world.at(310)
    assert [row["status"] for row in world.table("automation_run")] == ["skipped", "skipped", "succeeded"]
    assert world.table("automation_run")[0]["reason"] == "what it only runs if is not true"


def test_what_comes_after_another_waits_for_its_success() -> None:
    backup = job("backup", schedule=every(100, 50))
    report = job("report", schedule=every(100), after=["backup"])
    world = world_of(backup, report)
    world.at(20)
    world.run("report")
    row = world.table("automation_run", automation="report")[0]
    assert columns(row, "status", "reason") == (
        "queued", "it comes after backup, of which no run succeeded since",
    )  # fmt: skip
    world.at(160)
    assert [c for c in world.commands() if c[0] < 160] == [
        (50, "backup"),
        (51, "report"),
        (150, "backup"),
        (151, "report"),
    ]
    assert [status for _, status in world.automation_runs("report")] == ["succeeded", "succeeded"]


def test_a_failed_one_does_not_count() -> None:
    world = world_of(job("backup"), job("report", after=["backup"]), backup=Goes(1, "failed"))
    world.run("report")
    world.run("backup")
    world.at(100)
    assert world.table("automation_run", automation="report")[0]["status"] == "queued"


# --- overlap -------------------------------------------------------------------------------------------------------------


def overlapping(overlap: str) -> WorkWorld:
    world = world_of(job(schedule=every(100), overlap=overlap), job=Goes(150))
    return world.at(430)


def test_overlap_skip() -> None:
    world = overlapping("skip")
    assert world.commands() == [(100, "job"), (300, "job")]
    first = world.table("automation_run")[0]["id"]
    assert columns(world.table("automation_run")[1], "status", "reason", "due_at", "started_at") == (
        "skipped", f"run {first} is still running", 200, None,
    )  # fmt: skip


def test_overlap_queue() -> None:
    world = overlapping("queue")
    assert world.commands() == [(100, "job"), (250, "job"), (400, "job")]
    assert [row["status"] for row in world.table("automation_run")] == [
        "succeeded",
        "succeeded",
        "running",
        "queued",
    ]


def test_a_queue_has_an_end() -> None:
    world = world_of(job(schedule=every(10), overlap="queue"), job=Goes(None))
    world.at(1000)
    statuses = [row["status"] for row in world.table("automation_run")]
    assert statuses.count("queued") == 16
    assert world.table("automation_run")[-1]["reason"] == "16 runs are queued already"


def test_overlap_replace() -> None:
    world = overlapping("replace")
    assert world.commands() == [(100, "job"), (200, "job"), (300, "job"), (400, "job")]
    rows = world.table("automation_run")
    assert [row["status"] for row in rows] == ["cancelled", "cancelled", "cancelled", "running"]
    assert rows[0]["reason"] == f"run {rows[1]['id']} replaces it"


def test_a_replaced_workflow_is_undone_before_the_next_begins() -> None:
    w = workflow("w", step("a", undo=[do("una")]), step("b", "a", timeout=1000))
    world = world_of(
        w, automation("job", "w", schedule=every(100), overlap="replace"), b=Goes(None), una=Goes(5)
    )
    world.at(210)
    assert world.commands() == [(100, "a"), (101, "b"), (200, "una"), (205, "a"), (206, "b")]


# --- deadline, cancel ------------------------------------------------------------------------------------------------------


def test_a_deadline_ends_it() -> None:
    world = world_of(job(deadline=60), job=Goes(None))
    world.run("job")
    world.at(100)
    assert columns(world.table("automation_run")[0], "status", "reason", "ended_at") == (
        "cancelled", "its deadline of 1m passed", 61,
    )  # fmt: skip


def test_a_deadline_counts_from_the_start_of_the_run() -> None:
    world = world_of(
        job("busy", reserve=Reserve(1)), job(reserve=Reserve(1), deadline=60), busy=Goes(100), job=Goes(50)
    )
    world.capacity(cpu=1)
    world.run("busy")
    world.run("job")
    world.at(500)
    assert world.automation_runs("job") == [("hand", "succeeded")]


@pytest.mark.parametrize("subject", ["its name", "its id"])
def test_cancel_by_hand(subject: str) -> None:
    world = world_of(job(), job=Goes(None))
    world.run("job")
    row = world.table("automation_run")[0]
    world.at(5).command("cancel", "job" if subject == "its name" else row["id"])
    world.at(10)
    assert columns(row, "status", "reason", "ended_at") == ("cancelled", "cancelled by ann", 5)


# --- pause -----------------------------------------------------------------------------------------------------------------


def test_a_pause_stops_starts_and_what_runs_goes_on() -> None:
    """Meaning 22."""
    world = world_of(job(schedule=every(100)), job=Goes(50))
    world.at(110).command("pause", "job")
    world.at(210)
    assert columns(world.table("automation")[0], "status", "paused_by") == ("paused", '["hand"]')
    assert [row["status"] for row in world.table("automation_run")] == ["succeeded", "skipped"]
    world.command("resume", "job")
    world.at(310)
    assert world.commands() == [(100, "job"), (300, "job")]


def test_what_waits_stays_waiting_while_it_is_paused() -> None:
    world = world_of(job("busy", reserve=Reserve(1)), job(reserve=Reserve(1)), busy=Goes(10))
    world.capacity(cpu=1)
    world.run("busy")
    world.run("job")
    world.command("pause", "job")
    world.at(50)
    assert columns(world.table("automation_run", automation="job")[0], "status", "reason") == (
        "queued",
        "it is paused",
    )
    world.command("resume", "job")
    world.at(60)
    assert world.commands() == [(1, "busy"), (50, "job")]


SHED = [
    orchestration(
        name, steer("pause", "automation", where=compare("automation.priority", "==", "low")),
        when=compare(f"host.{name}", ">", 0.9), afterwards=[steer("resume", "automation")],
    )
    for name in ("cpu", "memory")
]  # fmt: skip


def test_pauses_have_holders() -> None:
    """Each rule takes back what it paused itself, and nothing else."""
    world = world_of(job(priority="low"), job("other"), *SHED)
    known = world.engine.work.running.known
    world.report("host", "h", cpu=0.95, memory=0.5)
    assert (known["job"].paused, known["other"].paused) == (True, False)
    world.report("host", "h", memory=0.95)
    world.report("host", "h", cpu=0.5)
    assert known["job"].paused
    assert world.table("automation")[0]["paused_by"] == '["orchestration memory"]'
    world.report("host", "h", memory=0.5)
    assert not known["job"].paused
    assert world.table("action", kind="resume")[-1]["outcome"] == "succeeded"


def test_a_rule_does_not_lift_what_a_person_paused_and_a_person_lifts_all() -> None:
    world = world_of(job(priority="low"), *SHED)
    known = world.engine.work.running.known
    world.command("pause", "job")
    world.report("host", "h", cpu=0.95)
    world.report("host", "h", cpu=0.5)
    assert known["job"].paused
    world.report("host", "h", cpu=0.95)
    world.command("resume", "job")
    assert not known["job"].paused


# --- what rules read and do ----------------------------------------------------------------------------------------------


def test_its_state_is_a_fact() -> None:
    world = world_of(job(priority="high"), job=Goes(10))
    fact = world.engine.memory.get("automation", "job")
    assert fact is not None
    assert fact.values == {
        "name": "job", "type": "task_scheduling", "status": "active", "priority": "high", "paused": False, "running": False,
    }  # fmt: skip
    world.run("job")
    assert fact.values["running"] is True
    world.at(20)
    assert fact.values["running"] is False


def test_a_rule_runs_an_automation_and_another_rule_cancels_it() -> None:
    start = orchestration("start", run("job"), when=equals("host.busy", False))
    stop = orchestration("stop", steer("cancel", "automation", "job"), when=equals("host.busy", True))
    world = world_of(job(), start, stop, job=Goes(None))
    world.report("host", "h", busy=False)
    world.at(5).report("host", "h", busy=True)
    world.at(10)
    assert world.automation_runs("job") == [("rule start", "cancelled")]
    assert [row["detail"] for row in world.table("action") if row["kind"] in ("run", "cancel")] == [
        f"run {world.table('automation_run', automation='job')[0]['id']}", "1 run",
    ]  # fmt: skip


def test_an_automation_may_ask_several_agents() -> None:
    ask = post(field("agent.url"), Selector("agent", None, equals("agent.status", "up")))
    world = world_of(automation("job", None, ask), x=Goes(1, reply={"status": 200, "body": 1.0}))
    for name in ("x", "y"):
        world.report("agent", name, status="up", url=f"http://{name}")
    world.run("job")
    world.at(10)
    assert world.commands() == [(1, "x"), (1, "y")]
    answers = {key: fact.values["ok"] for key, fact in world.engine.memory.types["answer"].items()}
    assert answers == {"job/x": True, "job/y": True}


# --- reload ----------------------------------------------------------------------------------------------------------------


def test_a_reload_keeps_its_row_and_its_due_time() -> None:
    world = world_of(job(schedule=every(100)))
    world.at(150)
    row = world.table("automation")[0]["id"]
    world.load(program(job(schedule=every(100), priority="high")))
    world.at(250)
    assert [(row["id"], row["priority"]) for row in world.table("automation")] == [(row, "high")]
    assert [begun for begun, _ in world.commands()] == [100, 200]


def test_what_is_gone_runs_to_its_end_and_no_more() -> None:
    world = world_of(job(schedule=every(100), overlap="queue"), job=Goes(150))
    world.at(210)
    world.load(program())
    world.at(1000)
    assert [row["status"] for row in world.table("automation_run")] == ["succeeded", "cancelled"]
    assert world.table("automation")[0]["status"] == "off"
    assert world.engine.memory.get("automation", "job") is None


def test_a_shadow_only_says_what_it_would_do() -> None:
    world = world_of(job(schedule=every(100), shadow=True))
    world.at(110)
    assert world.done == []
    assert columns(world.table("shadow_action")[0], "rule", "step", "at") == ("job", "run", 100)
