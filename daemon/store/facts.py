"""Facts as they are kept: runs. One row says that a series had one value from an instant until another, by so many samples.

A series is (type, key, field). A sample with the same value moves the end of the run; another value begins a new one; a fact withdrawn
ends it. Thousands of samples a second that change nothing so become a few rows in half a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from daemon.store.rows import Row
from engine.effects import Inferred
from engine.events import HealthObserved, Looked, Reported, Withdrawn

Series = tuple[str, str, str]
Observation = Reported | Withdrawn | HealthObserved | Looked | Inferred

# Values longer than this (as JSON) are not kept: a fact is a measure or a word, and no document.
LONGEST_VALUE = 64 * 1024
INFERRED = "volexd"

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(slots=True)
class _Run:
    id: int
    value: str | None
    failure: str | None
    source: str
    begun: float
    until: float
    samples: int = 1


class FactRecorder:
    """Gives the rows to be written. For the loop's thread; `take_id` gives ids of the table `fact`.

    The end of an unchanged run is written when it changes, every `flush_s` seconds of the events' own time, and at the close. At most
    `most` series are remembered: beyond, the one that was silent longest is written and forgotten, and begins a new run when it speaks.
    """

    def __init__(self, take_id: Callable[[], int], flush_s: float = 30.0, most: int = 100_000) -> None:
        self._take_id = take_id
        self._flush_s = flush_s
        self._most = most
        self._runs: dict[Series, _Run] = {}  # in the order in which they last spoke
        self._keys: dict[tuple[str, str], set[str]] = {}  # the fields of each fact
        self._unwritten: set[Series] = set()
        self._flushed_at: float | None = None

    def observe(self, seen: Observation) -> list[Row]:
        rows: list[Row] = []
        for one in seen.seen if isinstance(seen, Looked) else (seen,):
            self._take(one, rows)
        return rows

    def close(self) -> list[Row]:
        """The ends of all runs that are not yet written."""
        return self._flush()

    def _take(self, seen: Reported | Withdrawn | HealthObserved | Inferred, rows: list[Row]) -> None:
        """One thing that was seen; what is to be written of it is added to `rows`."""
        if isinstance(seen, Withdrawn):
            self._withdraw(seen, rows)
            return
        at = seen.at
        if isinstance(seen, HealthObserved):
            self._health(seen, rows)
        else:
            source = seen.source if isinstance(seen, Reported) else INFERRED
            for field, value in seen.values.items():
                text, failure = _as_json(value)
                self._sample((seen.type, seen.key, field), at, text, failure, source, rows)
        if self._flushed_at is None:
            self._flushed_at = at
        elif at - self._flushed_at >= self._flush_s:
            rows += self._flush(at)

    def _health(self, seen: HealthObserved, rows: list[Row]) -> None:
        """The outcome of a check is a series of the agent: `health` or `ready`. One that volexd itself failed at is no value."""
        series = ("agent", seen.agent, seen.check)
        if seen.ok is None:
            self._sample(series, seen.at, None, seen.error or "not checked", seen.check, rows)
        else:
            self._sample(series, seen.at, "true" if seen.ok else "false", None, seen.check, rows)

    def _sample(
        self, series: Series, at: float, value: str | None, failure: str | None, source: str, rows: list[Row]
    ) -> None:
        run = self._runs.pop(series, None)
        if run is not None and run.value == value and run.failure == failure and run.source == source:
            run.until = max(run.until, at)
            run.samples += 1
            self._runs[series] = run
            self._unwritten.add(series)
            return
        if run is None:
            self._keys.setdefault(series[:2], set()).add(series[2])
        else:
            self._end(series, run, rows)
        self._runs[series] = begun = _Run(self._take_id(), value, failure, source, at, at)
        if len(self._runs) > self._most:
            self._remove(next(iter(self._runs)), rows)
        rows.append(_row(series, begun))

    def _withdraw(self, seen: Withdrawn, rows: list[Row]) -> None:
        for field in sorted(self._keys.get((seen.type, seen.key), ())):
            self._remove((seen.type, seen.key, field), rows)

    def _remove(self, series: Series, rows: list[Row]) -> None:
        run = self._runs.pop(series)
        fields = self._keys[series[:2]]
        fields.discard(series[2])
        if not fields:
            del self._keys[series[:2]]
        self._end(series, run, rows)

    def _end(self, series: Series, run: _Run, rows: list[Row]) -> None:
        if series in self._unwritten:
            self._unwritten.discard(series)
            rows.append(_row(series, run))

    def _flush(self, at: float | None = None) -> list[Row]:
        rows = [_row(series, self._runs[series]) for series in self._unwritten]
        self._unwritten.clear()
        self._flushed_at = at
        return rows


def _row(series: Series, run: _Run) -> Row:
    """Always the whole run: should one row of it have been given up, the next one makes it good."""
    kind, key, field = series
    return Row(
        "fact",
        run.id,
        {
            "type": kind,
            "key": key,
            "field": field,
            "value": run.value,
            "from": run.begun,
            "until": run.until,
            "samples": run.samples,
            "source": run.source,
            "failure": run.failure,
        },
    )


def _as_json(value: object) -> tuple[str | None, str | None]:
    """The value, or why there is none."""
    try:
        text = _encode(value).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return None, f"not a value: {error}"
    if len(text) > LONGEST_VALUE:
        return None, f"too long to keep: {len(text)} characters"
    return text, None
