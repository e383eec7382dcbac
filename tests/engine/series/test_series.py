"""Series, told from outside: partly filled windows, counters, histograms, clocks, memory, restarts."""

from __future__ import annotations

import json
from itertools import pairwise
from math import inf, isclose, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.expressions import Constant, Window
from engine.series.series import Series
from engine.series.turning import JUST_AFTER
from tests.engine.series.oracle import histogram_quantile, prometheus_rate
from tests.engine.series.test_windows_oracle import ANY, NUMERIC, START, _steps, windows


def window(function: str, over: float = 60.0, ending: float = 0.0, number: float | None = None) -> Window:
    return Window(function, Constant(0.0), "x", over, ending, number)


def series(*functions: str, over: float = 60.0, interval: float = 5.0, most: int = 4096) -> Series:
    return Series([window(name, over) for name in functions], interval, most)


def fed(one: Series, values: list[float], every: float = 5.0, begin: float = START) -> float:
    """Gives it the values, and returns the instant of the last."""
    for number, value in enumerate(values):
        one.sampled(begin + number * every, value)
    return begin + (len(values) - 1) * every


# --- (7) partly filled windows --------------------------------------------------------------------------------------------


def test_below_half_coverage_only_bounds_are_known() -> None:
    one = series("increase", "changes", "count", "max", "min", "avg", "sum", "rate")
    now = fed(one, [1.0, 2.0, 4.0, 4.0])
    assert one.values(now) == (3.0, 2.0, 4.0, 4.0, 1.0, None, None, None)
    assert one.bounds(now) == ("least", "least", "least", "least", "most", "", "", "")


def test_from_half_coverage_on_all_are_known() -> None:
    one = series("avg", "sum")
    now = fed(one, [10.0] * 7)
    assert one.values(now - 0.25) == (None, None)
    assert one.values(now) == (10.0, 70.0)
    assert one.bounds(now + 30.0) == ("", "")


def test_a_gap_takes_coverage_away() -> None:
    one = series("avg")
    now = fed(one, [10.0] * 20)
    one.lost(now)
    assert one.values(now + 30.0) == (10.0,)
    assert one.values(now + 31.0) == (None,)


def test_a_value_that_stands_is_worth_its_time() -> None:
    """`set` tells a value once: after it had stood for a minute at 50 and for two at 95, the mean is theirs."""
    for interval in (0.0, 5.0):
        one = series("avg", over=180.0, interval=interval)
        one.sampled(START, 50.0)
        one.sampled(START + 60.0, 95.0)
        assert one.values(START + 180.0) == (pytest.approx(80.0, abs=1.0),)
        assert one.values(START + 250.0) == (95.0,)


# --- (8) counters ---------------------------------------------------------------------------------------------------------


def test_a_counter_that_became_less_began_at_zero() -> None:
    one = series("increase")
    assert one.values(fed(one, [10.0, 20.0, 5.0, 7.0])) == (17.0,)


def test_a_series_born_after_the_first_scrape_began_at_zero() -> None:
    one, other = series("increase"), series("increase")
    one.born(START - 5.0)
    assert one.values(fed(one, [3.0, 4.0])) == (4.0,)
    assert other.values(fed(other, [3.0, 4.0])) == (1.0,)


@given(st.lists(st.integers(0, 50), min_size=13, max_size=30), st.floats(0.0, 4.9))
def test_rate_is_prometheus_rate_on_regular_series(steps: list[int], after: float) -> None:
    values = [float(sum(steps[: number + 1])) for number in range(len(steps))]
    one = series("rate")
    now = fed(one, values) + after
    found = [(START + number * 5.0, value) for number, value in enumerate(values)]
    inside = [(at, value) for at, value in found if now - 60.0 < at <= now]
    assert one.values(now) == (pytest.approx(prometheus_rate(inside, now - 60.0, now)),)


def test_increases_of_adjoining_windows_add_up() -> None:
    one = Series([window("increase", 30.0), window("increase", 30.0, 30.0), window("increase", 60.0)], 5.0)
    now = fed(one, [float(number**2) for number in range(30)])
    newer, older, both = one.values(now + 2.0)
    assert newer + older == both


# --- histograms -----------------------------------------------------------------------------------------------------------

_BOUNDS = ("0.1", "0.5", "1", "+Inf")


