"""What was recorded: samples in the order of time, from a database, a CSV file, or a range query of Prometheus (`prometheus`)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from itertools import pairwise, repeat
from math import inf
from operator import attrgetter, itemgetter
from statistics import median
from typing import Any, NamedTuple

import msgspec

from daemon.store.database import Dialect
from daemon.store.instants import as_seconds, as_text
from daemon.store.query import Reader
from engine.events import Looked, Reported

STALE = 3.0  # intervals after which a value that is not sampled any more is unknown, as for the daemon
_SHORTEST = 15.0  # seconds, where nothing says how often something was sampled


Series = tuple[str, str, str]  # type, key, field
Sampled = tuple[float, str, str, str, object]  # when, and type, key, field and value


class Runs(NamedTuple):
    """The values of a series, one after the other: seen first and last, by so many samples."""

    begun: Sequence[float]
    last: Sequence[float]
    samples: Sequence[int]
    values: Sequence[object]


class Unusable(Exception):
    """There is no record to play; the text says where and why."""


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A value of a series, known until an instant unless it is seen again.

    Out of the collector's sight: there may be millions, and none is part of a circle.
    """

    at: float
    until: float
    value: object
    series: Series


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
        together: list[Seen] = []
        for one, following in pairwise([*self.seen, _NOTHING]):
            kind, key, name = one.series
            if one.at == following.at:
                together.append(one)
            elif together:
                yield _looked(one.at, [*together, one])
                together = []
            else:
                yield Reported(one.at, kind, key, {name: one.value}, "record", one.until - one.at)


_at = attrgetter("at")
_NOTHING = Seen(inf, inf, None, ("", "", ""))  # behind the last


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


def _record(series: Mapping[Series, Runs], since: float = 0.0) -> Record:
    """Of the runs of every series, in the order of time."""
    seen: list[Seen] = []
    ended = since
    for place, runs in series.items():
        begun = [max(at, since) for at in runs.begun] if runs.begun[0] < since else runs.begun
        seen += map(Seen, begun, _known_until(runs), runs.values, repeat(place))
        ended = max(ended, runs.last[-1])
    if not seen:
        raise Unusable("nothing was recorded in that time")
    seen.sort(key=_at)
    return Record(seen, seen[0].at, max(ended, seen[-1].at), _fields(series), len(series))


def _fields(series: Iterable[Series]) -> dict[str, frozenset[str]]:
    fields: dict[str, set[str]] = {}
    for kind, _, name in series:
        fields.setdefault(kind, set()).add(name)
    return {kind: frozenset(names) for kind, names in fields.items()}


def _known_until(runs: Runs) -> list[float]:
    """A value is known for three intervals after its last sample. What is seen again by then was known all the while, and is said to be
    until it really goes stale: so the engine need not look at each sample whether it did."""
    usual = _grace(_usual(runs))
    fresh = [
        end + (usual if count == 1 else _grace((end - at) / (count - 1)))
        for at, end, count in zip(runs.begun, runs.last, runs.samples, strict=True)
    ]
    following = zip(runs.begun[1:], fresh, strict=False)
    stale = [number for number, (at, until) in enumerate(following) if at >= until]
    found: list[float] = []
    for number in (*stale, len(fresh) - 1):
        found += [fresh[number]] * (number + 1 - len(found))
    return found


def _grace(interval: float) -> float:
    return max(STALE * interval, _SHORTEST)


def _usual(runs: Runs) -> float:
    """Seconds between two samples of a series. Where each sample is another value, only the gaps between them tell."""
    begun, last = runs.begun, runs.last
    intervals = [
        (end - at) / (count - 1)
        for at, end, count in zip(begun, last, runs.samples, strict=True)
        if count > 1
    ]
    intervals += [later - earlier for later, earlier in zip(begun[1:], last, strict=False) if later > earlier]
    return median(intervals) if intervals else 0.0


def record_of(samples: Iterable[Sampled], since: float | None = None, until: float | None = None) -> Record:
    """Of single samples, in any order, as far as they are of that time. Raises Unusable."""
    series: dict[Series, list[tuple[float, object]]] = {}
    first, last = since or 0.0, until or inf
    for at, kind, key, name, value in samples:
        if first <= at <= last:
            series.setdefault((kind, key, name), []).append((at, value))
    return _record({place: _single(found) for place, found in series.items()})


def _single(samples: list[tuple[float, object]]) -> Runs:
    at, values = zip(*sorted(samples, key=itemgetter(0)), strict=True)
    return Runs(at, at, [1] * len(at), values)


# --- a database -------------------------------------------------------------------------------------------------------


def _runs(dialect: Dialect) -> str:
    """A row a series, in it the runs column by column: a row a run would cost twice as much. The order within a column is the
    database's affair, and the same in all; the ids say which is meant."""
    columns = [
        "id",
        "CASE WHEN failure IS NULL THEN coalesce(value, 'null') ELSE 'null' END",
        '"from"',
        '"until"',
        "samples",
    ]
    return f"""
SELECT type, key, field, {", ".join(map(dialect.joined, columns))}
FROM fact WHERE "until" >= :since AND "from" <= :until AND NOT (type = 'agent' AND field IN ('health', 'ready'))
GROUP BY type, field, key
"""


def from_database(reader: Reader, since: float | None, until: float | None) -> Record:
    """The runs of the table `fact`: a value stands from the first of its samples until a while after the last. What follows from
    the health of agents, their status, is recorded too."""
    bounds = {"since": as_text(since or 0.0), "until": as_text(until or 4e9)}
    found: list[tuple[int, Series, Runs]] = []
    for kind, key, name, *columns in reader.each(_runs(reader.dialect), **bounds):
        first, runs = _decoded(*columns)
        found.append((first, (kind, key, name), runs))
    found.sort(key=itemgetter(0))  # those that were seen first
    return _record({series: runs for _, series, runs in found}, since or 0.0)


def _decoded(ids: str, values: str, begun: str, last: str, samples: str) -> tuple[int, Runs]:
    """And the id of the first."""
    order: list[int] = _list(ids)
    at = _seconds(begun)
    runs = Runs(at, at if last == begun else _seconds(last), _list(samples), _list(values))
    ordered = sorted(order)
    return ordered[0], runs if order == ordered else _by(order, runs)


def _by(ids: Sequence[int], runs: Runs) -> Runs:
    """In the order in which they were begun."""
    places = sorted(range(len(ids)), key=ids.__getitem__)
    columns: list[Any] = [[column[place] for place in places] for column in runs]
    return Runs(*columns)


def _list(texts: str) -> list[Any]:
    return msgspec.json.decode(f"[{texts}]", type=list)


def _seconds(texts: str) -> list[float]:
    """As `as_seconds`, without a call for each."""
    return list(map(datetime.timestamp, map(datetime.fromisoformat, texts.split(","))))


# --- a CSV file -------------------------------------------------------------------------------------------------------

_COLUMNS = ("at", "type", "key", "field", "value")


def from_csv(name: str, text: str, since: float | None = None, until: float | None = None) -> Record:
    """Columns at (ISO-8601, or seconds since 1970), type, key, field, value (JSON, else a text). Raises Unusable."""
    reader = csv.DictReader(StringIO(text))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise Unusable(f"{name}: no column {', '.join(missing)}; the columns are {', '.join(_COLUMNS)}")
    rows = [_csv_row(name, number, row) for number, row in enumerate(reader, start=2)]
    return record_of(rows, since, until)


def _csv_row(name: str, number: int, row: Mapping[str, Any]) -> Sampled:
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
