"""What was recorded: samples in the order of time, from a database, a CSV file, or a range query of Prometheus."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, groupby, islice, pairwise
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
from engine.events import Looked, Reported

STALE = 3.0  # intervals after which a value that is not sampled any more is unknown, as for the daemon
_SHORTEST = 15.0  # seconds, where nothing says how often something was sampled


Series = tuple[str, str, str]  # type, key, field


class Unusable(Exception):
    """There is no record to play; the text says where and why."""


class Seen(msgspec.Struct, gc=False):
    """A value of a series: seen first and last, by so many samples; known until an instant unless it is seen again.

    Out of the collector's sight: there may be millions, and none is part of a circle.
    """

    at: float
    last: float
    samples: int
    value: object
    series: Series = ("", "", "")  # as is `until`, known when all of its series is
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Record:
    """`seen` is in the order of time. `fields` are the fields of each type of which anything was recorded, `series` how many series
    there are."""

    seen: Sequence[Seen]
    began: float
    ended: float
    fields: Mapping[str, frozenset[str]]
    series: int

    def events(self) -> Iterator[Reported | Looked]:
        """What was seen in one instant is one event."""
        for at, together in groupby(self.seen, key=_at):
            seen = list(together)
            yield _reported(seen[0]) if len(seen) == 1 else _looked(at, seen)


_at = attrgetter("at")


def _reported(one: Seen) -> Reported:
    kind, key, name = one.series
    return Reported(one.at, kind, key, {name: one.value}, "record", one.until - one.at)


def _looked(at: float, together: Iterable[Seen]) -> Reported | Looked:
    """Fields of one fact that are known for as long were said together."""
    facts: dict[tuple[str, str, float], dict[str, object]] = {}
    for one in together:
        kind, key, name = one.series
        facts.setdefault((kind, key, one.until), {})[name] = one.value
    found = [
        Reported(at, kind, key, values, "record", until - at) for (kind, key, until), values in facts.items()
    ]
    return found[0] if len(found) == 1 else Looked(at, tuple(found))


def _record(series: Mapping[Series, list[Seen]], since: float = 0.0) -> Record:
    """Of every series what was seen."""
    for place, runs in series.items():
        _set_until(runs)
        for one in runs:
            one.series = place
            if one.at < since:
                one.at = since
    seen = sorted(chain.from_iterable(series.values()), key=_at)
    if not seen:
        raise Unusable("nothing was recorded in that time")
    ended = max(runs[-1].last for runs in series.values())
    return Record(seen, seen[0].at, max(ended, seen[-1].at), _fields(series), len(series))


def _fields(series: Iterable[Series]) -> dict[str, frozenset[str]]:
    fields: dict[str, set[str]] = {}
    for kind, _, name in series:
        fields.setdefault(kind, set()).add(name)
    return {kind: frozenset(names) for kind, names in fields.items()}


def _set_until(seen: Sequence[Seen]) -> None:
    """A value is known for three intervals after its last sample. What is seen again by then was known all the while, and is said to be
    until it really goes stale: so the engine need not look at each sample whether it did."""
    usual = _usual(seen)
    following, its_until = inf, inf
    for one in reversed(seen):
        interval = (one.last - one.at) / (one.samples - 1) if one.samples > 1 else usual
        until = one.last + max(STALE * interval, _SHORTEST)
        one.until = its_until if following < until else until
        following, its_until = one.at, one.until


def _usual(seen: Sequence[Seen]) -> float:
    """Seconds between two samples of a series. Where each sample is another value, only the gaps between them tell."""
    intervals = [(one.last - one.at) / (one.samples - 1) for one in seen if one.samples > 1]
    intervals += [later.at - earlier.last for earlier, later in pairwise(seen) if later.at > earlier.last]
    return median(intervals) if intervals else 0.0


# --- a database -------------------------------------------------------------------------------------------------------

# What is the same in most rows is not given: an end that is the beginning, a failure beside no value.
_RUNS = """
SELECT type, key, field, CASE WHEN failure IS NULL THEN coalesce(value, 'null') ELSE 'null' END AS value,
    "from" AS begun, nullif("until", "from") AS ended, samples
FROM fact WHERE "until" >= :since AND "from" <= :until AND NOT (type = 'agent' AND field IN ('health', 'ready'))
ORDER BY id
"""
_TOGETHER = 1000  # rows whose values are decoded at once


def from_database(reader: Reader, since: float | None, until: float | None) -> Record:
    """The runs of the table `fact`: a value stands from the first of its samples until a while after the last. What follows from
    the health of agents, their status, is recorded too."""
    bounds = {"since": as_text(since or 0.0), "until": as_text(until or 4e9)}
    series: dict[Series, list[Seen]] = {}
    rows = reader.each(_RUNS, **bounds)
    while some := list(islice(rows, _TOGETHER)):
        kinds, keys, names, texts, begun, ended, samples = zip(*some, strict=True)
        values = msgspec.json.decode(f"[{','.join(texts)}]")
        for place, value, first, last, count in zip(
            zip(kinds, keys, names, strict=True), values, map(as_seconds, begun), ended, samples, strict=True
        ):
            one = Seen(first, first if last is None else as_seconds(last), count or 1, value)
            series.setdefault(place, []).append(one)
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


def _of_rows(rows: Iterable[tuple[float, str, str, str, object]]) -> dict[Series, list[Seen]]:
    series: dict[Series, list[Seen]] = {}
    for at, kind, key, name, value in rows:
        series.setdefault((kind, key, name), []).append(Seen(at, at, 1, value))
    for seen in series.values():
        seen.sort(key=_at)
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
