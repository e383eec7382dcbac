"""Recovery is a contract: try, verify that the symptom went, else the next step, else `otherwise` (meanings 15, 17, 18, 20)."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from dsl.expressions import Arithmetic, Constant, Field
from dsl.program import Agent, AgentAction, Detection, Recovery, Selector, Verify
from engine.effects import Do, Record
from tests.engine.programs import (
    DOWN,
    UP,
    action,
    agent,
    detection,
    equals,
    execute,
    field,
    notify,
    program,
    recovery,
    restart,
    step,
)
from tests.engine.world import Behaviour, World, columns

DETECT = detection("agent_down", DOWN)
TWO_STEPS = recovery(
    "revive", "agent_down", step("restart", restart(), within=60), step("redeploy", execute("bin/redeploy", field("agent.name")), within=120),
    otherwise=[notify("oncall")],
)  # fmt: skip


def world_of(*parts: Agent | Detection | Recovery, agents: tuple[str, ...] = ("x",)) -> World:
    return World(program(*(agent(name) for name in agents), *parts))


def attempts(world: World, *names: str) -> list[Any]:
    return [columns(row, *(names or ("step", "started_at", "outcome"))) for row in world.table("attempt")]


def test_the_symptom_goes_and_the_recovery_succeeded() -> None:
    """Meaning 15."""
    world = world_of(DETECT, TWO_STEPS)
    world.at(10).status("x", "down")
    world.at(30).status("x", "up")
    assert world.did() == [(10, "restart", "x")]
    assert attempts(world, "step", "number", "acted_at", "verified_at", "outcome") == [
        ("restart", 1, 10.1, 30, "succeeded")
    ]
    assert columns(world.table("recovery")[0], "started_at", "ended_at", "outcome") == (10, 30, "succeeded")
    assert columns(world.fault("agent_down"), "closed_at", "outcome", "attempts") == (30, "cleared", 1)


def test_exit_status_0_is_no_success() -> None:
    """Meaning 15: the action succeeded, the symptom stayed; so the next step, and then `otherwise`, once."""
    world = world_of(DETECT, TWO_STEPS)
    world.status("x", "down")
    world.at(1000).status("x", "down")
    assert attempts(world) == [("restart", 0, "failed"), ("redeploy", 60.1, "failed")]
    assert world.did() == [(0, "restart", "x"), (60.1, "exec", None), (180.2, "notify", None)]
    assert world.done[1].arguments == {"command": ["bin/redeploy", "x"]}
    assert columns(world.table("recovery")[0], "outcome", "ended_at") == ("exhausted", 180.2)
    assert columns(world.fault("agent_down"), "outcome", "attempts") == (None, 2)


def test_within_counts_from_the_end_of_the_action() -> None:
    """Meaning 15."""
    world = world_of(DETECT, TWO_STEPS)
    world.behaves["restart"] = Behaviour(50.0)
    world.status("x", "down")
    world.at(1000)
    assert attempts(world, "started_at", "acted_at", "ended_at")[0] == (0, 50, 110)


def test_only_samples_taken_after_the_action_verify() -> None:
    """Meaning 15: what was seen while its process was being replaced proves nothing."""
    world = world_of(DETECT, TWO_STEPS)
    world.behaves["restart"] = Behaviour(5.0)
    world.status("x", "down")
    world.at(3).status("x", "up")
    world.at(20)
    assert world.open_faults() == {("agent_down", "x")}
    world.at(21).status("x", "up")
    assert attempts(world, "verified_at", "outcome") == [(21, "succeeded")]


def test_a_sample_that_began_before_the_action_ended_verifies_nothing() -> None:
    world = world_of(DETECT, TWO_STEPS)
    world.status("x", "down")
    world.at(10)
    world.now = 0.05  # a report that comes late bears the instant at which it was taken
    world.status("x", "up")
    assert world.open_faults() == {("agent_down", "x")}


def test_until_counts_for_verification_too() -> None:
    world = world_of(detection("agent_down", DOWN, until=UP, until_hold=10), TWO_STEPS)
    world.status("x", "down")
    world.at(20).status("x", "up")
    world.at(29)
    assert attempts(world, "outcome") == [(None,)]
    world.at(30)
    assert attempts(world, "verified_at", "outcome") == [(30, "succeeded")]


def test_a_written_condition_is_additional() -> None:
    """Meaning 15."""
    verify = equals("stream.connected", True)
    rule = recovery("revive", "agent_down", step("restart", restart(), within=60, verify=verify))
    stream = recovery(
        "connect", "stale", step("restart", restart("x"), within=60, verify=equals("stream.fresh", True))
    )
    stale = detection("stale", equals("stream.connected", False), of="stream")
    world = world_of(DETECT, rule, stale, stream)
    world.report("stream", "btc", connected=False, fresh=False)
    world.at(10).report("stream", "btc", connected=True)
    assert attempts(world, "outcome") == [(None,)]
    world.at(20).report("stream", "btc", fresh=True)
    assert attempts(world, "verified_at", "outcome") == [(20, "succeeded")]


def test_a_written_condition_that_stays_false_fails_the_step() -> None:
    slow = recovery(
        "revive", "agent_down", step("restart", restart(), verify=equals("agent.ready", True), within=30)
    )
    world = world_of(DETECT, slow)
    world.status("x", "down")
    world.at(10).status("x", "up")
    world.at(200)
    assert attempts(world, "ended_at", "outcome") == [(30.1, "failed")]
    assert world.table("recovery")[0]["outcome"] == "failed"
    assert world.did("notify") == []


def test_an_action_that_fails_goes_to_the_next_step() -> None:
    world = world_of(DETECT, TWO_STEPS)
    world.behaves["restart"] = Behaviour(2.0, "failed", "exit status 1")
    world.status("x", "down")
    world.at(3)
    assert attempts(world) == [("restart", 0, "failed"), ("redeploy", 2, None)]
    assert world.table("attempt")[0]["reason"] == "restart failed (exit status 1)"


def test_an_action_that_times_out_goes_to_the_next_step() -> None:
    world = world_of(DETECT, TWO_STEPS)
    world.behaves["restart"] = Behaviour(60.0, "timed_out")
    world.status("x", "down")
    world.at(61)
    assert attempts(world) == [("restart", 0, "failed"), ("redeploy", 60, None)]


def test_the_actions_of_a_step_follow_each_other() -> None:
    rule = recovery("revive", "agent_down", step("both", execute("first"), execute("second")))
    world = world_of(DETECT, rule)
    world.behaves["exec"] = Behaviour(4.0)
    world.status("x", "down")
    world.at(10)
    assert [
        (at, done.arguments["command"]) for (at, _, _), done in zip(world.did(), world.done, strict=True)
    ] == [
        (0, ["first"]),
        (4, ["second"]),
    ]


def test_an_intent_is_stored_before_it_is_done() -> None:
    """Meaning 20: and its outcome after. The attempt is stored before its actions."""
    world = world_of(DETECT, TWO_STEPS)
    world.status("x", "down")
    effects = [effect for effect in world.effects if isinstance(effect, (Do, Record))]
    do = next(number for number, effect in enumerate(effects) if isinstance(effect, Do))
    before = [effect.table for effect in effects[:do] if isinstance(effect, Record) and effect.durable]
    assert before == ["fault", "attempt", "action"]
    world.at(1)
    assert columns(world.table("action")[0], "ended_at", "outcome") == (0.1, "succeeded")


# --- faults that end by themselves -----------------------------------------------------------------------------------------


def test_a_fault_that_ends_by_itself_lets_the_action_finish() -> None:
    """Meaning 18: result unneeded."""
    world = world_of(DETECT, recovery("revive", "agent_down", step("script", execute("bin/heal"))))
    world.behaves["exec"] = Behaviour(20.0)
    world.status("x", "down")
    world.at(5).status("x", "up")
    assert columns(world.fault("agent_down"), "closed_at", "outcome") == (5, "cleared")
    assert attempts(world, "outcome") == [(None,)]
    world.at(30)
    assert attempts(world, "ended_at", "outcome") == [(20, "unneeded")]
    assert columns(world.table("recovery")[0], "outcome") == ("unneeded",)


def test_a_fault_that_ends_while_its_recovery_waits() -> None:
    """Meaning 18."""
    world = world_of(DETECT, TWO_STEPS)
    world.command("pause", "x")
    world.status("x", "down")
    world.at(5).status("x", "up")
    assert world.done == []
    assert columns(world.table("recovery")[0], "outcome", "ended_at") == ("unneeded", 5)


def test_a_subject_that_goes_during_verification() -> None:
    world = world_of(DETECT, TWO_STEPS)
    world.status("x", "down")
    world.at(5).withdraw("agent", "x")
    assert attempts(world, "outcome") == [("unneeded",)]
    assert world.table("recovery")[0]["outcome"] == "unneeded"


# --- who owns a fault ----------------------------------------------------------------------------------------------------------


def test_one_recovery_owns_a_fault_and_the_next_takes_it_when_that_gave_up() -> None:
    """Meaning 17: the named detection before the category, then priority, then the order written."""
    by_category = equals("fault.category", "agent")
    owners = [
        recovery("general", [], step("a", execute("general")), where=by_category, priority="critical"),
        recovery("late", "agent_down", step("a", execute("late"))),
        recovery("later", "agent_down", step("a", execute("later"))),
        recovery("urgent", "agent_down", step("a", execute("urgent")), priority="high"),
        recovery(
            "elsewhere", [], step("a", execute("elsewhere")), where=equals("fault.category", "resource")
        ),
    ]
    world = world_of(DETECT, *owners)
    world.status("x", "down")
    world.at(1000)
    assert [done.arguments["command"] for done in world.done] == [
        ["urgent"],
        ["late"],
        ["later"],
        ["general"],
    ]
    spans = [columns(row, "rule", "started_at", "ended_at") for row in world.table("recovery")]
    assert all(first[2] == second[1] for first, second in pairwise(spans))


def test_two_recoveries_never_act_on_one_thing() -> None:
    """Meaning 17: locks lie on what an action touches as well as on the fault's subject."""
    stale = detection("stale", equals("stream.stale", True), of="stream")
    reconnect = recovery("reconnect", "stale", step("restart the source", restart("x")))
    world = world_of(DETECT, TWO_STEPS, stale, reconnect)
    world.status("x", "down")
    world.report("stream", "btc", stale=True)
    world.at(50)
    assert world.did() == [(0, "restart", "x")]
    world.status("x", "up")
    assert world.did() == [(0, "restart", "x"), (50, "restart", "x")]


