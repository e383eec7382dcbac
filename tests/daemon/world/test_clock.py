"""Clocks that are set: time never goes back, and what has begun comes to its end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.world.clock import Clock
from tests.engine.programs import detection, equals, program
from tests.engine.world import World


class Machine:
    """A wall clock that is set, and seconds that pass."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000_000.0, 50.0
        self.clock = Clock(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> float:
        self.wall += seconds
        self.steady += seconds
        return self.clock()


def test_a_clock_that_nobody_sets_is_the_wall_clock() -> None:
    machine = Machine()
    assert [machine.passes(10.0) for _ in range(3)] == [1_000_010.0, 1_000_020.0, 1_000_030.0]


def test_one_that_is_set_forward_is_followed() -> None:
    machine = Machine()
    machine.wall += 3600.0
    assert machine.passes(1.0) == 1_003_601.0


def test_one_that_is_set_back_is_waited_for() -> None:
    machine = Machine()
    machine.wall -= 5.0
    assert machine.passes(10.0) == pytest.approx(1_000_009.0)
    assert machine.passes(40.0) == pytest.approx(1_000_045.0)  # both agree again
    assert machine.passes(10.0) == machine.wall


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(-1e5, 1e5)), max_size=40))
def test_time_goes_on_whatever_is_done_to_the_clock(steps: list[tuple[float, float]]) -> None:
    machine = Machine()
    before = machine.clock()
    for seconds, set_by in steps:
        machine.wall += set_by
        now = machine.passes(seconds)
        assert now >= before + 0.9 * seconds - 1e-6
        assert now >= machine.wall
        before = now


def test_a_hold_ends_though_the_clock_is_set_back_by_an_hour() -> None:
    machine = Machine()
    rule = detection("down", equals("agent.status", "down"), hold=15.0, of="agent")
    world = World(program(rule), at=machine.clock())
    world.status("api", "down")
    raised_after = None
    for second in range(1, 60):
        if second == 5:
            machine.wall -= 3600.0
        world.at(machine.passes(1.0))
        if world.open_faults() and raised_after is None:
            raised_after = second
    assert raised_after is not None
    assert 15 <= raised_after <= 17  # a ninth longer, at most, in seconds that pass


def test_what_is_seen_after_the_clock_was_set_back_counts() -> None:
    """It is no older than what was seen before: samples are told by the clock that goes on."""
    machine = Machine()
    world = World(program(detection("down", equals("agent.status", "down"), of="agent")), at=machine.clock())
    world.status("api", "up")
    machine.wall -= 3600.0
    world.at(machine.passes(5.0))
    world.status("api", "down")
    assert world.open_faults() == {("down", "api")}
