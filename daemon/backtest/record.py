"""What was recorded: samples in the order of time, from a database, a CSV file, or a range query of Prometheus."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from math import inf
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


class _Seen(msgspec.Struct, gc=False):
    """A value of a series: seen first and last, by so many samples; known until an instant unless it is seen again."""

    at: float
    last: float
    samples: int
    value: object
    until: float = 0.0


def _record(series: Mapping[Series, list[_Seen]], since: float = 0.0) -> Record:
    """Of every series what was seen, in the order of time."""
    grouped: dict[tuple[float, float, str, str], dict[str, object]] = {}
    for (kind, key, name), seen in series.items():
        _set_until(seen)
        for one in seen:
            at = one.at if one.at > since else since
            place = (at, one.until, kind, key)
            fields = grouped.get(place)
            if fields is None:
                grouped[place] = {name: one.value}
            else:
                fields[name] = one.value
    if not grouped:
        raise Unusable("nothing was recorded in that time")
    found = [Sample(at, kind, key, values, until - at) for (at, until, kind, key), values in grouped.items()]
    found.sort(key=attrgetter("at"))
    ended = max(seen[-1].last for seen in series.values())
    return Record(found, found[0].at, max(ended, found[-1].at), _fields(series), len(series))


def _fields(series: Iterable[Series]) -> dict[str, frozenset[str]]:
    fields: dict[str, set[str]] = {}
    for kind, _, name in series:
        fields.setdefault(kind, set()).add(name)
    return {kind: frozenset(names) for kind, names in fields.items()}


def _set_until(seen: Sequence[_Seen]) -> None:
    """A value is known for three intervals after its last sample. What is seen again by then was known all the while, and is said to be
    until it really goes stale: so the engine need not look at each sample whether it did."""
    usual = _usual(seen)
    following, its_until = inf, inf
    for one in reversed(seen):
        interval = (one.last - one.at) / (one.samples - 1) if one.samples > 1 else usual
        until = one.last + max(STALE * interval, _SHORTEST)
        one.until = its_until if following < until else until
        following, its_until = one.at, one.until


def _usual(seen: Sequence[_Seen]) -> float:
    """Seconds between two samples of a series. Where each sample is another value, only the gaps between them tell."""
    intervals = [(one.last - one.at) / (one.samples - 1) for one in seen if one.samples > 1]
    intervals += [later.at - earlier.last for earlier, later in pairwise(seen) if later.at > earlier.last]
    return median(intervals) if intervals else 0.0


# --- a database -------------------------------------------------------------------------------------------------------

_RUNS = """
SELECT type, key, field, value, "from" AS begun, "until" AS ended, samples, failure FROM fact
WHERE "until" >= :since AND "from" <= :until ORDER BY id
"""


def from_database(reader: Reader, since: float | None, until: float | None) -> Record:
    """The runs of the table `fact`: a value stands from the first of its samples until a while after the last."""
    bounds = {"since": as_text(since or 0.0), "until": as_text(until or 4e9)}
    series: dict[Series, list[_Seen]] = {}
    for kind, key, name, text, begun, ended, samples, failure in reader.each(_RUNS, **bounds):
        if kind == "agent" and name in ("health", "ready"):
            continue  # what follows from them, the status, is recorded too
        value = None if failure is not None or text is None else msgspec.json.decode(text)
        run = _Seen(as_seconds(begun), as_seconds(ended), samples or 1, value)
        series.setdefault((kind, key, name), []).append(run)
    return _record(series, since or 0.0)


# --- a CSV file -------------------------------------------------------------------------------------------------------

_COLUMNS = ("at", "type", "key", "field", "value")


def from_csv(name: str, text: str) -> Record:
    """Columns at (ISO-8601, or seconds since 1970), type, key, field, value (JSON, else a text). Raises Unusable."""
    reader = csv.DictReader(StringIO(text))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise Unusable(f"{name}: no column {', '.join(missing)}; the columns are {', '.join(_COLUMNS)}")
    rows = [_csv_row(name, number, row) for number, row in enumerate(reader, start=2)]
    return _record(_of_rows(rows))


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


def _of_rows(rows: Iterable[tuple[float, str, str, str, object]]) -> dict[Series, list[_Seen]]:
    series: dict[Series, list[_Seen]] = {}
    for at, kind, key, name, value in rows:
        series.setdefault((kind, key, name), []).append(_Seen(at, at, 1, value))
    for seen in series.values():
        seen.sort(key=attrgetter("at"))
    return series


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
    return _record(_of_rows(rows))


class _Open:
    """Implements `intake.Door`: of a record all is taken that is of its type."""

    def arrived(self, keys: Collection[str]) -> None:
        """Nothing has to make room."""

    def admits(self, key: str) -> bool:
        return True

    def refuse(self, refusal: Refusal, count: int = 1) -> None:
        """It is unknown, as it was for the daemon."""


OPEN = _Open()


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
