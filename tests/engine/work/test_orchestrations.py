"""Orchestrations: states with an end, moments, guards and limits, and what is kept only if it helped."""

from __future__ import annotations

import json
from typing import Any

from dsl.parts import Moment
from dsl.program import Binding, Limit, Selector
from dsl.work import Measure
from tests.engine.programs import (
    DOWN,
    agent,
    compare,
    detection,
    equals,
    execute,
    field,
    notify,
    recovery,
    restart,
)
from tests.engine.programs import step as attempt
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

BUSY = compare("host.cpu", ">", 0.9)
EACH = Binding("agent", "agent")


def world_of(*parts: Any, **goes: Any) -> WorkWorld:
    return WorkWorld(program(*parts), **goes)


def rows(world: WorkWorld, name: str = "rule") -> list[Any]:
    return [
        columns(row, "cause", "status", "actions") for row in world.table("automation_run", automation=name)
    ]


def names(world: WorkWorld) -> list[str]:
    return [name for _, name in world.commands()]


# --- states ------------------------------------------------------------------------------------------------------------


def test_a_state_has_a_beginning_and_an_end() -> None:
    world = world_of(orchestration("rule", do("shed"), when=BUSY, hold=60, afterwards=[do("restore")]))
    world.report("host", "h", cpu=0.95)
    world.at(100).report("host", "h", cpu=0.95)
    world.at(200).report("host", "h", cpu=0.5)
    world.at(300)
    assert world.commands() == [(61, "shed"), (200, "restore")]
    assert rows(world) == [("rule", "succeeded", 2)]
    (row,) = world.table("automation_run")
    assert columns(row, "type", "priority", "started_at", "ended_at") == (
        "workflow_management",
        "medium",
        61,
        62,
    )


def test_each_subject_by_itself() -> None:
    rule = orchestration(
        "rule",
        do("help", field("agent.name")),
        when=DOWN,
        each=EACH,
        afterwards=[do("done", field("agent.name"))],
    )
    world = world_of(rule)
    world.status("x", "down")
    world.status("y", "down")
    world.at(10).status("y", "up")
    world.at(20)
    assert [done.arguments["command"] for done in world.done] == [["help", "x"], ["help", "y"], ["done", "y"]]


def test_what_is_under_way_is_finished_before_it_is_taken_back() -> None:
    world = world_of(orchestration("rule", do("shed"), when=BUSY, afterwards=[do("restore")]), shed=Goes(50))
    world.report("host", "h", cpu=0.95)
    world.at(10).report("host", "h", cpu=0.5)
    world.at(100)
    assert world.commands() == [(1, "shed"), (51, "restore")]


def test_what_was_never_begun_is_not_taken_back() -> None:
    rule = orchestration(
        "rule", do("shed"), when=BUSY, only_if=equals("host.wanted", True), afterwards=[do("restore")]
    )
    world = world_of(rule)
    world.report("host", "h", cpu=0.95)
    world.at(10).report("host", "h", cpu=0.5)
    world.at(20)
    assert names(world) == []
    assert rows(world) == [("rule", "skipped", 0)]


def test_unless_ends_a_state() -> None:
    rule = orchestration(
        "rule", do("shed"), when=BUSY, unless=equals("host.quiet", True), afterwards=[do("restore")]
    )
    world = world_of(rule)
    world.report("host", "h", cpu=0.95)
    world.at(10).report("host", "h", quiet=True)
    assert names(world.at(20)) == ["shed", "restore"]


def test_an_unknown_value_ends_nothing() -> None:
    """Meaning 3."""
    world = world_of(orchestration("rule", do("shed"), when=BUSY, afterwards=[do("restore")]))
    world.report("host", "h", cpu=0.95, fresh_for=10)
    assert names(world.at(100)) == ["shed"]


def test_a_rule_that_is_gone_takes_back_what_it_did() -> None:
    world = world_of(orchestration("rule", do("shed"), when=BUSY, afterwards=[do("restore")]))
    world.report("host", "h", cpu=0.95)
    world.at(10).load(program())
    assert names(world.at(20)) == ["shed", "restore"]