@given(
    st.lists(st.tuples(*(st.integers(0, 9) for _ in _BOUNDS)), min_size=14, max_size=14),
    st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0]),
)
def test_quantile_of_a_histogram_is_prometheus_histogram_quantile(
    steps: list[tuple[int, ...]], part: float
) -> None:
    one = Series([window("quantile", 60.0, number=part)], 5.0)
    totals, seen = [0.0] * len(_BOUNDS), []
    for number, step in enumerate(steps):
        totals = [total + sum(step[: place + 1]) for place, total in enumerate(totals)]
        one.sampled(START + number * 5.0, dict(zip(_BOUNDS, totals, strict=True)))
        seen.append((START + number * 5.0, totals))
    now = seen[-1][0]
    inside = [entry for entry in seen if entry[0] > now - 60.0]
    rates = [
        (float(bound), prometheus_rate([(at, total[place]) for at, total in inside], now - 60.0, now))
        for place, bound in enumerate(_BOUNDS)
    ]
    rising = [(bound, max(rate for _, rate in rates[: place + 1])) for place, (bound, _) in enumerate(rates)]
    expected = histogram_quantile(part, rising)
    assert one.values(now) == (None if expected is None else pytest.approx(expected),)


def test_the_rate_of_a_histogram_is_one() -> None:
    one = Series([window("rate_of_histogram"), window("quantile", number=0.5)], 5.0)
    for number in range(13):
        one.sampled(START + number * 5.0, {"1": number * 5.0, "+Inf": number * 10.0})
    rate, median = one.values(START + 60.0)
    assert rate == {"1.0": pytest.approx(1.0), "inf": pytest.approx(2.0)}
    assert median == pytest.approx(1.0)


def test_of_a_condition_only_those_count_of_which_it_was_true() -> None:
    one = series("count")
    assert one.values(fed(one, [True, False, True, False, False])) == (2.0,)  # type: ignore[list-item]


def test_a_histogram_without_its_last_bucket_says_nothing() -> None:
    one = Series([window("quantile", number=0.9)], 5.0)
    for number in range(13):
        one.sampled(START + number * 5.0, {"0.1": float(number), "0.5": number * 2.0})
    assert one.values(START + 60.0) == (None,)


# --- (9) time -------------------------------------------------------------------------------------------------------------


def test_late_samples_find_their_place_and_later_ones_are_ignored() -> None:
    one = series("max", "count")
    now = fed(one, [1.0] * 10)
    one.sampled(now - 12.0, 5.0)
    one.sampled(now - 16.0, 9.0)
    assert one.values(now) == (5.0, 11.0)


def test_a_sample_told_twice_counts_once() -> None:
    one = series("count", "last")
    now = fed(one, [1.0] * 10)
    one.sampled(now, 2.0)
    assert one.values(now) == (10.0, 2.0)


def test_a_clock_that_was_set_back_is_noticed_at_the_third_sample() -> None:
    one = series("last", "count", "max")
    now = fed(one, [9.0] * 100)
    fed(one, [1.0, 2.0, 3.0], begin=now - 3600.0)
    assert one.values(now - 3590.0) == (3.0, 3.0, 3.0)


def test_stragglers_among_samples_in_time_change_nothing() -> None:
    one = series("count", over=1e6)
    for number in range(50):
        one.sampled(START + number * 5.0, 1.0)
        one.sampled(START + number * 5.0 - 3600.0, 1.0)
    assert one.values(START + 250.0) == (50.0,)


@pytest.mark.parametrize("value", [nan, inf, "text", True, {"a": 1.0}])
def test_what_is_no_number_is_unknown(value: object) -> None:
    one = series("avg", "last")
    now = fed(one, [1.0] * 20)
    one.sampled(now + 5.0, value)
    assert one.values(now + 30.0) == (1.0, 1.0)
    assert one.values(now + 70.0) == (None, None)


# --- what time alone turns ------------------------------------------------------------------------------------------------

_STILL = ("min", "max", "sum", "count", "increase", "delta", "changes", "last", "absent")


