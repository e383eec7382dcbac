"""What one step of the engine gives out: effects in their order, ids from one counter, and the lines that explain them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from engine.accounts import Account, Line
from engine.effects import Cancel, Do, Effect, Explained, Inferred, Late, Record, Wake


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

    def put(self, table: str, identity: int, row: Mapping[str, object], *, durable: bool) -> None:
        """The same with columns that stand in a map already; nobody changes it any more."""
        self.effects.append(Record(table, identity, row, durable))

    def enter(
        self, table: str, identity: int, row: Mapping[str, object], account: Account, lines: int, at: float,
        durable: bool = True,
    ) -> None:  # fmt: skip
        """A row, and behind it what `why` tells of it."""
        line = self.next_line
        self.next_line = line + lines
        self.effects += (Record(table, identity, row, durable), Explained(line, at, account))

    def explain(self, subject: int, depth: int, line: str, at: float) -> None:
        """A line of `why` for a fault, recovery, attempt or action."""
        self.tell(Line(subject, depth, line), 1, at)

    def tell(self, account: Account, lines: int, at: float) -> None:
        """So many lines of `why`, which are written out when they are needed."""
        line = self.next_line
        self.next_line = line + lines
        self.effects.append(Explained(line, at, account))

    def infer(self, at: float, kind: str, key: str, values: Mapping[str, object]) -> None:
        self.effects.append(Inferred(at, kind, key, values))

    def late(self, effect: Late) -> None:
        self.effects.append(effect)

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


_encode = msgspec.json.Encoder().encode


def as_json(value: object) -> str:
    """JSON text; what it cannot hold (an infinite number, one of more than 64 bits) as null or as text."""
    try:
        return _encode(value).decode()
    except (TypeError, ValueError, OverflowError):
        return json.dumps(value, ensure_ascii=False, default=str)