def test_a_reload_does_nothing_twice() -> None:
    rule = orchestration("rule", do("shed"), when=BUSY, afterwards=[do("restore")])
    world = world_of(rule)
    world.report("host", "h", cpu=0.95)
    world.at(10).load(program(rule, orchestration("other", do("x"), when=equals("host.never", True))))
    assert names(world.at(20)) == ["shed"]


def test_actions_in_order_and_the_first_failure_ends_it() -> None:
    world = world_of(
        orchestration("rule", do("a"), do("b"), do("c"), when=BUSY), b=Goes(1, "failed", "exit status 1")
    )
    world.report("host", "h", cpu=0.95)
    world.at(20)
    assert names(world) == ["a", "b"]
    assert world.table("automation_run")[0]["reason"] == "exec failed (exit status 1)"


# --- moments -----------------------------------------------------------------------------------------------------------


def test_a_fault_is_a_moment() -> None:
    rule = orchestration(
        "rule", do("look", field("agent.name"), field("fault.name")), on=Moment("fault", ("agent_down",))
    )
    world = world_of(
        agent("x"), detection("agent_down", DOWN), detection("other", equals("agent.slow", True)), rule
    )
    world.status("x", "down", slow=True)
    assert [done.arguments["command"] for done in world.done] == [["look", "x", "agent_down"]]
    assert rows(world) == [("rule", "running", 0)]


def test_any_fault_of_a_kind() -> None:
    moment = Moment("fault", where=equals("fault.severity", "critical"))
    world = world_of(
        detection("grave", DOWN),
        detection("slight", DOWN, severity="info"),
        orchestration("rule", do("look"), on=moment),
    )
    world.status("x", "down")
    assert names(world) == ["look"]


def test_an_old_fault_is_no_moment_for_a_new_rule() -> None:
    down = detection("agent_down", DOWN)
    world = world_of(down)
    world.status("x", "down")
    world.at(10).load(program(down, orchestration("rule", do("look"), on=Moment("fault", ("agent_down",)))))
    assert names(world.at(20)) == []


def test_a_recovery_that_gives_up_is_a_moment() -> None:
    plan = recovery(
        "revive", "agent_down", attempt("again", execute("again"), within=10), otherwise=[notify("oncall")]
    )
    rule = orchestration("rule", do("escalate", field("recovery.name")), on=Moment("exhausted", ("revive",)))
    world = world_of(agent("x"), detection("agent_down", DOWN), plan, rule)
    world.status("x", "down")
    world.at(100)
    assert names(world) == ["again", "notify", "escalate"]


def test_a_change_is_a_moment() -> None:
    rule = orchestration(
        "rule",
        do("hello", field("agent.name")),
        on=Moment("change", path=("agent", "status"), before="down", after="up"),
        each=EACH,
    )
    world = world_of(rule)
    for status in ("up", "down", "up", "starting", "up"):
        world.at(world.now + 10).status("x", status)
    world.at(100)
    assert world.commands() == [(31, "hello")]


def test_what_is_seen_for_the_first_time_did_not_change() -> None:
    world = world_of(orchestration("rule", do("x"), on=Moment("change", path=("host", "version"))))
    world.report("host", "h", version="1", fresh_for=10)
    world.at(50).report("host", "h", version="1")
    assert names(world) == []
    world.at(60).report("host", "h", version="2")
    assert names(world) == ["x"]


def test_an_instant_is_a_moment() -> None:
    world = world_of(orchestration("rule", do("x"), on=Moment("schedule", schedule=every(100))))
    world.at(350)
    assert [at for at, _ in world.commands()] == [100, 200, 300]


# --- limits --------------------------------------------------------------------------------------------------------------


def test_limits() -> None:
    rule = orchestration("rule", do("x"), when=DOWN, each=EACH, limits=[Limit(2, 100.0, ("agent",))])
    world = world_of(rule)
    for _ in range(3):
        for name in ("x", "y"):
            world.status(name, "down")
        world.at(world.now + 10)
        for name in ("x", "y"):
            world.status(name, "up")
        world.at(world.now + 10)
    assert [status for _, status, _ in rows(world)] == ["succeeded"] * 4 + ["skipped"] * 2
    assert world.table("automation_run")[-1]["reason"] == "its limit of 2 per 1m40s by agent (y) is used up"


