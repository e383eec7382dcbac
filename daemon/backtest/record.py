"""What was recorded: samples in the order of time, from a database, a CSV file, or a range query of Prometheus."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import Any

import msgspec

from daemon.probes.prometheus import Sample as Scraped
from daemon.store.instants import as_seconds, as_text
from daemon.store.query import Reader
from daemon.watching.scraped import facts_of, scraped
from daemon.world.refusals import Refusal
from dsl.program import FactType

STALE = 3.0  # intervals after which a value that is not sampled any more is unknown, as for the daemon
_SHORTEST = 15.0  # seconds, where nothing says how often something was sampled


Series = tuple[str, str, str]  # type, key, field


class Unusable(Exception):
    """There is no record to play; the text says where and why."""


class Sample(msgspec.Struct, frozen=True, gc=False):
    """Fields of one fact that were seen at an instant, and are known for so many seconds unless they are seen again.

    Out of the collector's sight: there may be millions, and none is part of a circle.
    """

    at: float
    type: str
    key: str
    values: Mapping[str, object]
    fresh_for: float


@dataclass(frozen=True, slots=True)
class Record:
    """`fields` are the fields of each type of which anything was recorded, `series` how many series there are."""

    samples: Sequence[Sample]
    began: float
    ended: float
    fields: Mapping[str, frozenset[str]]
    series: int


def _record(samples: Iterable[Sample], ended: float = 0.0) -> Record:
    found = sorted(samples, key=attrgetter("at"))
    if not found:
        raise Unusable("nothing was recorded in that time")
    seen_again: dict[Series, tuple[float, float]] = {}  # when next, and until when it is known then
    found = [_until_it_goes_stale(one, seen_again) for one in reversed(found)][::-1]
    fields: dict[str, set[str]] = {}
    for kind, _, name in seen_again:
        fields.setdefault(kind, set()).add(name)
    known = {kind: frozenset(names) for kind, names in fields.items()}
    return Record(found, found[0].at, max(ended, found[-1].at), known, len(seen_again))


def _until_it_goes_stale(sample: Sample, seen_again: dict[Series, tuple[float, float]]) -> Sample:
    """What is seen again in time was known all the while: so the engine need not look again and again whether it went stale."""
    until, kind, key = sample.at + sample.fresh_for, sample.type, sample.key
    ends = []
    for name in sample.values:
        following = seen_again.get((kind, key, name))
        end = following[1] if following is not None and following[0] < until else until
        seen_again[kind, key, name] = (sample.at, end)
        ends.append(end)
    end = min(ends, default=until)
    return sample if end == until else Sample(sample.at, kind, key, sample.values, end - sample.at)


# --- a database -------------------------------------------------------------------------------------------------------

_RUNS = """
SELECT type, key, field, value, "from" AS begun, "until" AS ended, samples, failure FROM fact
WHERE "until" >= :since AND "from" <= :until ORDER BY id
"""


class _Run(msgspec.Struct, gc=False):
    begun: float
    ended: float
    samples: int
    value: object


def from_database(reader: Reader, since: float | None, until: float | None) -> Record:
    """The runs of the table `fact`: a value stands from the first of its samples until a while after the last."""
    bounds = {"since": as_text(since or 0.0), "until": as_text(until or 4e9)}
    series: dict[Series, list[_Run]] = {}
    for kind, key, name, text, begun, ended, samples, failure in reader.each(_RUNS, **bounds):
        if kind == "agent" and name in ("health", "ready"):
            continue  # what follows from them, the status, is recorded too
        value = None if failure is not None or text is None else msgspec.json.decode(text)
        run = _Run(as_seconds(begun), as_seconds(ended), samples or 1, value)
        series.setdefault((kind, key, name), []).append(run)
    last = max((runs[-1].ended for runs in series.values()), default=0.0)
    return _record(_together(series, since or 0.0), last)


def _together(series: Mapping[Series, list[_Run]], since: float) -> Iterator[Sample]:
    """Runs of the fields of one fact that began in one instant and are known until the same one, as one sample."""
    grouped: dict[tuple[float, float, str, str], dict[str, object]] = {}
    for (kind, key, name), runs in series.items():
        usual = _usual(runs)
        for run in runs:
            interval = _interval(run) if run.samples > 1 else usual
            until = run.ended + max(STALE * interval, _SHORTEST)
            grouped.setdefault((max(run.begun, since), until, kind, key), {})[name] = run.value
    return (Sample(at, kind, key, values, until - at) for (at, until, kind, key), values in grouped.items())


def _interval(run: _Run) -> float:
    """Seconds between its samples, of which it has several."""
    return (run.ended - run.begun) / (run.samples - 1)


def _usual(runs: Sequence[_Run]) -> float:
    """Seconds between two samples of a series. Where each sample is another value, only the gaps between the runs tell."""
    intervals = [_interval(run) for run in runs if run.samples > 1]
    intervals += [later.begun - earlier.ended for earlier, later in pairwise(runs)]
    return median(intervals) if intervals else 0.0


# --- a CSV file -------------------------------------------------------------------------------------------------------

_COLUMNS = ("at", "type", "key", "field", "value")


def from_csv(name: str, text: str) -> Record:
    """Columns at (ISO-8601, or seconds since 1970), type, key, field, value (JSON, else a text). Raises Unusable."""
    reader = csv.DictReader(StringIO(text))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise Unusable(f"{name}: no column {', '.join(missing)}; the columns are {', '.join(_COLUMNS)}")
    rows = [_csv_row(name, number, row) for number, row in enumerate(reader, start=2)]
    return _record(_with_freshness(rows))


def _csv_row(name: str, number: int, row: Mapping[str, Any]) -> tuple[float, str, str, str, object]:
    try:
        at = float(row["at"]) if str(row["at"]).replace(".", "", 1).isdigit() else as_seconds(row["at"])
    except (ValueError, TypeError):
        raise Unusable(
            f"{name}:{number}: {row['at']!r} is no time (ISO-8601, or seconds since 1970)"
        ) from None
    try:
        value = json.loads(row["value"])
    except (ValueError, TypeError):
        value = row["value"] or None
    return at, row["type"], row["key"], row["field"], value


def _with_freshness(rows: Iterable[tuple[float, str, str, str, object]]) -> Iterator[Sample]:
    """Each series is known for three of its own usual intervals after a sample."""
    series: dict[Series, list[tuple[float, object]]] = {}
    for at, kind, key, name, value in rows:
        series.setdefault((kind, key, name), []).append((at, value))
    for (kind, key, name), seen in series.items():
        seen.sort(key=lambda one: one[0])
        gaps = [later[0] - earlier[0] for earlier, later in pairwise(seen) if later[0] > earlier[0]]
        fresh = max(STALE * median(gaps), _SHORTEST) if gaps else _SHORTEST
        yield from (Sample(at, kind, key, {name: value}, fresh) for at, value in seen)


# --- Prometheus -------------------------------------------------------------------------------------------------------


def from_prometheus(name: str, text: str, types: Mapping[str, FactType]) -> Record:
    """The answer of `/api/v1/query_range`: facts are made of it as of what a probe scrapes. Raises Unusable."""
    plans = [scraped(kind) for kind in types.values() if kind.series_of]
    if not plans:
        raise Unusable(
            "the rules declare no `fact … from prometheus`, so nothing would be made of these series"
        )
    rows: list[tuple[float, str, str, str, object]] = []
    for at, series in _instants(name, text).items():
        for plan in plans:
            for key, values in facts_of(series, plan, at, OPEN).facts.items():
                rows += [(at, plan.kind.name, key, field, value) for field, value in values.items()]
    return _record(_merged(_with_freshness(rows)))


class _Open:
    """Implements `intake.Door`: of a record all is taken that is of its type."""

    def arrived(self, keys: Collection[str]) -> None:
        """Nothing has to make room."""

    def admits(self, key: str) -> bool:
        return True

    def refuse(self, refusal: Refusal, count: int = 1) -> None:
        """It is unknown, as it was for the daemon."""


OPEN = _Open()


def _merged(samples: Iterable[Sample]) -> list[Sample]:
    """What was seen of one fact in one instant, together."""
    grouped: dict[tuple[float, str, str, float], dict[str, object]] = {}
    for one in samples:
        grouped.setdefault((one.at, one.type, one.key, one.fresh_for), {}).update(one.values)
    return [Sample(at, kind, key, values, fresh) for (at, kind, key, fresh), values in grouped.items()]


def _instants(name: str, text: str) -> dict[float, list[Scraped]]:
    try:
        found = json.loads(text)["data"]["result"]
        instants: dict[float, list[Scraped]] = {}
        for one in found:
            labels = {label: value for label, value in one["metric"].items() if label != "__name__"}
            for at, value in one["values"]:
                instants.setdefault(float(at), []).append(
                    (one["metric"].get("__name__", ""), labels, float(value))
                )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unusable(
            f"{name}: this is no answer of query_range ({type(error).__name__}: {error})"
        ) from None
    return instants