def test_a_higher_priority_is_served_first() -> None:
    """Meaning 21."""
    low = recovery("low", "one", step("a", execute("low")), priority="low")
    high = recovery("high", "two", step("a", execute("high")), priority="high")
    world = world_of(detection("one", DOWN), detection("two", DOWN), low, high)
    world.status("x", "down")
    world.at(200)
    assert [done.arguments["command"] for done in world.done] == [["high"], ["low"]]


def test_shadow_records_what_it_would_have_done() -> None:
    shadow = recovery("careful", "agent_down", step("restart", restart()), shadow=True)
    world = world_of(DETECT, shadow, recovery("revive", "agent_down", step("again", restart())))
    world.status("x", "down")
    assert attempts(world, "rule", "step") == [("revive", "again")]
    assert [columns(row, "rule", "step") for row in world.table("shadow_action")] == [("careful", "restart")]


# --- what is done --------------------------------------------------------------------------------------------------------------


def own_action() -> Agent:
    """`action reconnect(stream: text) { exec ["bin/connect", stream, "x"] }`."""
    words = execute("bin/connect", Field("stream", ()), "x")
    return agent("x", actions=[AgentAction("reconnect", (("stream", "text"),), (words,), None)])


def test_an_agents_own_action_with_its_parameters() -> None:
    reconnect = action("reconnect", Selector("agent"), stream=field("agent.feed"))
    world = World(program(own_action(), DETECT, recovery("revive", "agent_down", step("a", reconnect))))
    world.status("x", "down", feed="btc; rm -rf /")
    done = world.done[0]
    assert (done.kind, done.target, done.arguments) == (
        "exec",
        "x",
        {"command": ["bin/connect", "btc; rm -rf /", "x"]},
    )


