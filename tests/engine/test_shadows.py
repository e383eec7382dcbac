"""What rules in the shadow would do: rows that claim what can be known, within the bounds that they would have, told once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dsl.expressions import Constant
from dsl.parts import Schedule
from dsl.program import Cooldown, Detection, Limit, Notice, Program, Recovery, Selector
from dsl.routing import Alert, AlertStep
from dsl.work import Maintenance
from engine.events import Restored
from engine.whynot import whynot
from tests.engine.programs import (
    DOWN,
    action,
    agent,
    compare,
    detection,
    field,
    head,
    notify,
    program,
    recovery,
    restart,
    step,
    text,
)
from tests.engine.world import World, columns

DETECT = detection("agent_down", DOWN)
CAREFUL = recovery("careful", "agent_down", step("restart", restart(), within=30), shadow=True)
SLOW = detection(
    "slow", DOWN, hold=20, shadow=True, severity="error", message=text(field("agent.name"), " is slow")
)


def shadows(world: World, *names: str, **like: Any) -> list[tuple[Any, ...]]:
    return [columns(row, *names) for row in world.table("shadow_action", **like)]


def world_of(*parts: Any) -> World:
    return World(program(agent("x"), agent("y"), *parts))


def again(world: World, *parts: Any, after: float = 10.0) -> World:
    """A new life of volexd, which is told what the store would tell it."""
    new = World(at=world.now + after)
    new.engine.ledger.next_id = 1 + max(identity for rows in world.rows.values() for identity in rows)
    new.load(program(agent("x"), agent("y"), *parts))
    faults = [{"acknowledged_at": None} | row for row in world.table("fault") if row.get("outcome") is None]
    rows = [dict.fromkeys(COLUMNS) | row for row in world.table("shadow_action")]
    new.restored(faults=tuple(faults), shadow_actions=tuple(rows))
    return new


COLUMNS = (
    "kind", "rule", "step", "fault_id", "shadow_id", "subject_type", "subject", "began_at", "at", "ended_at", "outcome",
    "reason", "severity", "category", "message", "would", "actions", "scope",
)  # fmt: skip


# --- faults that would be raised -------------------------------------------------------------------------------------------------


def test_a_fault_in_the_shadow_stands_until_it_would_have_been_closed() -> None:
    world = world_of(SLOW)
    world.status("x", "down")
    world.at(20)
    wanted = {
        "kind": "fault", "rule": "slow", "step": "fault", "subject_type": "agent", "subject": "x", "began_at": 0, "at": 20,
        "ended_at": None, "severity": "error", "category": "agent", "message": "x is slow",
    }  # fmt: skip
    (row,) = world.table("shadow_action")
    assert {name: row[name] for name in wanted} == wanted
    world.at(50).status("x", "up")
    assert shadows(world, "at", "ended_at", "outcome") == [(20, 50, "cleared")]
    assert world.table("fault") == []
    assert world.did() == []
    assert world.why(row["id"])[0] == "in the shadow: fault slow on x"


def test_what_recoveries_and_notices_in_force_would_do_about_it() -> None:
    rule = recovery("revive", "slow", step("again", restart(), within=30))
    told = detection("slow", DOWN, shadow=True, notices=[Notice("oncall"), Notice("boss", after=60.0)])
    world = world_of(told, rule)
    world.status("x", "down")
    world.at(100)
    (fault,) = shadows(world, "id", kind="fault")
    assert shadows(world, "kind", "rule", "step", "would", "at", "outcome", "shadow_id", kind="recovery") == [
        ("recovery", "revive", "again", "restart x", 0, "stayed", fault[0])
    ]
    assert shadows(world, "rule", "step", "at", "would", kind="notice") == [
        ("slow", "oncall", 0, "notify oncall"),
        ("slow", "boss", 60, "notify boss"),
    ]
    assert world.did() == []
    assert world.table("alert") == []


def test_no_rule_knows_a_fault_in_the_shadow() -> None:
    """The recovery of a real fault on the same agent is not kept waiting by what only would be done."""
    world = world_of(
        SLOW,
        DETECT,
        recovery("a", "slow", step("s", restart())),
        recovery("b", "agent_down", step("s", restart())),
    )
    world.status("x", "down")
    world.at(40)
    assert [(row["rule"], row["step"]) for row in world.table("attempt")] == [("b", "s")]


def test_a_fault_in_the_shadow_goes_with_its_subject() -> None:
    world = world_of(SLOW)
    world.status("x", "down")
    world.at(30).withdraw("agent", "x")
    assert shadows(world, "outcome", "ended_at") == [("withdrawn", 30)]


# --- recoveries that would be tried ------------------------------------------------------------------------------------------------


def test_a_recovery_says_what_it_would_do_and_whether_it_was_needed() -> None:
    own = recovery(
        "careful",
        "agent_down",
        step("kill", action("signal", restart().target, signal="KILL"), within=30),
        shadow=True,
    )
    world = world_of(DETECT, own)
    world.status("x", "down")
    world.status("y", "down")
    world.at(10).status("x", "up")
    world.at(100)
    assert shadows(world, "subject", "step", "would", "actions", "outcome", "ended_at") == [
        ("x", "kill", "signal x", '[{"kind":"signal","target":"x","arguments":{"signal":"KILL"}}]', "gone", 10),
        ("y", "kill", "signal y", '[{"kind":"signal","target":"y","arguments":{"signal":"KILL"}}]', "stayed", 30),
    ]  # fmt: skip
    assert shadows(world, "fault_id") == [(row["id"],) for row in world.faults()]


def test_later_steps_are_not_claimed() -> None:
    two = recovery(
        "careful",
        "agent_down",
        step("one", restart(), within=5),
        step("two", restart(), within=5),
        shadow=True,
    )
    world = world_of(DETECT, two)
    world.status("x", "down")
    world.at(500)
    assert shadows(world, "step", "outcome") == [("one", "stayed")]


def test_a_step_that_cannot_be_done_is_known_to_fail_and_the_next_one_follows() -> None:
    unknown = step("one", action("exec", command=text(field("agent.unheard"))), within=5)
    two = recovery("careful", "agent_down", unknown, step("two", restart(), within=5), shadow=True)
    world = world_of(DETECT, two)
    world.status("x", "down")
    world.at(2)
    assert shadows(world, "step", "outcome", "would") == [("one", "failed", None), ("two", None, "restart x")]


def test_limits_count_and_what_they_would_hold_back_is_told() -> None:
    limited = recovery(
        "careful", "agent_down", step("restart", restart(), within=10), otherwise=[notify("oncall")],
        limits=[Limit(2, 3600.0, ("agent",))], shadow=True,
    )  # fmt: skip
    world = world_of(DETECT, limited)
    for start in (0, 100, 200):
        world.at(start).status("x", "down")
        world.at(start + 50).status("x", "up")
    assert shadows(world, "step", "at", "outcome", "would") == [
        ("restart", 0, "stayed", "restart x"),
        ("restart", 100, "stayed", "restart x"),
        ("restart", 200, "held_back", None),
        ("otherwise", 200, None, "notify oncall"),
    ]
    assert "limit of 2 per 1h by agent (x) is used up" in shadows(world, "reason", step="restart")[-1][0]


def test_a_cooldown_makes_it_wait() -> None:
    cooling = recovery(
        "careful", "agent_down", step("restart", restart(), within=10), cooldown=Cooldown(60.0), shadow=True
    )
    world = world_of(DETECT, cooling)
    for instant, status in ((0, "down"), (5, "up"), (20, "down"), (40, "up"), (50, "down"), (90, "up")):
        world.at(instant).status("x", status)
    assert shadows(world, "at", "outcome", "ended_at") == [
        (0, "gone", 5),
        (40, "held_back", 40),
        (65, "stayed", 75),
    ]
    assert "it cools down" in shadows(world, "reason")[1][0]


def test_a_paused_agent_would_be_left_alone() -> None:
    world = world_of(DETECT, CAREFUL)
    world.command("pause", "x")
    world.status("x", "down")
    assert shadows(world, "id") == []
    world.at(20).command("resume", "x")
    assert shadows(world, "at", "would") == [(20, "restart x")]


def test_a_guard_that_turns_true_lets_it_pass() -> None:
    guarded = msgspec.structs.replace(CAREFUL, only_if=compare("host.cpu", "<", 0.5))
    world = world_of(DETECT, guarded)
    world.report("host", "host", cpu=0.9)
    world.status("x", "down")
    assert shadows(world, "id") == []
    world.at(20).report("host", "host", cpu=0.1)
    assert shadows(world, "at", "would") == [(20, "restart x")]


def test_one_fault_has_one_owner_in_the_shadow_too() -> None:
    once = [Limit(1, 3600.0, None)]
    first = recovery("first", "agent_down", step("a", restart()), limits=once, shadow=True)
    third = recovery("third", "agent_down", step("c", restart()), shadow=True)
    world = world_of(DETECT, first, CAREFUL, third)
    world.status("x", "down")
    assert shadows(world, "rule", "outcome", subject="x") == [("first", None)]
    world.status("y", "down")
    assert shadows(world, "rule", "outcome", subject="y") == [("first", "held_back"), ("careful", None)]


def test_beside_a_recovery_that_acts() -> None:
    """It would have owned the fault; what is done meanwhile is done by the next one."""
    world = world_of(DETECT, CAREFUL, recovery("revive", "agent_down", step("again", restart())))
    world.status("x", "down")
    world.at(3).status("x", "up")
    assert shadows(world, "rule", "outcome") == [("careful", "gone")]
    assert world.did() == [(0, "restart", "x")]


@pytest.mark.parametrize(
    "parts", [[DETECT], [DETECT, recovery("careful", "agent_down", step("r", restart()))]]
)
def test_a_recovery_that_leaves_the_shadow_stands_no_longer(parts: list[Detection | Recovery]) -> None:
    world = world_of(DETECT, CAREFUL)
    world.status("x", "down")
    world.at(5).load(program(agent("x"), agent("y"), *parts))
    assert shadows(world, "outcome", "ended_at") == [("withdrawn", 5)]


# --- notices ---------------------------------------------------------------------------------------------------------------------


def test_notices_in_the_shadow_tell_nobody() -> None:
    told = detection("agent_down", DOWN, notices=[Notice("oncall", shadow=True), Notice("log")])
    world = world_of(told)
    world.status("x", "down")
    assert [row["channel"] for row in world.table("alert")] == ["log"]
    assert shadows(world, "kind", "step", "message") == [("notice", "oncall", "critical: agent_down on x")]


def test_an_alert_in_the_shadow_is_grouped_and_repeated_like_any_other() -> None:
    steps = (AlertStep("oncall", repeat=100.0),)
    rule = Alert(head("page", shadow=True), (), None, (("fault", "category"),), 10.0, steps, ("oncall",))
    world = World(_with(program(agent("x"), agent("y"), DETECT), alerts=(rule,)))
    world.status("x", "down")
    world.status("y", "down")
    world.at(115).status("x", "up")
    world.at(120).status("y", "up")
    assert [at for (at,) in shadows(world, "at")] == [10, 110, 120]
    assert "2 faults (agent)" in shadows(world, "message")[0][0]
    assert world.table("alert") == []


def test_an_alert_that_leaves_the_shadow_tells_of_what_is_open() -> None:
    rule = Alert(head("page", shadow=True), (), None, (), 0.0, (AlertStep("oncall"),))
    real = Alert(head("page"), (), None, (), 0.0, (AlertStep("oncall"),))
    world = World(_with(program(agent("x"), DETECT), alerts=(rule,)))
    world.status("x", "down")
    world.at(10).load(_with(program(agent("x"), DETECT), alerts=(real,)))
    world.at(11)
    assert [(row["rule"], row["channel"]) for row in world.table("alert")] == [("page", "oncall")]


# --- maintenance -------------------------------------------------------------------------------------------------------------------


def test_a_window_in_the_shadow_covers_what_is_there_and_nothing_else() -> None:
    window = Maintenance(
        head("hourly", shadow=True), Schedule("every", every=3600.0), 600.0, Selector("agent", Constant("x")),
        (action("log", message="it begins"),),
    )  # fmt: skip
    revive = recovery("revive", "agent_down", step("again", restart()))
    world = World(_with(program(agent("x"), DETECT, CAREFUL, revive), maintenances=(window,)))
    world.at(3700).status("x", "down")
    assert shadows(world, "kind", "would", "outcome") == [("maintenance", "log", None)]
    assert world.did("restart") == [(3700, "restart", "x")]
    world.at(4300)
    assert shadows(world, "kind", "at", "ended_at", "outcome") == [
        ("maintenance", 3600, 4200, "over"),
        ("recovery", 4200, 4230, "stayed"),
    ]
    assert world.table("maintenance_run") == []


def _with(made: Program, **parts: Any) -> Program:
    return msgspec.structs.replace(made, **parts)


# --- after a restart -----------------------------------------------------------------------------------------------------------------


def test_what_goes_on_after_a_restart_is_not_told_twice() -> None:
    told = detection("slow", DOWN, shadow=True, notices=[Notice("oncall")])
    rules = (told, recovery("revive", "slow", step("again", restart(), within=100)))
    world = world_of(*rules)
    world.status("x", "down")
    assert len(shadows(world, "id")) == 3
    new = again(world, *rules)
    new.status("x", "down")
    new.at(50)
    assert shadows(new, "id") == []
    new.status("x", "up")
    assert shadows(new, "ended_at", "outcome") == [(50, "cleared"), (50, "gone")]


def test_a_recovery_in_the_shadow_goes_on_after_a_restart() -> None:
    world = world_of(DETECT, CAREFUL)
    world.status("x", "down")
    new = again(world, DETECT, CAREFUL)
    new.status("x", "down")
    new.at(60)
    assert shadows(new, "id", "ended_at", "outcome") == [
        (world.table("shadow_action")[0]["id"], 30, "stayed")
    ]


def test_a_recovery_that_acts_in_its_next_life_stands_no_longer() -> None:
    world = world_of(DETECT, CAREFUL)
    world.status("x", "down")
    new = again(world, DETECT, recovery("careful", "agent_down", step("restart", restart())))
    new.status("x", "down")
    assert shadows(new, "ended_at", "outcome") == [(10, "withdrawn")]
    assert new.did() == [(10, "restart", "x")]


def test_limits_are_still_used_up_after_a_restart() -> None:
    limited = recovery(
        "careful", "agent_down", step("r", restart(), within=5), limits=[Limit(1, 3600.0, None)], shadow=True
    )
    world = world_of(DETECT, limited)
    world.status("x", "down")
    world.at(10).status("x", "up")
    new = again(world, DETECT, limited)
    new.status("y", "down")
    assert shadows(new, "subject", "outcome") == [("y", "held_back")]


def test_what_stood_and_has_no_rule_any_more_is_ended() -> None:
    world = world_of(SLOW, DETECT, CAREFUL)
    world.status("x", "down")
    world.at(21)
    new = again(world)
    assert sorted(shadows(new, "outcome")) == [("withdrawn",), ("withdrawn",)]


def test_the_engine_takes_restored_rows_of_nothing() -> None:
    world = world_of(SLOW)
    world.send(Restored(world.now))
    assert shadows(world, "id") == []


# --- why not ---------------------------------------------------------------------------------------------------------------------------


def test_whynot_says_what_would_be() -> None:
    world = world_of(SLOW, recovery("revive", "slow", step("again", restart(), within=30)), DETECT, CAREFUL)
    world.command("pause", "x")
    world.status("x", "down")
    world.at(25)

    def said(rule: str) -> list[str]:
        return [line for _, line in whynot(world.engine, rule, "x", world.now).lines]

    (fault,) = shadows(world, "id", kind="fault")
    assert said("slow") == [
        "it is true, and only recorded: the rule is in the shadow",
        f"row {fault[0]} stands since 5s",
    ]
    assert said("careful")[-1] == said("revive")[-1] == "would wait: agent x is paused"
    world.command("resume", "x")
    world.at(27)
    ((row,),) = shadows(world, "id", kind="recovery", rule="careful")
    assert said("careful")[-1] == f"it would have tried restart 2s ago (row {row})"


# --- whose agents have limits of their own ---------------------------------------------------------------------------------------------


def test_an_agents_own_limit_counts_what_would_be_done() -> None:
    limits = [Limit(1, 3600.0, ("agent",))]
    other = recovery("other", "second", step("r", restart(), within=5), shadow=True)
    parts = (agent("x", limits=limits), DETECT, detection("second", DOWN, hold=50), CAREFUL, other)
    world = World(program(*parts))
    world.status("x", "down")
    world.at(100).status("x", "up")
    assert shadows(world, "rule", "outcome") == [("careful", "stayed"), ("other", "held_back")]
    assert "limit of agent x of 1 per 1h" in shadows(world, "reason")[1][0]
