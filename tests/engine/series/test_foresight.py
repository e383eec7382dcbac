"""What becomes of values: how unusual they are, when they reach a limit, and when nobody can tell."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import pairwise
from math import inf, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.expressions import Constant, Foresight, Window
from engine.series.series import Series

START = 1_795_000_000.0
EVERY = 300.0
DAY = 86_400.0
NOTEWORTHY = 0.99


def anomaly(over: float = DAY) -> Foresight:
    return Foresight("anomaly", Constant(0.0), "x", over)


def time_until(threshold: float, operator: str = ">=", over: float = 360 * 60.0) -> Foresight:
    return Foresight("time_until", Constant(0.0), "x", over, 0.0, operator, threshold)


def forecast(after: float, over: float = 360 * 60.0) -> Foresight:
    return Foresight("forecast", Constant(0.0), "x", over, after)


def usual(count: int, seed: str = "usual") -> list[float]:
    """A load with a day's shape and some noise."""
    chance = random.Random(seed)
    return [50 + 20 * sin(2 * pi * number / 288) + chance.gauss(0, 1) for number in range(count)]


def shown(values: Sequence[float], one: Series | None = None, begin: int = 0) -> list[object]:
    one = one or Series([anomaly()], EVERY)
    found = []
    for number, value in enumerate(values, begin):
        one.sampled(START + number * EVERY, value)
        found.append(one.values(START + number * EVERY)[0])
    return found


# --- anomaly --------------------------------------------------------------------------------------------------------------


def test_unknown_until_a_day_was_seen() -> None:
    found = shown(usual(400))
    assert found[:287] == [None] * 287
    assert all(isinstance(value, float) and 0.0 <= value <= 1.0 for value in found[288:])


def test_what_is_usual_is_not_noteworthy() -> None:
    found = [value for value in shown(usual(3000))[600:] if isinstance(value, float)]
    assert sum(first < NOTEWORTHY <= second for first, second in pairwise(found)) <= 1  # in eight days


@pytest.mark.parametrize(
    "changed",
    [lambda value: value + 60, lambda value: 0.0, lambda value: value * 2.2],
    ids=["jump", "silence", "double"],
)
def test_what_was_never_seen_is_noteworthy(changed: object) -> None:
    values = usual(1600)
    values[1500:] = [changed(value) for value in values[1500:]]  # type: ignore[operator]
    found = shown(values)
    assert max(found[1500:1540]) > NOTEWORTHY  # type: ignore[type-var]


def test_movement_that_stops_is_noteworthy() -> None:
    """The value stays where it often was."""
    chance = random.Random("noise")
    values = [50 + chance.gauss(0, 5) for _ in range(1500)] + [50.0] * 150
    assert max(shown(values)[1500:]) > NOTEWORTHY  # type: ignore[type-var]


def test_what_repeats_falls_silent() -> None:
    values = usual(4000)
    for number in range(600, 4000, 200):
        values[number : number + 10] = [150.0] * 10
    found = shown(values)
    assert max(found[600:620]) > NOTEWORTHY  # type: ignore[type-var]
    assert max(found[3000:]) < NOTEWORTHY  # type: ignore[type-var]


def test_nothing_is_unusual_about_a_value_that_never_changes() -> None:
    assert shown([45.0] * 600)[-1] == 0.0


def test_the_newest_value_has_to_be_known() -> None:
    one = Series([anomaly()], EVERY)
    shown(usual(600), one)
    one.lost(START + 600 * EVERY)
    assert one.values(START + 601 * EVERY) == (None,)


def fault(one: Series) -> list[object]:
    """Half a day at a level that was never seen, of which the fault is raised at once."""
    found = []
    for number in range(1500, 1650):
        found += shown([130.0], one, number)
        if found[-1] is not None and found[-1] > NOTEWORTHY:  # type: ignore[operator]
            one.learning = False
    return found


def test_while_its_fault_is_open_it_does_not_learn() -> None:
    one = Series([anomaly()], EVERY)
    shown(usual(1500), one)
    assert fault(one)[-1] > NOTEWORTHY  # type: ignore[operator]
    back = shown(usual(1700)[1650:], one, 1650)
    assert back[-1] < NOTEWORTHY  # type: ignore[operator]
    one.learning = True
    assert max(shown(usual(1800)[1700:], one, 1700)) < NOTEWORTHY  # type: ignore[type-var]