def test_an_agents_own_action_locks_the_agent() -> None:
    """Meaning 17: whatever it does for itself touches it."""
    reconnect = action("reconnect", Selector("agent", Constant("x")), stream=field("stream.name"))
    stale = detection("stale", equals("stream.stale", True), of="stream")
    world = World(program(own_action(), stale, recovery("connect", "stale", step("a", reconnect))))
    world.report("agent", "x", status="up")
    for name in ("btc", "eth"):
        world.report("stream", name, stale=True)
    world.at(50)
    assert [row["subject"] for row in world.table("attempt")] == ["btc"]
    world.report("stream", "btc", stale=False)
    assert [row["subject"] for row in world.table("attempt")] == ["btc", "eth"]


@pytest.mark.parametrize(
    "unsure",
    [
        field("agent.nowhere"),
        Arithmetic("/", Constant(1.0), field("agent.zero")),
        field("agent.listed"),
    ],
    ids=["never reported", "no value", "a list with a hole"],
)
def test_an_unknown_argument_never_reaches_a_command(unsure: Any) -> None:
    rule = recovery("revive", "agent_down", step("a", execute("bin/x", unsure)), step("b", restart()))
    world = world_of(DETECT, rule)
    world.status("x", "down", zero=0, listed=["a", None])
    assert [done.kind for done in world.done] == ["restart"]
    assert attempts(world, "step", "outcome") == [("a", "failed"), ("b", None)]
    assert "unknown" in world.table("attempt")[0]["reason"]


