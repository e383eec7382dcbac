"""Reload: holds follow the meaning of a condition, faults and budgets the rule's name (meaning 26)."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.expressions import Call
from dsl.program import Detection, Limit, Place
from tests.engine.programs import (
    DOWN,
    UP,
    agent,
    compare,
    detection,
    execute,
    field,
    negated,
    notify,
    program,
    recovery,
    restart,
    since,
    step,
)
from tests.engine.world import Behaviour, World, columns


def down(**more: Any) -> Detection:
    return detection("agent_down", DOWN, **{"hold": 15, "until": UP, "until_hold": 10, **more})


OLD = program(agent("x"), down())


@pytest.mark.parametrize(
    "edited",
    [
        down(),
        down(title="Another title"),
        down(place=Place("b.rules", 99), tags=("new",)),
        down(severity="warning", category="performance"),
        down(priority="high"),
    ],
    ids=["nothing", "title", "place and tags", "severity", "priority"],
)
def test_a_hold_whose_condition_means_the_same_goes_on(edited: Detection) -> None:
    world = World(OLD)
    world.at(10).status("x", "down")
    world.at(20).load(program(agent("x"), edited))
    world.at(25)
    assert columns(world.fault("agent_down"), "began_at", "raised_at") == (10, 25)
    assert (world.engine.carried.kept, world.engine.carried.resets) == ({"holds": 1}, ())


@pytest.mark.parametrize(
    "edited", [down(hold=20), detection("agent_down", negated(UP), hold=15)], ids=["hold", "condition"]
)
def test_a_hold_whose_condition_changed_begins_anew(edited: Detection) -> None:
    world = World(OLD)
    world.at(10).status("x", "down")
    world.at(20).load(program(agent("x"), edited))
    world.at(100)
    assert columns(world.fault("agent_down"), "began_at", "raised_at") == (20, 20 + edited.when.hold)
    assert (world.engine.carried.kept, world.engine.carried.reset("holds")) == ({}, 1)


def test_an_until_that_means_the_same_goes_on() -> None:
    world = World(OLD)
    world.status("x", "down")
    world.at(20).status("x", "up")
    world.at(25).load(program(agent("x"), down(title="t")))
    world.at(30)
    assert world.fault("agent_down")["closed_at"] == 30


def test_an_open_fault_follows_the_name() -> None:
    world = World(OLD)
    world.status("x", "down")
    world.at(20).load(program(agent("x"), detection("agent_down", negated(UP), hold=99)))
    assert world.open_faults() == {("agent_down", "x")}
    world.status("x", "up")
    assert [row["outcome"] for row in world.faults()] == ["cleared"]


def test_a_rule_that_is_gone_withdraws_its_faults() -> None:
    world = World(OLD)
    world.status("x", "down")
    world.at(20).load(program(agent("x")))
    assert columns(world.fault("agent_down"), "outcome", "closed_at") == ("withdrawn", 20)
    world.load(OLD)
    world.at(40)
    assert [row["raised_at"] for row in world.faults()] == [15, 35]


def test_a_new_rule_looks_at_what_is_known() -> None:
    world = World(program(agent("x")))
    world.status("x", "down")
    world.at(50).load(program(agent("x"), detection("agent_down", DOWN)))
    assert world.fault("agent_down")["raised_at"] == 50


def test_times_edges_survive() -> None:
    stale = detection("stale", compare(since("stream.t"), ">", 60.0), of="stream")
    world = World(program(stale))
    world.report("stream", "btc", t=0.0)
    for second in range(5, 60, 5):
        world.at(second).load(program(stale))
    world.at(100)
    assert world.fault("stale")["raised_at"] == pytest.approx(60, abs=0.002)


# --- recoveries --------------------------------------------------------------------------------------------------------------

DETECT = detection("agent_down", DOWN)
ONE = recovery("revive", "agent_down", step("restart", restart(), within=30), otherwise=[notify("oncall")])


def test_a_recovery_added_for_an_open_fault_takes_it() -> None:
    world = World(program(agent("x"), DETECT))
    world.status("x", "down")
    world.at(10).load(program(agent("x"), DETECT, ONE))
    assert world.did() == [(10, "restart", "x")]


def test_a_recovery_added_behind_one_that_gave_up_takes_the_fault() -> None:
    world = World(program(agent("x"), DETECT, ONE))
    world.status("x", "down")
    world.at(100).load(
        program(agent("x"), DETECT, ONE, recovery("other", "agent_down", step("a", execute("x"))))
    )
    assert [row["rule"] for row in world.table("attempt")] == ["revive", "other"]


def test_a_recovery_added_beside_one_under_way_waits_for_it() -> None:
    world = World(program(agent("x"), DETECT, ONE))
    world.status("x", "down")
    world.at(10).load(
        program(agent("x"), DETECT, ONE, recovery("other", "agent_down", step("a", execute("x"))))
    )
    assert [row["rule"] for row in world.table("attempt")] == ["revive"]
    world.at(31)
    assert [row["rule"] for row in world.table("attempt")] == ["revive", "other"]


@pytest.mark.parametrize(
    "edited",
    [
        recovery("revive", "agent_down", step("new1", execute("a")), step("new2", execute("b"))),
        recovery("revive", "agent_down", step("new1", execute("a"))),
        None,
    ],
    ids=["more steps", "another step", "gone"],
)
def test_what_is_running_ends_under_its_old_text(edited: Any) -> None:
    """Its steps and its `otherwise`; the new text is for what comes after."""
    old = recovery(
        "revive",
        "agent_down",
        step("one", restart(), within=30),
        step("two", restart(), within=30),
        otherwise=[notify("oncall")],
    )
    world = World(program(agent("x"), DETECT, old))
    world.status("x", "down")
    world.at(10).load(program(agent("x"), DETECT, *([edited] if edited else [])))
    world.at(200)
    assert [row["step"] for row in world.table("attempt")] == ["one", "two"]
    assert len(world.did("notify")) == 1
    world.status("x", "up")
    world.status("x", "down")
    world.at(201)
    assert [row["step"] for row in world.table("attempt")] == ["one", "two"] + (["new1"] if edited else [])


def test_a_recovery_that_only_waits_takes_its_new_text_or_ends() -> None:
    world = World(program(agent("x"), agent("y"), DETECT, ONE))
    world.command("pause", "x")
    world.status("x", "down")
    edited = recovery("revive", "agent_down", step("new", execute("a")))
    world.at(10).load(program(agent("x"), agent("y"), DETECT, edited))
    world.command("resume", "x")
    assert [row["step"] for row in world.table("attempt")] == ["new"]
    world.command("pause", "y")
    world.status("y", "down")
    world.at(20).load(program(agent("x"), agent("y"), DETECT))
    assert columns(world.table("recovery", subject="y")[0], "outcome", "ended_at") == ("failed", 20)
    world.load(program(agent("x"), agent("y"), DETECT, ONE))
    world.command("resume", "y")
    assert [row["step"] for row in world.table("attempt", subject="y")] == ["restart"]


def test_a_rule_that_leaves_the_shadow_raises_what_holds() -> None:
    world = World(program(agent("x"), detection("agent_down", DOWN, shadow=True), ONE))
    world.status("x", "down")
    assert world.faults() == []
    world.at(10).load(program(agent("x"), DETECT, ONE))
    assert world.fault("agent_down")["raised_at"] == 10


def test_nothing_happens_on_a_reload_of_the_same() -> None:
    """Nobody is told again, nothing is done again, no fault is raised again; many times over."""
    limits = [Limit(3, 3600.0, None)]
    rule = recovery("revive", "agent_down", step("restart", restart(), within=300), limits=limits)
    same = program(agent("x"), DETECT, rule)
    world = World(same)
    world.behaves["restart"] = Behaviour(100.0)
    world.status("x", "down")
    before = len(world.effects)
    for second in range(1, 50):
        world.at(second).load(same)
    assert world.effects[before:] == []


def test_reloads_leave_nothing_behind() -> None:
    """Edges that lie a year ahead are set anew at every reload; the old ones are not kept until then."""
    expiring = detection(
        "expiring", compare(Call("remaining", (field("cert.expires"),)), "<", 86400.0), of="cert"
    )
    world = World(program(expiring))
    for number in range(50):
        world.report("cert", f"c{number}", expires=3e7 + number)
    for _ in range(100):
        world.load(program(expiring))
    assert len(world.engine.alarms) <= 1100
    world.at(4e7)
    assert len(world.faults()) == 50
