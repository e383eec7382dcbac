"""Faults: when they are raised, what keeps them open, how they end (meanings 1, 2, 3, 11)."""

from __future__ import annotations

import json

import pytest

from dsl.program import Notice
from tests.engine.programs import (
    DOWN,
    UP,
    agent,
    compare,
    detection,
    equals,
    field,
    negated,
    program,
    recovery,
    restart,
    step,
    text,
)
from tests.engine.world import World, columns

PATIENT = detection("agent_down", DOWN, hold=15, until=UP, until_hold=10)
RESTART = recovery("revive", "agent_down", step("restart", restart()))


def test_raised_when_it_held_and_cleared_when_until_held() -> None:
    """Meaning 11."""
    world = World(program(PATIENT))
    world.at(10).status("x", "down")
    world.at(24.9)
    assert world.faults() == []
    world.at(25)
    assert columns(world.fault("agent_down"), "began_at", "raised_at", "subject") == (10, 25, "x")
    world.at(30).status("x", "up")
    world.at(39.9)
    assert world.open_faults() == {("agent_down", "x")}
    world.at(40)
    assert columns(world.fault("agent_down"), "closed_at", "outcome") == (40, "cleared")


def test_an_interrupted_hold_begins_anew() -> None:
    world = World(program(PATIENT))
    for second, status in ((10, "down"), (20, "up"), (21, "down")):
        world.at(second).status("x", status)
    world.at(100)
    assert [row["raised_at"] for row in world.faults()] == [36]


def test_an_interrupted_until_begins_anew() -> None:
    world = World(program(PATIENT))
    for second, status in ((0, "down"), (20, "up"), (25, "down"), (30, "up")):
        world.at(second).status("x", status)
    world.at(100)
    assert world.fault("agent_down")["closed_at"] == 40


@pytest.mark.parametrize(("settle", "closed_at"), [(0, 20), (5, 25)])
def test_without_until_it_closes_when_it_was_false_for_one_interval(settle: float, closed_at: float) -> None:
    """Meaning 11: for one interval of the longest probe it reads; of none: at once."""
    world = World(program(detection("agent_down", DOWN, settle=settle)))
    world.status("x", "down")
    world.at(20).status("x", "up")
    world.at(60)
    assert world.fault("agent_down")["closed_at"] == closed_at


def test_a_relapse_within_the_interval_is_the_same_fault() -> None:
    world = World(program(detection("agent_down", DOWN, settle=5)))
    for second, status in ((0, "down"), (20, "up"), (24, "down"), (30, "up")):
        world.at(second).status("x", status)
    world.at(60)
    assert [columns(row, "raised_at", "closed_at") for row in world.faults()] == [(0, 35)]


def test_identity_is_detection_and_subject() -> None:
    """Meaning 11."""
    other = detection("agent_unwell", negated(UP))
    world = World(program(detection("agent_down", DOWN), other))
    for name in ("x", "y"):
        world.status(name, "down")
        world.status(name, "down")
    assert world.open_faults() == {
        (rule, name) for rule in ("agent_down", "agent_unwell") for name in ("x", "y")
    }
    assert len(world.faults()) == 4


def test_a_value_stands_until_it_is_stale() -> None:
    """Meaning 1, and 3: unknown resets a pending hold."""
    world = World(program(detection("agent_down", DOWN, hold=10)))
    world.status("x", "down", fresh_for=8)
    world.at(100)
    assert world.faults() == []
    world.status("x", "down", fresh_for=8)
    world.at(107).status("x", "down", fresh_for=8)
    world.at(110)
    assert world.fault("agent_down")["raised_at"] == 110


def test_a_value_without_a_limit_never_goes_stale() -> None:
    """Meaning 1: from a webhook or `set`."""
    world = World(program(PATIENT))
    world.status("x", "down")
    world.at(1e9)
    assert world.open_faults() == {("agent_down", "x")}


