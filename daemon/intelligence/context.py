"""What the calls have of the running daemon. They live in the thread of its loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from daemon.intelligence.definitions import Definitions
from daemon.intelligence.live import Live
from daemon.intelligence.state import Measuring
from daemon.store.instants import as_text
from daemon.store.query import Reader
from engine.events import Commanded

if TYPE_CHECKING:
    from daemon.service.engine_loop import EngineLoop
    from daemon.service.in_force import RulesInForce
    from daemon.store.store import Store

Document = dict[str, Any]
Result = TypeVar("Result")

BY = "a call"


@dataclass(frozen=True, slots=True)
class Context:
    loop: EngineLoop
    rules: RulesInForce
    store: Store
    measuring: Measuring
    live: Live
    definitions: Definitions
    now: Callable[[], float]

    def timestamp(self) -> str:
        return as_text(self.now())

    def command(self, name: str, subject: str, arguments: Mapping[str, Any] | None = None) -> int:
        """Ask the engine. What it records of it has ids above the one that is given back."""
        before = self.loop.engine.ledger.next_id - 1
        self.loop.post(Commanded(self.now(), name, subject, BY, dict(arguments or {})))
        return before

    async def read(self, work: Callable[[Reader], Result]) -> Result:
        """From the database, when all that happened until now is in it; beside the loop."""
        await asyncio.wrap_future(self.store.writer.submit([]))
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[Reader], Result]) -> Result:
        with self.store.reader() as reader:
            return work(reader)
