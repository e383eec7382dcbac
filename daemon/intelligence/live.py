"""What happens while a call waits: the newest rows that the engine records, and what actions answered. Belongs to the loop's thread."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from engine.effects import Effect, Record
from engine.events import ActionFinished, Event

Row = dict[str, Any]
Found = TypeVar("Found")

MOST = 5000  # rows of each table, the newest; and answers
WATCHED = (
    "automation_run",
    "workflow_run",
    "step_run",
    "adaptation",
    "action",
    "fault",
    "recovery",
    "attempt",
)


class Live:
    """An observer of the engine's loop."""

    def __init__(self) -> None:
        self._tables: dict[str, OrderedDict[int, Row]] = {name: OrderedDict() for name in WATCHED}
        self._replies: OrderedDict[int, object] = OrderedDict()
        self._waiting: list[asyncio.Future[None]] = []

    def observe(self, event: Event, effects: Sequence[Effect]) -> None:
        if isinstance(event, ActionFinished) and event.reply is not None:
            self._replies[event.action] = event.reply
            _bound(self._replies)
        for effect in effects:
            if isinstance(effect, Record) and effect.table in self._tables:
                self._keep(self._tables[effect.table], effect)
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    def _keep(self, table: OrderedDict[int, Row], record: Record) -> None:
        row = table.setdefault(record.id, {"id": record.id})
        row.update(record.values)
        _bound(table)

    def rows(self, table: str, after: int = 0, **wanted: object) -> list[Row]:
        """Those with an id above `after` and these values, the oldest first."""
        return [
            row
            for identity, row in self._tables[table].items()
            if identity > after and all(row.get(name) == value for name, value in wanted.items())
        ]

    def row(self, table: str, identity: int) -> Row | None:
        return self._tables[table].get(identity)

    def reply(self, action: int) -> object:
        return self._replies.get(action)

    async def until(self, condition: Callable[[], Found], within: float) -> Found:
        """What it says once that is true; what it says then, when the time is over. Looked at whenever something happened."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while not (found := condition()) and (left := deadline - loop.time()) > 0:
            future = loop.create_future()
            self._waiting.append(future)
            await asyncio.wait({future}, timeout=left)
        return found


def _bound(kept: OrderedDict[int, Any]) -> None:
    if len(kept) > MOST:
        kept.popitem(last=False)