def test_an_unknown_target_is_no_target() -> None:
    lost = action("restart", Selector("agent", field("agent.parent")))
    world = world_of(DETECT, recovery("revive", "agent_down", step("a", lost)))
    world.status("x", "down")
    assert world.done == []
    assert attempts(world, "outcome") == [("failed",)]


def test_a_list_is_spliced_and_every_value_is_one_word() -> None:
    rule = recovery(
        "revive", "agent_down", step("a", execute("bin/x", field("agent.words"), "two words", 3.0))
    )
    world = world_of(DETECT, rule)
    world.status("x", "down", words=["-a", "$(b)"])
    assert world.done[0].arguments == {"command": ["bin/x", "-a", "$(b)", "two words", "3"]}
    assert json.loads(world.table("action")[0]["arguments"]) == world.done[0].arguments


def test_several_targets_one_after_the_other() -> None:
    each = action("restart", Selector("agent", None, equals("agent.tier", "t")))
    world = world_of(DETECT, recovery("revive", "agent_down", step("a", each)), agents=("x", "y", "z"))
    world.report("agent", "y", tier="t")
    world.report("agent", "z", tier="t")
    world.status("x", "down")
    world.at(5)
    assert world.did() == [(0, "restart", "y"), (0.1, "restart", "z")]


def test_nothing_is_done_to_what_is_paused_or_not_wanted() -> None:
    """Meaning 22: nothing recovers what is paused."""
    world = world_of(DETECT, TWO_STEPS, agents=("x", "y"))
    world.command("pause", "x")
    world.command("stop", "y")
    world.status("x", "down")
    world.status("y", "down")
    world.at(100)
    assert world.did("restart") == []
    world.command("resume", "x")
    assert world.did("restart") == [(100, "restart", "x")]


def test_why_tells_the_whole_story() -> None:
    world = world_of(DETECT, TWO_STEPS)
    world.status("x", "down")
    world.at(30).status("x", "up")
    assert world.why(world.fault("agent_down")["id"])[3:] == [
        "agent.status was down",
        "recovery revive (a.rules:1) takes it over",
        "attempt 1: step restart",
        "action 4: restart x",
        "restart succeeded",
        "cleared after 30s: the symptom went",
        "succeeded: the symptom went 29.9s after it",
        "recovery revive succeeded: the symptom went",
    ]


def test_verify_is_asked_once_more_when_time_is_up() -> None:
    """A condition that time made true meanwhile."""
    quiet = equals("agent.quiet", True)
    rule = recovery("revive", "agent_down", step("restart", restart()))
    assert rule.tries[0].verify == Verify(None, 60.0)
    world = world_of(
        DETECT, recovery("revive", "agent_down", step("restart", restart(), verify=quiet, within=30))
    )
    world.status("x", "down")
    world.at(10).status("x", "up", quiet=True)
    assert attempts(world, "verified_at") == [(10,)]