def test_at_once() -> None:
    rule = orchestration("rule", do("x"), when=DOWN, each=EACH, limits=[Limit(1, None, None)])
    world = world_of(rule)
    world.status("x", "down")
    world.status("y", "down")
    assert [status for _, status, _ in rows(world)] == ["running", "skipped"]


# --- measuring -------------------------------------------------------------------------------------------------------------


def measured(before: float, after: float | None, above: float = 0.9) -> WorkWorld:
    """A rule that tunes while the host is busier than `above`, and keeps that if it fell by 10 % within 30 seconds."""
    rule = orchestration(
        "rule", do("tune"), when=compare("host.cpu", ">", above), afterwards=[do("untune")],
        measure=Measure(("host", "cpu"), 0.1, 30.0),
    )  # fmt: skip
    world = world_of(rule)
    world.report("host", "h", cpu=before)
    if after is not None:
        world.at(20).report("host", "h", cpu=after)
    return world.at(40)


def test_what_helped_is_kept_until_the_state_ends() -> None:
    world = measured(0.99, 0.5, above=0.2)
    assert names(world) == ["tune"]
    (row,) = world.table("automation_run")
    assert columns(row, "status", "reason") == ("succeeded", None)
    assert json.loads(row["measured"]) == {"path": "host.cpu", "before": 0.99, "after": 0.5, "kept": True}
    world.report("host", "h", cpu=0.1)
    assert names(world.at(50)) == ["tune", "untune"]


def test_a_state_that_ends_meanwhile_is_measured_first() -> None:
    world = measured(0.99, 0.5)
    assert world.commands() == [(1, "tune"), (32, "untune")]
    assert world.table("automation_run")[0]["status"] == "succeeded"


def test_what_did_not_help_is_taken_back() -> None:
    world = measured(0.99, 0.95)
    assert world.commands() == [(1, "tune"), (32, "untune")]
    (row,) = world.table("automation_run")
    assert columns(row, "status", "reason", "actions") == (
        "failed", "host.cpu was 0.99 before it and 0.95 30s after it, and should have fallen by 0.1", 2,
    )  # fmt: skip
    assert json.loads(row["measured"])["kept"] is False
    world.at(100).report("host", "h", cpu=0.5)
    assert names(world.at(200)) == ["tune", "untune"]


def test_an_old_sample_proves_nothing() -> None:
    world = measured(0.99, None)
    assert json.loads(world.table("automation_run")[0]["measured"])["after"] is None
    assert names(world.at(50)) == ["tune", "untune"]


# --- what it may do ----------------------------------------------------------------------------------------------------------


def test_it_runs_a_workflow() -> None:
    world = world_of(workflow("w", step("a")), orchestration("rule", run("w"), when=BUSY))
    world.report("host", "h", cpu=0.95)
    world.at(10)
    (row,) = world.table("automation_run")
    assert columns(world.workflow_run(), "status", "automation_run_id") == ("succeeded", row["id"])
    assert columns(row, "status", "actions") == ("succeeded", 1)


def test_it_cancels_the_runs_of_a_workflow() -> None:
    undone = step("a", undo=(do("undo a"),))
    stop = orchestration("rule", steer("cancel", "workflow", "w"), when=BUSY)
    world = world_of(workflow("w", undone, step("b", "a")), stop, b=Goes(None))
    world.run("w")
    world.at(10).report("host", "h", cpu=0.95)
    world.at(20)
    assert columns(world.workflow_run(), "status", "reason") == (
        "cancelled",
        f"orchestration rule: its condition is true (run {world.table('automation_run')[0]['id']})",
    )
    assert world.steps() == {"a": "undone", "b": "cancelled"}


def test_what_cannot_run_is_a_failure_with_its_reason() -> None:
    world = world_of(workflow("w", step("a"), parameters=["x"]), orchestration("rule", run("w"), when=BUSY))
    world.report("host", "h", cpu=0.95)
    assert (
        world.table("automation_run")[0]["reason"] == "run w failed (workflow w needs x, which is not known)"
    )


