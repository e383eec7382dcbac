"""What the running daemon answers to people: its state, its facts, and what they ask it to do."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from daemon.control.controls import Document, Refused
from daemon.service.engine_loop import EngineLoop
from daemon.service.in_force import RulesInForce
from daemon.store.store import Store
from dsl.render.json import as_json
from engine.engine import Engine
from engine.events import Commanded


class Desk:
    """Implements `Controls`, in the loop's thread."""

    def __init__(
        self, engine: Engine, loop: EngineLoop, store: Store, rules: RulesInForce, now: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._loop = loop
        self._store = store
        self._rules = rules
        self._now = now
        self._since = now()

    def status(self) -> Document:
        program, writer = self._rules.program, self._store.writer.state
        return {
            "version": version("volexd"),
            "since": self._since,
            "rules": {
                "digest": program.digest,
                "detections": len(program.detections),
                "recoveries": len(program.recoveries),
                "probes": len(program.probes),
            },
            "agents": {fact.key: fact.values.get("status") for fact in self._engine.memory.all("agent")},
            "open_faults": len(self._engine.faults.open),
            "recoveries_under_way": len(self._engine.recoveries.runs),
            "events": self._loop.steps,
            "database": {
                "url": self._store.shown,
                "waiting": writer.waiting,
                "given_up": writer.given_up,
                "refused": writer.refused,
                "trouble": writer.trouble,
            },
        }

    def faults(self) -> list[Document]:
        return [fault.values() for fault in reversed(self._engine.faults.open.values())]

    def facts(self, kind: str | None) -> list[Document]:
        types = self._engine.memory.types
        if kind is not None and kind not in types:
            raise Refused(
                f"nothing is known of type {kind!r}; there are {', '.join(sorted(types)) or 'none yet'}"
            )
        return [
            self._fact(fact) for name in ([kind] if kind else sorted(types)) for fact in types[name].values()
        ]

    def _fact(self, fact: Any) -> Document:
        return {
            "type": fact.type,
            "key": fact.key,
            "values": dict(fact.values),
            "sampled_at": fact.sampled_at,
        }

    def command(self, name: str, subject: str, by: str) -> Document:
        if name == "acknowledge":
            self._require_fault(subject)
        elif subject not in self._engine.agents.states:
            known = ", ".join(sorted(self._engine.agents.states)) or "none"
            raise Refused(f"there is no agent {subject!r}; there are: {known}")
        self._loop.post(Commanded(self._now(), name, subject, by))
        return {"done": name, "subject": subject, "by": by}

    def _require_fault(self, subject: str) -> None:
        if not subject.isdigit() or int(subject) not in self._engine.faults.open:
            open_ones = ", ".join(map(str, self._engine.faults.open)) or "none"
            raise Refused(f"no open fault has the id {subject}; open: {open_ones}")

    async def reload(self, by: str) -> Document:
        reload = await self._rules.reload()
        findings = as_json(reload.loaded.findings)
        return {"outcome": reload.outcome, "detail": reload.detail, **findings}
