"""What one step of the engine gives out: effects in their order, ids from one counter, and the lines that explain them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from engine.effects import Cancel, Do, Effect, Inferred, Record, Wake


class Ledger:
    """Faults, recoveries, attempts, actions, alerts share one counter, so that an id names one thing."""

    def __init__(self, next_id: int, next_line: int) -> None:
        self.next_id = next_id
        self.next_line = next_line  # of `derivation`, whose many rows would make the other ids unreadable
        self.effects: list[Effect] = []
        self._woken: float | None = None

    def new_id(self) -> int:
        identity = self.next_id
        self.next_id += 1
        return identity

    def record(self, table: str, identity: int, *, durable: bool = False, **values: object) -> None:
        self.effects.append(Record(table, identity, values, durable))

    def explain(self, subject: int, depth: int, line: str, at: float) -> None:
        """A line of `why` for a fault, recovery, attempt or action."""
        identity, self.next_line = self.next_line, self.next_line + 1
        values = {"subject_id": subject, "depth": depth, "line": line, "at": at}
        self.effects.append(Record("derivation", identity, values))

    def infer(self, at: float, kind: str, key: str, values: Mapping[str, object]) -> None:
        self.effects.append(Inferred(at, kind, key, values))

    def do(self, effect: Do | Cancel) -> None:
        self.effects.append(effect)

    def wake(self, at: float | None) -> None:
        """Move the one alarm of the shell, if it has to move."""
        if at != self._woken:
            self._woken = at
            self.effects.append(Wake(at))

    def woken(self) -> None:
        """The shell's alarm rang: it is gone."""
        self._woken = None

    def take(self) -> list[Effect]:
        effects = self.effects
        if effects:
            self.effects = []
            return effects
        return []


def as_json(value: object) -> str:
    """JSON text; what it cannot hold (an infinite number, one of more than 64 bits) as null or as text."""
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, OverflowError):
        return json.dumps(value, ensure_ascii=False, default=str)