@given(st.sampled_from([0.0, 5.0]), _steps(st.integers(0, 9).map(float)))
@settings(max_examples=60, deadline=None)
def test_nothing_turns_before_it_was_said(interval: float, steps: list[tuple]) -> None:
    """Those that do not drift. That less than half of a window is known is told a few microseconds later than it is so, for instants are
    rounded."""
    one = Series(
        [window(name, over, ending) for name in _STILL for over, ending in ((20.0, 0.0), (20.0, 15.0))],
        interval,
    )
    now = START
    for what, by, value in steps:
        if what == "on time":
            now += by
            one.sampled(now, value)
        elif what == "lost":
            now += by
            one.lost(now)
    for _ in range(10):
        before, turn = one.values(now), one.turns(now)
        end = now + 100.0 if turn is None else turn
        assert end > now
        for part in range(1, 8) if end > now + 2 * JUST_AFTER else ():
            assert one.values(now + (end - now) * part / 8.001) == before
        if turn is None:
            break
        now = turn
        one.values(now)
    else:
        assert turn is not None


def test_what_drifts_is_looked_at_as_often_as_it_is_sampled() -> None:
    one = series("share", interval=5.0)
    one.sampled(START, True)
    one.sampled(START + 100.0, False)
    now, turned = START + 100.0, []
    while (now := one.turns(now) or inf) < START + 300.0:
        turned.append(one.values(now)[0])
    assert len(turned) < 20
    assert all(first >= second for first, second in pairwise(turned))
    assert turned[-1] == 0.0


def test_nothing_turns_where_nothing_was_seen() -> None:
    assert series("avg", "count").turns(START) is None


# --- memory and precision ---------------------------------------------------------------------------------------------------


def test_memory_is_bounded_by_the_window() -> None:
    one = series(*NUMERIC[:-1])
    fed(one, [1.0] * 2000)
    assert len(one.dump()["entries"]) < 200


def test_many_samples_are_merged_and_sums_and_extremes_stay_right() -> None:
    """Six hours of samples, twelve a minute, in 512 entries."""
    count, over = 4_320, 21_600.0
    values = [float((number * 7919) % 1000) for number in range(count)]
    nodes = [window(name, over, number=0.5 if name == "quantile" else None) for name in NUMERIC]
    one = Series(nodes, 5.0, most=512)
    now = fed(one, values)
    found = dict(zip(NUMERIC, one.values(now), strict=True))
    assert len(one.dump()["entries"]) <= 512
    assert found["count"] == pytest.approx(count, rel=0.01)
    assert found["sum"] == pytest.approx(sum(values), rel=0.01)
    assert found["avg"] == pytest.approx(sum(values) / count, rel=0.01)
    assert (found["min"], found["max"]) == (0.0, 999.0)
    assert found["quantile"] == pytest.approx(500.0, abs=30.0)
    assert found["stddev"] == pytest.approx(288.7, rel=0.01)


def test_no_error_builds_up() -> None:
    """A small ripple on a large value, after thousands of samples that came and went."""
    one = series("stddev", "avg", "slope", interval=1.0)
    now = fed(
        one,
        [1e9 + (number % 2) * 1e-3 + (1e15 if number == 50 else 0.0) for number in range(20_000)],
        every=1.0,
    )
    deviation, mean, slope = one.values(now)
    assert isclose(deviation, 5e-4, rel_tol=1e-3)
    assert isclose(mean, 1e9 + 5e-4, rel_tol=1e-15)
    assert abs(slope) < 1e-4


def test_dumped_and_loaded_it_goes_on_as_if_nothing_had_been() -> None:
    nodes = windows(tuple(name for name in NUMERIC))
    one = Series(nodes, 5.0, most=512)
    now = fed(one, [float(number % 37) for number in range(1500)])
    other = Series(nodes, 5.0, most=512)
    other.load(json.loads(json.dumps(one.dump())))
    for each in (one, other):
        each.sampled(now + 5.0, 3.0)
    for found, expected in zip(other.values(now + 5.0), one.values(now + 5.0), strict=True):
        assert found == expected or isclose(found, expected, rel_tol=0.01)


def test_a_restart_is_a_gap() -> None:
    one = series("avg", "absent")
    now = fed(one, [1.0] * 20)
    other = series("avg", "absent")
    other.load(json.loads(json.dumps(one.dump())))
    assert other.values(now + 29.0) == (1.0, False)
    assert other.values(now + 31.0) == (None, False)
    assert other.values(now + 61.0) == (None, True)


def test_a_series_that_never_heard_of_anything_survives_too() -> None:
    one = Series([window(name) for name in ANY], 5.0)
    other = Series([window(name) for name in ANY], 5.0)
    other.load(json.loads(json.dumps(one.dump())))
    assert other.values(START) == one.values(START)