def test_a_field_that_its_source_passes_over_goes_stale_by_itself() -> None:
    world = World(
        program(detection("agent_down", DOWN), detection("agent_slow", compare("agent.latency", ">", 1.0)))
    )
    world.status("x", "down", latency=5.0, fresh_for=10, source="probe")
    world.at(8).status("x", "down", fresh_for=10, source="probe")
    world.at(17)
    assert columns(world.fault("agent_slow"), "outcome", "unconfirmed") == (None, True)
    assert world.fault("agent_down")["unconfirmed"] is False


def test_a_field_is_as_fresh_as_who_said_it_last_says() -> None:
    world = World(program(detection("agent_down", DOWN)))
    world.status("x", "down", fresh_for=5, source="probe")
    world.at(1).status("x", "down", source="set")
    world.at(100)
    assert world.fault("agent_down")["unconfirmed"] is False
    world.status("x", "down", fresh_for=30, source="probe")
    world.at(101).status("x", "down", fresh_for=5, source="probe")
    world.at(107)
    assert world.fault("agent_down")["unconfirmed"] is True


def test_unknown_keeps_an_open_fault_and_starts_no_attempt() -> None:
    """Meaning 3: marked unconfirmed, no new attempt; never cleared by it."""
    pausing = recovery("revive", "agent_down", step("restart", restart()), step("again", restart()))
    world = World(program(agent("x"), detection("agent_down", DOWN), pausing))
    world.behaves["restart"] = world.behaves["restart"] = None
    world.status("x", "down", fresh_for=10)
    world.at(20)
    assert columns(world.fault("agent_down"), "outcome", "unconfirmed") == (None, True)
    world.finish(world.done[0].action, "failed")
    world.at(500)
    assert [row["number"] for row in world.table("attempt")] == [1]
    world.status("x", "down")
    assert world.fault("agent_down")["unconfirmed"] is False
    assert [row["number"] for row in world.table("attempt")] == [1, 2]


def test_unknown_verifies_nothing() -> None:
    """Meaning 3."""
    world = World(program(agent("x"), detection("agent_down", DOWN), RESTART))
    world.status("x", "down", fresh_for=10)
    world.at(300)
    assert world.open_faults() == {("agent_down", "x")}
    assert [row["outcome"] for row in world.table("attempt")] == ["failed"]


def test_unless_blocks_only_when_it_is_true() -> None:
    """Meaning 2: an unknown `unless` does not block."""
    rule = detection("agent_down", DOWN, unless=equals("agent.deploying", True))
    world = World(program(rule))
    world.status("x", "down", deploying=True)
    assert world.faults() == []
    world.status("y", "down")
    assert world.open_faults() == {("agent_down", "y")}
    world.report("agent", "x", deploying=False)
    assert world.open_faults() == {("agent_down", "x"), ("agent_down", "y")}


def test_unless_suppresses_what_is_open() -> None:
    """Meaning 11: closed as suppressed."""
    world = World(program(detection("agent_down", DOWN, unless=equals("agent.deploying", True))))
    world.status("x", "down")
    world.at(5).report("agent", "x", deploying=True)
    assert columns(world.fault("agent_down"), "outcome", "closed_at") == ("suppressed", 5)
    world.at(9).report("agent", "x", deploying=False)
    assert [row["raised_at"] for row in world.faults()] == [0, 9]


def test_a_subject_that_is_gone_withdraws_its_faults() -> None:
    """Meaning 11, and truth maintenance: what rests on the fault goes with it."""
    world = World(
        program(agent("x"), detection("stream_stale", equals("stream.stale", True), of="stream", hold=5))
    )
    world.report("stream", "btc", stale=True)
    world.report("stream", "eth", stale=True)
    world.at(3).withdraw("stream", "eth")
    world.at(8).withdraw("stream", "btc")
    assert [columns(row, "subject", "outcome", "closed_at") for row in world.faults()] == [
        ("btc", "withdrawn", 8)
    ]


