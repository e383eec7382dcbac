"""Conditions that time alone turns: the engine's edges are those of a scan that looks at every moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.expressions import Arithmetic, Call, Compare, Constant, Expression, Field
from engine.analysis.evaluate import evaluate
from tests.engine.programs import both, compare, detection, either, equals, field, negated, program, since
from tests.engine.world import World

START = 1_795_000_000.0  # an instant of today's size, where a float is exact to a quarter of a microsecond
LENGTH = 60
JUST_AFTER = 0.002

_paths = st.sampled_from(["metric.t", "metric.u"])
_spans = st.integers(-15, 30).map(lambda half: 2.0 * half)  # even: half of it is a whole second
_lines = st.one_of(
    st.builds(since, _paths),
    st.builds(lambda path: Call("remaining", (field(path),)), _paths),
    st.builds(lambda path: Arithmetic("*", Constant(2.0), since(path)), _paths),
    st.builds(lambda first, second: Arithmetic("+", since(first), since(second)), _paths, _paths),
)
_turning = st.builds(compare, _lines, st.sampled_from(["<", "<=", ">", ">="]), _spans)
conditions = st.recursive(
    _turning | st.just(equals("metric.on", True)),
    lambda inner: st.one_of(
        st.builds(both, inner, inner), st.builds(either, inner, inner), st.builds(negated, inner)
    ),
    max_leaves=4,
)


def edges(condition: Expression, facts: dict[str, object]) -> list[float]:
    """The half seconds at which the truth turns, by looking at every whole second."""
    truth = [evaluate(condition, {"metric": facts}, START + second) is True for second in range(LENGTH)]
    turned = [second - 0.5 for second in range(1, LENGTH) if truth[second] != truth[second - 1]]
    return ([0.0] if truth[0] else []) + turned


@given(conditions, st.none() | conditions, _spans, _spans, st.booleans())
def test_edges_are_those_of_a_scan(
    when: Expression, unless: Expression | None, first: float, second: float, on: bool
) -> None:
    world = World(program(detection("rule", when, of="metric", unless=unless)), at=START)
    facts = {"t": START + 0.5 + first, "u": START + 0.5 + second, "on": on}
    world.report("metric", "x", **facts)
    world.at(START + LENGTH - 1)
    meant = when if unless is None else both(when, negated(unless))
    expected = edges(meant, facts)
    found = [
        instant for row in world.faults() for instant in (row["raised_at"], row.get("closed_at")) if instant
    ]
    assert len(found) == len(expected)
    assert all(
        0.0 <= instant - START - edge <= JUST_AFTER for instant, edge in zip(found, expected, strict=True)
    )
    world.close()


@pytest.mark.parametrize("days", [1, 14, 365])
def test_far_edges_are_exact(days: int) -> None:
    remaining = Call("remaining", (field("metric.expires"),))
    world = World(program(detection("rule", compare(remaining, "<", 86400.0), of="metric")), at=START)
    world.report("metric", "x", expires=START + (days + 1) * 86400.0)
    world.at(START + 400 * 86400.0)
    assert [row["raised_at"] for row in world.faults()] == [
        pytest.approx(START + days * 86400.0, abs=JUST_AFTER)
    ]


def test_what_is_not_straight_is_looked_at_every_second() -> None:
    """A remainder, a product of two spans: no line to follow."""
    remainder = compare(Arithmetic("mod", since("metric.t"), Constant(60.0)), ">=", 30.0)
    product = compare(Arithmetic("*", since("metric.t"), since("metric.t")), ">", 1000.0)
    world = World(
        program(detection("half", remainder, of="metric"), detection("square", product, of="metric"))
    )
    world.now = START
    world.report("metric", "x", t=START)
    world.at(START + 200.0)
    halves = [
        (row["raised_at"] - START, row.get("closed_at", START) - START) for row in world.faults(rule="half")
    ]
    assert halves == [(30.0, 60.0), (90.0, 120.0), (150.0, 180.0)]
    assert [row["raised_at"] - START for row in world.faults(rule="square")] == [32.0]


def test_a_sample_moves_the_edge() -> None:
    world = World(program(detection("stale", compare(since("metric.t"), ">", 60.0), of="metric", hold=5.0)))
    for second in range(0, 300, 10):
        world.at(second).report("metric", "x", t=second)
    world.at(500)
    assert [(row["began_at"], row["raised_at"]) for row in world.faults()] == [
        (pytest.approx(350.0, abs=JUST_AFTER), pytest.approx(355.0, abs=JUST_AFTER))
    ]
    world.report("metric", "x", t=490)
    assert world.faults()[0]["closed_at"] == 500


def test_what_was_suppressed_begins_when_time_lifts_it() -> None:
    rule = detection(
        "rule", equals("metric.bad", True), of="metric", unless=compare(since("metric.t"), "<", 120.0)
    )
    world = World(program(rule))
    world.report("metric", "x", bad=True, t=-1000)
    world.at(10).report("metric", "x", t=10)
    assert world.faults()[0]["outcome"] == "suppressed"
    world.at(300)
    assert world.faults()[1]["raised_at"] == pytest.approx(130.0, abs=JUST_AFTER)


def test_where_may_follow_time() -> None:
    soon = Compare("<", Call("remaining", (Field("metric", ("expires",)),)), Constant(10.0))
    world = World(program(detection("rule", equals("metric.on", True), of="metric", where=soon)))
    world.report("metric", "x", on=True, expires=100.0)
    world.at(200)
    assert world.faults()[0]["raised_at"] == pytest.approx(90.0, abs=JUST_AFTER)
