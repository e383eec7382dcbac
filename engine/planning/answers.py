"""What agents answered over HTTP, as facts that rules may read: `answer`, one for each rule and agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger
from engine.planning.acting import Ended


class Answers:
    def __init__(self, memory: WorkingMemory, ledger: Ledger, clock: Callable[[], float]) -> None:
        self._memory = memory
        self._ledger = ledger
        self._clock = clock

    def tell(self, rule: str, agent: str, ok: bool, ended: Ended) -> None:
        """The newest answer of an agent to a rule; it replaces the one before."""
        reply = ended.reply if isinstance(ended.reply, Mapping) else {}
        values: dict[str, Any] = {
            "rule": rule,
            "agent": agent,
            "ok": ok,
            "status": reply.get("status"),
            "body": reply.get("body"),
        }
        fact, now = self._memory.fact("answer", f"{rule}/{agent}"), self._clock()
        self._memory.merge(fact, values, now, rule, inf)
        self._ledger.infer(now, "answer", fact.key, values)
