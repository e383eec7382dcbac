"""The quantile of what several histograms counted together, as Prometheus' histogram_quantile(q, sum by (le) (rate(…)))."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.derived.aggregates import BY_NAME
from tests.dsl.checking import program
from tests.engine.series.oracle import histogram_quantile, prometheus_rate
from tests.engine.world import World

_RULES = """\
fact http { key code; field job: text, took: histogram }
probe requests { http get "http://127.0.0.1/"; every 5s; into http }
channel c { url "log:" }
detection slow {
    for each http by job
    category performance
    when quantile(0.9, sum(rate(http.took over 1m))) > 0
    message "{quantile(90%, sum(rate(http.took over 1m)))}"
    notify c
}
"""
_BOUNDS = ("0.1", "0.5", "1", "+Inf")
_steps = st.lists(st.tuples(*(st.integers(0, 9) for _ in _BOUNDS)), min_size=14, max_size=14)


def _totals(steps: list[tuple[int, ...]]) -> list[list[float]]:
    """What the buckets have counted after each step; each holds what those below it hold."""
    seen = [[float(sum(step[: place + 1])) for place in range(len(step))] for step in steps]
    return list(accumulate(seen, lambda one, other: [a + b for a, b in zip(one, other, strict=True)]))


@settings(max_examples=max(100, settings.default.max_examples // 3))
@given(_steps, _steps)
def test_quantile_of_members_together(one: list[tuple[int, ...]], other: list[tuple[int, ...]]) -> None:
    world = World(program(_RULES, all_runs=True))
    counted = {"a": _totals(one), "b": _totals(other)}
    for number in range(len(one)):
        world.at(5.0 * number + 1.0)
        for code, totals in counted.items():
            world.report(
                "http", code, code=code, job="api", took=dict(zip(_BOUNDS, totals[number], strict=True))
            )
    expected = histogram_quantile(0.9, _rates(list(counted.values()), world.now))
    if not expected:
        assert world.open_faults() == set()
    else:
        assert float(world.fault("slow")["message"]) == pytest.approx(expected, rel=1e-4)


def _rates(counted: list[list[list[float]]], now: float) -> list[tuple[float, float]]:
    found = []
    for place, bound in enumerate(_BOUNDS):
        rate = 0.0
        for totals in counted:
            samples = [(5.0 * number + 1.0, total[place]) for number, total in enumerate(totals)]
            rate += prometheus_rate([one for one in samples if one[0] > now - 60.0], now - 60.0, now) or 0.0
        found.append((float(bound), rate))
    return found


_members = st.lists(
    st.tuples(
        st.sampled_from([True, True, False, None]),
        st.none() | st.dictionaries(st.sampled_from(_BOUNDS), st.floats(0, 9)),
    )
)


@given(_members, st.data())
def test_sums_are_kept_up_to_date(
    members: list[tuple[bool | None, dict[str, float] | None]], data: st.DataObject
) -> None:
    function = BY_NAME["sum_of_histograms"]
    tally = function.new()
    here = [one for one in members if one[0] is not False]
    for one in here:
        tally.add(*one)
    gone = data.draw(st.lists(st.sampled_from(range(len(here))), unique=True)) if here else []
    for place in gone:
        tally.remove(*here[place])
    left = [one for place, one in enumerate(here) if place not in gone]
    assert tally.result(0) == function.slow(left)
