"""What attempts taught about the steps of recoveries: how often the symptom went after them, and how long that took.

Of each step the tries in the last 30 faults are kept, so that what changed is learned anew and what was long not tried is unknown again.
They are kept under what the step means: another name, or another place, loses nothing, and what does something else begins anew.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any, NamedTuple

from engine.ledger import Ledger, as_json
from engine.renaming import Names

WINDOW = 30  # faults
_GONE = 1000  # steps that are in no recovery any more

Key = tuple[str, str]  # the recovery, and what the step means


class Tried(NamedTuple):
    """One attempt that was verified or failed. `fault` counts the faults of its part of the recovery; `first`: it was tried as the first
    of that part, and not after others had failed. `seconds` is what it cost."""

    fault: int
    first: bool
    healed: bool
    seconds: float


class Record:
    """What is known of one step. `step` is its name; `shown` what its row says."""

    __slots__ = ("id", "runs", "shown", "step", "successes", "tries", "updated_at")

    def __init__(self, identity: int, step: str) -> None:
        self.id = identity
        self.step = step
        self.runs = 0
        self.successes = 0
        self.tries: deque[Tried] = deque(maxlen=WINDOW)
        self.updated_at: float | None = None
        self.shown: dict[str, object] = {}

    @property
    def newest(self) -> int:
        return self.tries[-1].fault if self.tries else 0

    def since(self, fault: int) -> list[Tried]:
        """The tries in faults after that one."""
        return [tried for tried in self.tries if tried.fault > fault]


class Healing:
    """Records by recovery and meaning of the step."""

    def __init__(self, ledger: Ledger) -> None:
        self.records: dict[Key, Record] = {}
        self._ledger = ledger

    def newest(self, keys: Iterable[Key]) -> int:
        """The number of the newest fault in which one of these steps was tried."""
        return max((record.newest for key in keys if (record := self.records.get(key))), default=0)

    def tries(self, key: Key, newest: int) -> list[Tried]:
        """Those in the last faults, of which the newest has that number."""
        record = self.records.get(key)
        return record.since(newest - WINDOW) if record is not None else []

    def learn(self, key: Key, step: str, tried: Tried, now: float) -> None:
        record = self.records.get(key)
        if record is None:
            record = self.records[key] = Record(self._ledger.new_id(), step)
        record.runs += 1
        record.successes += tried.healed
        record.tries.append(tried)
        record.updated_at = now

    def show(self, key: Key, newest: int, step: str, place: int | None) -> None:
        """Brings its row up to date: what it is called now, and at which place it is tried, from 1; None: it is in no recovery."""
        record = self.records.get(key)
        if record is None:
            return
        record.step = step
        row = _row(key, record, record.since(newest - WINDOW), place)
        if row != record.shown:
            record.shown = row
            self._ledger.put("learned", record.id, row, durable=False)

    def set_aside(self, in_force: set[Key]) -> None:
        """Steps that are in no recovery any more may come back: those that were tried last are remembered."""
        gone = [key for key in self.records if key not in in_force]
        gone.sort(key=lambda key: self.records[key].updated_at or 0.0)
        for key in gone:
            self.show(key, self.records[key].newest, self.records[key].step, None)
        for key in gone[:-_GONE]:
            del self.records[key]

    def rename(self, names: Names) -> None:
        """Recoveries are called otherwise; their rows are, when they are shown next. What is known under that name already stays."""
        for rule, meaning in list(self.records):
            key = (names.of("recovery", rule), meaning)
            if key not in self.records:
                self.records[key] = self.records.pop((rule, meaning))

    def restore(self, row: Mapping[str, Any]) -> None:
        rule, _, step = str(row["name"]).partition("/")
        record = self.records[rule, str(row["meaning"])] = Record(row["id"], step)
        record.runs, record.successes = row["runs"] or 0, row["successes"] or 0
        record.updated_at = row["updated_at"]
        for fault, first, healed, seconds in json.loads(row["recent"] or "[]"):
            record.tries.append(Tried(fault, bool(first), bool(healed), seconds))


def _row(key: Key, record: Record, tries: list[Tried], place: int | None) -> dict[str, object]:
    took = sorted(tried.seconds for tried in tries if tried.healed)
    return {
        "kind": "recovery", "name": f"{key[0]}/{record.step}", "meaning": key[1], "runs": record.runs, "successes": record.successes,
        "duration_mean_s": sum(took) / len(took) if took else None,
        "duration_p90_s": took[ceil(0.9 * len(took)) - 1] if took else None,
        "place": place, "recent_runs": len(tries), "recent_successes": len(took),
        "recent": as_json([[one.fault, int(one.first), int(one.healed), one.seconds] for one in record.tries]),
        "updated_at": record.updated_at,
    }  # fmt: skip