def test_agents_are_coordinated_and_their_answers_are_facts() -> None:
    ask = post(field("agent.url"), Selector("agent", None, equals("agent.status", "up")))
    agreed = detection("agreed", equals("answer.body", "yes"), of="answer")
    world = world_of(
        orchestration("rule", ask, when=BUSY), agreed, x=Goes(reply={"status": 200, "body": "yes"})
    )
    for name, status in (("x", "up"), ("y", "up"), ("z", "down")):
        world.report("agent", name, status=status, url=f"http://{name}")
    world.report("host", "h", cpu=0.95)
    world.at(10)
    assert world.commands() == [(1, "x"), (1, "y")]
    assert [done.target for done in world.done] == ["x", "y"]
    assert world.open_faults() == {("agreed", "rule/x")}
    recorded = {one.key: one.values["body"] for one in world.inferred if one.type == "answer"}
    assert recorded == {"rule/x": "yes", "rule/y": None}


def test_an_agent_is_paused_and_resumed() -> None:
    rule = orchestration(
        "rule", steer("pause", "agent", "x"), when=BUSY, afterwards=[steer("resume", "agent")]
    )
    world = world_of(agent("x"), rule)
    world.report("host", "h", cpu=0.95)
    assert world.engine.agents.states["x"].paused
    world.report("host", "h", cpu=0.5)
    assert not world.engine.agents.states["x"].paused


def test_what_a_recovery_acts_on_is_left_alone() -> None:
    """Meaning 17."""
    plan = recovery("revive", "agent_down", attempt("again", restart(), within=60))
    world = world_of(
        agent("x"), detection("agent_down", DOWN), plan, orchestration("rule", restart("x"), when=BUSY)
    )
    world.status("x", "down")
    world.report("host", "h", cpu=0.95)
    assert world.table("automation_run")[0]["reason"] == "recovery revive acts on agent x"
    assert len(world.table("action", kind="restart")) == 1


def test_by_hand_where_its_condition_is_true() -> None:
    rule = orchestration(
        "rule", do("help", field("agent.name")), when=equals("agent.slow", True), hold=1e6, each=EACH
    )
    world = world_of(rule)
    world.run("rule")
    assert rows(world) == [("hand", "skipped", 0)]
    world.report("agent", "x", slow=True)
    world.report("agent", "y", slow=False)
    world.run("rule")
    world.at(10)
    assert rows(world)[1:] == [("hand", "succeeded", 1)]


def test_a_shadow_only_says_what_it_would_do() -> None:
    world = world_of(orchestration("rule", do("x"), when=BUSY, shadow=True))
    world.report("host", "h", cpu=0.95)
    assert world.done == []
    assert columns(world.table("shadow_action")[0], "rule", "step", "subject") == ("rule", "then", "h")


def test_a_rule_that_brings_its_own_condition_about_is_stopped() -> None:
    """Nothing of this takes any time: it would never end."""
    rule = orchestration(
        "rule", steer("pause", "automation", "job"), when=equals("automation.paused", False),
        each=Binding("automation", "automation"), afterwards=[steer("resume", "automation")],
    )  # fmt: skip
    world = world_of(automation("job", None, do("job")), rule)
    assert [status for _, status, _ in rows(world)] == ["succeeded"] * 10 + ["skipped"]
    assert "in this very moment" in world.table("automation_run")[-1]["reason"]


def test_it_is_explained() -> None:
    world = world_of(orchestration("rule", do("shed"), when=BUSY, afterwards=[do("restore")]))
    world.report("host", "h", cpu=0.95)
    world.at(10).report("host", "h", cpu=0.5)
    world.at(20)
    first, second = (row["id"] for row in world.table("action"))
    assert world.why(world.table("automation_run")[0]["id"]) == [
        "orchestration rule (a.rules:1): its condition is true",
        "because its condition was true (since 1970-01-01T00:00:01Z)",
        "host.cpu was 0.95",
        f"action {first}: exec succeeded",
        "orchestration rule succeeded",
        "afterwards: it is over",
        f"action {second}: exec succeeded",
    ]
