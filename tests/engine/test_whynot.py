"""`volexd whynot`: the first thing that stands in the way, with its values and distances."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from dsl.expressions import Aggregate, Compare, Constant, Members, Window
from dsl.program import Limit
from engine.whynot import whynot
from tests.engine.programs import (
    DOWN,
    UP,
    agent,
    both,
    compare,
    detection,
    either,
    equals,
    field,
    program,
    recovery,
    restart,
    step,
)
from tests.engine.world import World


def lines(world: World, rule: str, subject: str = "") -> list[str]:
    return ["  " * depth + line for depth, line in whynot(world.engine, rule, subject, world.now).lines]


def verdict(world: World, rule: str, subject: str = "") -> str:
    return whynot(world.engine, rule, subject, world.now).verdict


SLOW = detection(
    "slow", both(UP, compare("agent.latency", ">", 2.0)), hold=30.0, unless=compare("host.load", ">", 9.0)
)


def test_the_first_part_that_is_false_with_its_distance() -> None:
    world = World(program(SLOW))
    world.status("api", "up", latency=1.25)
    assert lines(world, "slow", "api") == [
        "its `when` is not true",
        "  agent.latency > 2 is false",
        "    agent.latency is 1.25",
        "    0.75 below what is compared with",
    ]
    assert verdict(world, "slow", "api") == "no"


def test_what_is_unknown_is_named() -> None:
    world = World(program(SLOW))
    world.status("api", "up")
    assert lines(world, "slow", "api") == [
        "its `when` is unknown",
        "  agent.latency > 2 is unknown",
        "    agent.latency is unknown",
        "    nobody has said the latency of agent api so far",
    ]
    assert verdict(world, "slow", "api") == "unknown"


def test_the_time_that_is_left_of_a_hold() -> None:
    world = World(program(SLOW))
    world.status("api", "up", latency=3.0)
    world.at(12)
    assert lines(world, "slow") == ["its condition has been true for 12s, and must be so for 30s: 18s left"]
    assert verdict(world, "slow") == "waits"
    world.at(40)
    assert lines(world, "slow") == ["fault 1 is open since 10s"]


def test_what_blocks_is_named() -> None:
    world = World(program(SLOW))
    world.report("host", "h", load=10.0)
    world.status("api", "up", latency=3.0)
    assert lines(world, "slow", "api") == ["its `unless` is true", "  host.load > 9"]


def test_of_alternatives_all_are_told() -> None:
    world = World(program(detection("bad", either(DOWN, compare("agent.latency", ">", 2.0)))))
    world.status("api", "up", latency=1.0)
    assert lines(world, "bad", "api")[:4] == [
        "its `when` is not true",
        "  none of these is true",
        '    agent.status == "down" is false',
        "      agent.status is up",
    ]


def test_aggregates_and_windows_are_told_as_they_were_written() -> None:
    few = Compare("<", Aggregate("count", Members("agent", "agent", UP)), Constant(2.0))
    slow = Compare(">", Window("avg", field("agent.latency"), "agent", over=60.0), Constant(2.0))
    world = World(program(detection("few", few, of=None), detection("slow", slow)))
    world.report("host", "h", load=1.0)
    world.status("api", "up", latency=1.0)
    world.status("web", "up", latency=1.0)
    said = "\n".join(lines(world, "few"))
    assert 'count(agent where agent.status == "up") is 2' in said
    assert "avg(agent.latency over 1m) > 2 is unknown" in "\n".join(lines(world, "slow", "api"))


def test_a_recovery_says_what_it_waits_for() -> None:
    down = detection("down", DOWN, until=UP)
    revive = recovery(
        "revive", "down", step("restart", restart(), within=5.0), limits=(Limit(1, 3600.0, None),)
    )
    world = World(
        program(agent("api"), agent("web"), down, replace(revive, only_if=compare("host.load", "<", 5.0)))
    )
    world.report("host", "h", load=9.0)
    assert lines(world, "revive", "api") == [
        "no fault down on api is open",
        "  detection down:",
        "    its `when` is unknown",
        '      agent.status == "down" is unknown',
        "        agent.status is unknown",
        "        what is said of agent api leaves its status unknown",
    ]
    world.status("api", "down")
    assert lines(world, "revive", "api") == [
        "fault 1 (down on api): what it only acts if is not true",
        "  host.load < 5 is false",
        "    host.load is 9",
        "    4 above what is compared with",
    ]
    world.report("host", "h", load=1.0)
    assert verdict(world, "revive", "api") == "acts"


def test_what_is_not_known_is_said_with_what_is() -> None:
    world = World(program(SLOW))
    world.status("api", "up")
    with pytest.raises(LookupError, match="nothing is known of agent vault; known are: api"):
        whynot(world.engine, "slow", "vault", 0.0)
    with pytest.raises(LookupError, match="called sloow; there are: slow"):
        whynot(world.engine, "sloow", "", 0.0)


def test_looking_changes_nothing() -> None:
    one, other = World(program(SLOW)), World(program(SLOW))
    for world in (one, other):
        world.status("api", "up", latency=3.0)
    whynot(one.engine, "slow", "api", 0.0)
    one.at(60)
    other.at(60)
    assert one.rows == other.rows
    assert equals("agent.status", "up") == UP
