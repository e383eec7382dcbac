"""An imported alert says the same as the alert that it is made of: Prometheus is asked about the same series.

What differs by design, and by how much at most (docs/import-prometheus.md):

- A fault is closed when its condition was false for one scrape interval, an alert at once: one scrape later.
- A hold ends when its time is over, not at the first evaluation after it: a value that ends the condition in the same instant is too late.
- Where a window is known for less than half of its length, nothing is said about it.
- A series that is not there any more has no faults; Prometheus goes on with what is in the window.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.program import Program
from tests.daemon.importing.playing import (
    INTERVAL,
    Answers,
    Firing,
    Series,
    ours,
    program_of,
    promtool,
)

N = None
RECORDED = Path(__file__).with_name("recorded.json")
with_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (on Debian: apt install prometheus)"
)


@dataclass(frozen=True)
class Case:
    """`by`: what is summed up by, see `ours`. `apart`: at which scrapes the two may differ, and why."""

    name: str
    expression: str
    series: Series
    hold: str = "0s"
    by: tuple[str, ...] | None = None
    apart: Mapping[int, str] = field(default_factory=dict)


_WARMING = "the window is known for less than half of its length"
_GONE = "the series is gone, and what it was is in the window"
_COUNTER = {
    'c_total{a="1"}': [0, 30, 60, 90, 0, 30, 60, 90, 120, 120, 120, N, N, N, 120, 150, 200],
    'c_total{a="2"}': [N, N, 100, 200, 300, N, N, N, N, 310, 320, 330, 340],
}
_GAUGE = {'x{a="1"}': [1, 2, 5, 6, 1, 1, 7, 8, 9, N, N, 1, 1, 1, 1, 1]}
_BUCKETS = {
    f'h_bucket{{i="{i}",job="1",le="{le}"}}': [count * number for number in range(8)] + [0, 0, 0, 0]
    for i in (1, 2)
    for le, count in (("0.1", 1), ("1", 5 * i), ("+Inf", 10))
}
_PAIRS = {
    'x{a="1",job="j"}': [1, 5, 5, 6, 1, 1, 7],
    'x{a="2"}': [1, 2, 5, 6, 1, 1, 7],
    'y{job="j"}': [1, 1, 0, 1, 1, N, N],
    'y{b="1"}': [5, 5, 5, 5, 1, 1, 1],
}

CASES = (
    Case(
        "threshold",
        "x > 3",
        {
            'x{a="1"}': [5, 5, 5, 5, 1, 5, N, 5, 5, 5, N, N, 1],
            'x{a="2"}': [1, 5, 5, 5, 5],
            'y{a="1"}': [1] * 13,
        },
        "30s",
    ),
    Case(
        "labels",
        'x{a!="1",b=""} > 3',
        {'x{a="1"}': [5, 5], "x": [5, 5], 'x{a="2",b="3"}': [5, 5], 'x{a="3"}': [1, 5]},
    ),
    Case("arithmetic", "x / y > 0.5", _PAIRS | {'y{a="1",job="j"}': [3] * 7}),
    Case("rate", "rate(c_total[50s]) > 1", _COUNTER, "30s", apart={5: _GONE, 6: _GONE}),
    Case(
        "increase", "increase(c_total[50s]) > 0", _COUNTER, apart=dict.fromkeys((5, 6, 7, 13, 14, 15), _GONE)
    ),
    Case("average", "avg_over_time(x[50s]) > 3", _GAUGE, apart=dict.fromkeys((9, 10, 11), _GONE)),
    Case("quantile", "quantile_over_time(0.5, x[50s]) > 3", _GAUGE, apart=dict.fromkeys((9, 10, 11), _GONE)),
    Case("changes", "changes(x[50s]) > 1", _GAUGE, apart=dict.fromkeys((9, 10, 11), _GONE)),
    Case("offset", "x - x offset 30s > 3", _GAUGE),
    Case(
        "by",
        "sum by (job) (x) > 3",
        {'x{job="1",i="1"}': [5, 5, 1, 5, 1, 5, N, 5, 5, 5], 'x{i="2"}': [1, 5, 5, 5, 5]},
        by=("job",),
    ),
    Case("all", "sum(x) > 3", {'x{i="1"}': [1, 5, N, N, 2, 2, N], 'x{i="2"}': [1, 1, 1, 1, 2, 2, N]}, by=()),
    Case("count", "count(x == 0) > 1", {'x{i="1"}': [1, 1, 0, 0, N], 'x{i="2"}': [0, 1, 1, 0, 0]}, by=()),
    Case(
        "share",
        "sum by (job) (rate(e_total[50s])) / sum by (job) (rate(c_total[50s])) > 0.5",
        {
            'e_total{job="1",i="1"}': [0, 1, 2, 10, 30, 30, 30, 30],
            'c_total{job="1",i="1"}': [0, 10, 20, 30, 40, 50, 60, 70],
            'e_total{i="1"}': [0, 10, 20, 30, 40, 50, 60, 70],
            'c_total{i="1"}': [0, 10, 20, 30, 40, 50, 60, 70],
        },
        by=("job",),
        apart={1: _WARMING},
    ),
    Case(
        "absent",
        'absent(x{a="1"})',
        {'x{a="1"}': [N, N, N, N, 1, 1, N, N, N, N, 1], 'x{a="2"}': [1] * 11},
        "30s",
        by=(),
    ),
    Case(
        "histogram",
        "histogram_quantile(0.9, sum by (le, job) (rate(h_bucket[50s]))) > 0.5",
        _BUCKETS,
        by=("job",),
        apart={1: _WARMING, 11: "a quantile of no events is unknown, which keeps a fault open"},
    ),
    Case(
        "falling",
        "predict_linear(x[100s], 600) < 0",
        {'x{a="1"}': [100 - 3 * number for number in range(20)] + [40 + 3 * number for number in range(10)]},
        apart={1: _WARMING, 2: _WARMING, 3: _WARMING},
    ),
    Case("joined with and", "x > 3 and on (job) y == 1", _PAIRS),
    Case("joined with unless", "x > 3 unless on (job) y == 1", _PAIRS),
    Case("joined with a value", "x > on (job) group_left max by (job) (y)", _PAIRS),
    Case("or", "x > 6 or y > 4", _PAIRS),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_it_fires_when_prometheus_fires(case: Case) -> None:
    told = _recorded()[case.name]
    found = ours(program_of(case.expression, case.hold), case.series, case.by)
    hold = float(case.hold.removesuffix("s"))
    assert _differences(found, _of(told, case.by), hold, case.apart) == {}


@with_promtool
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_was_recorded_is_what_prometheus_says(
    case: Case, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    told = promtool(case.expression, case.hold, case.series, tmp_path)
    if request.config.getoption("--snapshot-update"):
        _record(case.name, told)
    assert _recorded()[case.name] == told


# --- any series ------------------------------------------------------------------------------------------------------------

_NAMES = ('x{i="1",job="1"}', 'x{i="2",job="1"}', 'x{i="3",job="2"}', 'x{i="4"}')
_LENGTH = 14
_STEADY = st.integers(0, 6).map(float)
_VALUES = st.one_of(st.none(), _STEADY)


def _each(values: st.SearchStrategy[float | None]) -> st.SearchStrategy[Series]:
    """Whatever it says."""
    return st.fixed_dictionaries(dict.fromkeys(_NAMES, st.lists(values, min_size=_LENGTH, max_size=_LENGTH)))


ANY = {
    "a threshold": ("x > 3", "0s", None, _each(_VALUES), 0),
    "a threshold with a hold": ("x > 3", "30s", None, _each(_VALUES), 0),
    "a sum": ("sum by (job) (x) > 7", "0s", ("job",), _each(_VALUES), 0),
    "a count with a hold": ("count by (job) (x > 2) >= 2", "30s", ("job",), _each(_VALUES), 0),
    "what is absent": ('absent(x{job="1"})', "30s", (), _each(_VALUES), 0),
    "an average": ("avg_over_time(x[50s]) > 3", "0s", None, _each(_STEADY), 2),
    "a maximum": ("max_over_time(x[50s]) > 4", "0s", None, _each(_STEADY), 2),
    "a minimum": (
        "min_over_time(x[50s]) > 2",
        "0s",
        None,
        _each(_STEADY),
        4,
    ),  # known when all of the window is
}
_STEP = 5.0  # at which every instant lies at which a sample leaves a window of 50 s


@pytest.mark.slow
@with_promtool
@pytest.mark.parametrize("what", ANY)
def test_any_series(what: str) -> None:
    expression, hold, by, any_series, warming = ANY[what]
    program = _program(expression, hold)

    @settings(max_examples=8, deadline=None)
    @given(any_series)
    def holds(series: Series) -> None:
        with TemporaryDirectory() as directory:
            told = promtool(expression, hold, series, Path(directory), _STEP)
        apart = dict.fromkeys(range(warming), _WARMING)
        found = ours(program, series, by)
        seconds = float(hold.removesuffix("s"))
        assert _differences(found, _of(told, by), seconds, apart, _STEP) == {}

    holds()


@cache
def _program(expression: str, hold: str) -> Program:
    return program_of(expression, hold)


# --- what is the same --------------------------------------------------------------------------------------------------------


def _differences(
    found: Firing, told: Answers, hold: float, apart: Mapping[int, str], step: float = INTERVAL
) -> dict[int, tuple[object, object]]:
    """Scrapes after which something fires there and not here, or here though there it did not in the interval before."""
    wrong: dict[int, tuple[object, object]] = {}
    for number, (here, there) in enumerate(zip(found, told.firing, strict=True)):
        lately = _lately(told, number, hold, step)
        missing, surplus = there - here, here - there - lately
        if number not in apart and (missing or surplus):
            wrong[number] = (missing, surplus)
    return wrong


def _lately(told: Answers, number: int, hold: float, step: float) -> set[tuple[tuple[str, str], ...]]:
    """What may still be open: the condition was true for as long as it has to be, up to an instant in the interval before."""
    finer, length = round(INTERVAL / step), round(hold / step)
    here = number * finer
    lately = set(told.firing[number - 1]) if number else set()
    for end in range(max(0, here - finer), here):
        held = told.true[max(0, end - length + 1) : end + 1] if hold else [told.true[end]]
        lately |= set.intersection(*held)
    return lately


def _of(told: Answers, by: Sequence[str] | None) -> Answers:
    """Where one fault stands for all, it has no labels."""
    if by != ():
        return told
    return Answers(
        [{()} if one else set() for one in told.firing], [{()} if one else set() for one in told.true]
    )


def _recorded() -> dict[str, Answers]:
    text = RECORDED.read_text(encoding="utf-8") if RECORDED.exists() else "{}"
    return {name: Answers(*map(_read, told)) for name, told in json.loads(text).items()}


def _read(told: list[list[list[list[str]]]]) -> Firing:
    return [{tuple((name, value) for name, value in labels) for labels in one} for one in told]


def _record(name: str, told: Answers) -> None:
    known = _recorded() | {name: told}
    document = {
        one: [[sorted(there) for there in kind] for kind in (known[one].firing, known[one].true)]
        for one in sorted(known)
    }
    lines = ",\n".join(f"{json.dumps(one)}: {json.dumps(document[one])}" for one in document)
    RECORDED.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