def test_what_it_learned_survives_a_restart() -> None:
    one, other = Series([anomaly()], EVERY), Series([anomaly()], EVERY)
    values = usual(1600)
    values[1510:] = [120.0] * 90
    shown(values[:1500], one)
    other.load(json.loads(json.dumps(one.dump())))
    assert shown(values[1500:], one, 1500) == shown(values[1500:], other, 1500)


def test_its_memory_is_constant() -> None:
    chance = random.Random("all over")
    one = Series([anomaly()], EVERY)
    shown([chance.lognormvariate(0, 2) for _ in range(3000)], one)
    first = len(json.dumps(one.dump()))
    shown([chance.lognormvariate(0, 2) for _ in range(3000)], one, 3000)
    assert len(json.dumps(one.dump())) < 1.2 * first < 40_000


def test_it_finds_the_interval_where_nobody_says_it() -> None:
    one, other = Series([anomaly()], 0.0), Series([anomaly()], EVERY)
    assert shown(usual(700), one) == shown(usual(700), other)


@given(st.lists(st.floats(-1e300, 1e300) | st.none(), max_size=300), st.sampled_from([0.0, EVERY]))
@settings(max_examples=30, deadline=None)
def test_no_value_breaks_it(values: list[float | None], interval: float) -> None:
    one = Series([anomaly(3600.0), time_until(5.0), forecast(3600.0)], interval)
    for number, value in enumerate(values):
        one.sampled(START + number * EVERY, value)
        found = one.values(START + number * EVERY)
        assert found[0] is None or 0.0 <= found[0] <= 1.0  # type: ignore[operator]


# --- forecast and time_until ----------------------------------------------------------------------------------------------


def fed(values: Sequence[float], *nodes: Foresight | Window) -> tuple[object, ...]:
    one = Series(nodes, 60.0)
    for number, value in enumerate(values):
        one.sampled(START + number * 60.0, value)
    return one.values(START + (len(values) - 1) * 60.0)


def growing(count: int = 360, seed: str = "growing") -> list[float]:
    chance = random.Random(seed)
    return [20 + 0.1 * number + chance.gauss(0, 0.3) for number in range(count)]


def test_a_line_is_followed() -> None:
    until, ahead = fed(growing(), time_until(95.0), forecast(3600.0))
    assert until == pytest.approx((95 - 55.9) / 0.1 * 60, rel=0.03)
    assert ahead == pytest.approx(55.9 + 6.0, rel=0.02)


def test_falling_towards_a_limit_below() -> None:
    assert fed([100 - value for value in growing()], time_until(5.0, "<")) == (
        pytest.approx(23_460, rel=0.03),
    )


def test_reached_already_is_zero_and_receding_is_never() -> None:
    assert fed(growing(), time_until(50.0), time_until(10.0, "<=")) == (0.0, inf)


def test_a_step_a_reset_and_outliers_do_not_lead_astray() -> None:
    expected = pytest.approx(23_460, rel=0.1)
    stepped = [value - 15 if number < 200 else value for number, value in enumerate(growing())]
    reset = [value + 25 if number < 150 else value for number, value in enumerate(growing())]
    spiky = [70.0 if number % 17 == 3 else value for number, value in enumerate(growing())]
    for values in (stepped, reset, spiky):
        assert fed(values, time_until(95.0)) == (expected,)


def test_what_stands_still_never_gets_there() -> None:
    chance = random.Random("still")
    assert fed([70 + chance.gauss(0, 0.05) for _ in range(360)], time_until(95.0)) == (inf,)
    assert fed([70.0] * 360, time_until(95.0), forecast(3600.0)) == (inf, 70.0)


def test_where_noise_hides_the_trend_nobody_can_tell() -> None:
    chance = random.Random("noise")
    assert fed([70 + chance.gauss(0, 10) for _ in range(360)], time_until(80.0)) in ((None,), (0.0,))


def test_below_half_coverage_nobody_can_tell() -> None:
    assert fed(growing(170), time_until(95.0), forecast(60.0)) == (None, None)
    assert fed(growing(200), time_until(95.0)) != (None,)


def test_after_a_break_in_the_last_moment_nobody_can_tell() -> None:
    values = [20.0] * 330 + [20 + 3.0 * number for number in range(30)]
    assert fed(values, time_until(300.0), forecast(3600.0)) == (None, None)


def test_time_moves_the_forecast_on() -> None:
    one = Series([time_until(95.0)], 0.0)
    for number, value in enumerate(growing()):
        one.sampled(START + number * 60.0, value)
    now = START + 359 * 60.0
    turn = one.turns(now)
    assert turn is not None
    assert turn > now