def test_where_that_turns_false_withdraws() -> None:
    rule = detection("agent_down", DOWN, where=equals("agent.tier", "trading"))
    world = World(program(rule))
    world.status("x", "down", tier="trading")
    world.report("agent", "x", tier="other")
    assert world.fault("agent_down")["outcome"] == "withdrawn"


def test_the_one_host_needs_no_for_each() -> None:
    world = World(program(detection("busy", compare("host.cpu", ">", 0.9), of=None)))
    world.report("host", "here", cpu=0.95)
    assert columns(world.fault("busy"), "subject_type", "subject") == ("host", "here")


def test_a_rule_about_each_agent_may_read_the_host() -> None:
    world = World(program(detection("slow", compare("host.cpu", ">", 0.9))))
    world.report("host", "here", cpu=0.95)
    world.status("x", "up")
    assert world.open_faults() == {("slow", "x")}
    world.withdraw("host", "here")
    assert world.fault("slow")["unconfirmed"] is True


def test_what_it_read_and_why_are_kept() -> None:
    rule = detection(
        "agent_down",
        DOWN,
        message=text(field("agent.name"), " is ", field("agent.status")),
        hold=2,
        severity="error",
    )
    world = World(program(rule))
    world.status("x", "down")
    world.at(2)
    fault = world.fault("agent_down")
    assert fault["message"] == "x is down"
    assert json.loads(fault["evidence"]) == {"agent.status": "down"}
    assert world.why(fault["id"]) == [
        "fault agent_down on agent x (error, agent): x is down",
        "raised by detection agent_down (a.rules:1)",
        "because its condition was true, held for 2s",
        "agent.status was down",
    ]


def test_shadow_and_off() -> None:
    """A shadow rule is evaluated and recorded and does nothing; one that is off is not there."""
    world = World(program(detection("a", DOWN, shadow=True), detection("b", DOWN, off=True)))
    world.status("x", "down")
    assert world.faults() == []
    assert [columns(row, "rule", "subject", "at") for row in world.table("shadow_action")] == [("a", "x", 0)]


# --- notices -----------------------------------------------------------------------------------------------------------


def told(world: World) -> list[float]:
    return [instant for instant, _, _ in world.did("notify")]


def test_people_are_told_at_once_or_after_a_while() -> None:
    rule = detection("agent_down", DOWN, notices=[Notice("log"), Notice("oncall", 180)])
    world = World(program(rule))
    world.at(10).status("x", "down")
    world.at(400)
    assert told(world) == [10, 190]
    assert [columns(row, "channel", "outcome") for row in world.table("alert")] == [
        ("log", "sent"),
        ("oncall", "sent"),
    ]
    assert world.done[0].arguments["channel"] == "log"


def test_people_are_not_told_of_what_is_over_or_acknowledged() -> None:
    world = World(program(detection("agent_down", DOWN, notices=[Notice("oncall", 180)])))
    world.status("x", "down")
    world.status("y", "down")
    world.command("acknowledge", world.fault("agent_down", "y")["id"])
    world.at(60).status("x", "up")
    world.at(400)
    assert told(world) == []
    assert columns(world.fault("agent_down", "y"), "acknowledged_at", "acknowledged_by") == (0, "ann")


def test_a_notice_that_could_not_be_sent_says_so() -> None:
    world = World(program(detection("agent_down", DOWN, notices=[Notice("oncall")])))
    world.behaves["notify"] = world.behaves.get("notify", None)
    world.status("x", "down")
    world.finish(world.done[0].action, "failed", "no route")
    assert columns(world.table("alert")[0], "outcome", "reason") == ("failed", "no route")


def test_faults_of_one_step_come_in_the_order_of_the_rules() -> None:
    """Meaning 21."""
    names = [f"rule{number}" for number in (3, 1, 2, 5, 4)]
    world = World(
        program(
            *(
                detection(name, DOWN, where=equals("agent.tier", 1.0) if name == "rule2" else None)
                for name in names
            )
        )
    )
    world.status("x", "down", tier=1.0)
    assert [row["rule"] for row in world.faults()] == names
