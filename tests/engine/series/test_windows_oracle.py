"""Every function of windows says what the slow reading of all samples says, whatever comes late, twice, not at all, or from a wrong clock."""

from __future__ import annotations

import json
from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.expressions import Constant, Window
from dsl.vocabulary.functions.time import FORMS
from engine.series.functions import BY_NAME
from engine.series.series import Series
from tests.engine.series.oracle import Oracle

START = 1_795_000_000.0  # an instant of today's size, where quarters of a second are exact
NUMERIC = (
    "avg",
    "min",
    "max",
    "sum",
    "count",
    "rate",
    "increase",
    "delta",
    "slope",
    "stddev",
    "changes",
    "quantile",
)
ANY = ("count", "changes", "share", "last", "past", "age", "absent")
SPANS = ((20.0, 0.0), (60.0, 0.0), (20.0, 15.0))

_moves = st.one_of(st.just(5.0), st.integers(0, 160).map(lambda quarter: quarter / 4))
_back = st.integers(0, 120).map(lambda quarter: quarter / 4)
_numbers = st.integers(-3, 20).map(float)


def _steps(values: st.SearchStrategy[object]) -> st.SearchStrategy[list[tuple]]:
    step = st.one_of(
        st.tuples(st.just("on time"), _moves, values),
        st.tuples(st.just("on time"), st.just(5.0), values),
        st.tuples(st.just("late"), _back, values),
        st.tuples(st.just("lost"), _moves, st.none()),
        st.tuples(st.just("late loss"), _back, st.none()),
        st.tuples(st.just("ask"), _moves, st.none()),
        st.tuples(st.just("clock set back"), st.integers(20, 400).map(float), st.none()),
        st.tuples(st.just("restart"), st.just(0.0), st.none()),
    )
    return st.lists(step, max_size=40)


def windows(functions: tuple[str, ...]) -> list[Window]:
    return [
        Window(name, Constant(0.0), "x", *_span(name, over, ending), 0.7 if name == "quantile" else None)
        for over, ending in SPANS
        for name in functions
    ]


def _span(name: str, over: float, ending: float) -> tuple[float, float]:
    return {"past": (0.0, over), "age": (0.0, 0.0)}.get(name, (over, ending))


def test_every_function_is_held_against_the_slow_reading() -> None:
    assert set(BY_NAME) == {*NUMERIC, *ANY, "rate_of_histogram"}  # histograms: test_series


def _follow(nodes: list[Window], interval: float, born: bool, steps: list[tuple]) -> None:
    series, oracle = Series(nodes, interval), Oracle(interval)
    now = START
    if born:
        series.born(now)
        oracle.born(now)
        now += 5.0
    for what, by, value in steps:
        at = now
        if what in ("on time", "lost", "ask"):
            at = now = now + by
        elif what.startswith("late"):
            at = now - by
        elif what == "clock set back":
            now -= by
            continue
        if what == "restart":
            data = json.loads(json.dumps(series.dump()))
            series = Series(nodes, interval)
            series.load(data)
            if oracle.begun is not None:
                oracle.lost(data["heard"])
        for one in (series, oracle):
            if what in ("on time", "late"):
                one.sampled(at, value)
            elif what in ("lost", "late loss"):
                one.lost(at)
        assert_same(nodes, series, oracle, now)


def assert_same(nodes: list[Window], series: Series, oracle: Oracle, now: float) -> None:
    for node, found in zip(nodes, series.values(now), strict=True):
        expected = oracle.value(node, now)
        if isinstance(expected, float) and isinstance(found, float):
            assert isclose(found, expected, rel_tol=1e-9, abs_tol=1e-7), (node, found, expected)
        else:
            assert found == expected, (node, found, expected)


@given(st.sampled_from([0.0, 4.0, 5.0]), st.booleans(), _steps(st.one_of(_numbers, _numbers, st.none())))
@settings(max_examples=150, deadline=None)
def test_numbers(interval: float, born: bool, steps: list[tuple]) -> None:
    _follow(windows(NUMERIC), interval, born, steps)


@given(st.sampled_from([0.0, 5.0]), _steps(st.sampled_from([True, False, None])))
@settings(max_examples=100, deadline=None)
def test_other_values(interval: float, steps: list[tuple]) -> None:
    _follow(windows(ANY), interval, False, steps)


@given(st.sampled_from([0.0, 5.0]), _steps(_numbers), st.integers(300, 900))
@settings(max_examples=25, deadline=None)
def test_merged_entries_bear_whatever_comes(interval: float, steps: list[tuple], before: int) -> None:
    """Late samples, losses and wrong clocks among few entries: no crash, and what is exact stays exact."""
    node = Window("max", Constant(0.0), "x", 10_000.0)
    one = Series([node, *windows(NUMERIC)], interval, most=320)
    for number in range(before):
        one.sampled(START + number * 5.0, float(number % 20))
    now = START + before * 5.0
    for what, by, value in steps:
        if what == "on time":
            now += by
            one.sampled(now, value)
        elif what == "clock set back":
            now -= by
        elif what == "late":
            one.sampled(now - by, value)
        elif what in ("lost", "late loss"):
            one.lost(now - (by if what == "late loss" else 0.0))
        elif what == "restart":
            data = json.loads(json.dumps(one.dump()))
            one = Series([node, *windows(NUMERIC)], interval, most=320)
            one.load(data)
        one.turns(now)
        assert one.values(now)[0] in (19.0, 20.0)


def test_each_function_of_the_vocabulary_has_its_meaning() -> None:
    assert {form.name for form in FORMS} == set(BY_NAME) - {"rate_of_histogram"}  # written `rate`
