"""What the running daemon answers to people: its state, its facts, and what they ask it to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from daemon.control.controls import Document, Refused
from daemon.rules.rows import as_document
from daemon.service.engine_loop import EngineLoop
from daemon.service.in_force import RulesInForce
from daemon.store.store import Store
from dsl.render.json import as_json
from engine.engine import Engine
from engine.events import Commanded

if TYPE_CHECKING:
    from daemon.intelligence.calls import Calls


# What a command can be about; of two things with one name the first is meant.
_KINDS = {
    "pause": ("agent", "automation"),
    "resume": ("agent", "automation"),
    "cancel": ("automation",),
    "run": ("automation", "workflow", "orchestration"),
}


class Desk:
    """Implements `Controls`, in the loop's thread."""

    def __init__(
        self,
        engine: Engine,
        loop: EngineLoop,
        store: Store,
        rules: RulesInForce,
        calls: Callable[[], Calls],
        now: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._loop = loop
        self._store = store
        self._rules = rules
        self._calls = calls
        self._now = now
        self._since = now()

    def status(self) -> Document:
        from importlib.metadata import version  # it loads what reads mail, which no start needs

        program, writer = self._rules.program, self._store.writer.state
        return {
            "version": version("volexd"),
            "since": self._since,
            "shadow": program.shadow,
            "rules": {
                "digest": program.digest,
                "detections": len(program.detections),
                "recoveries": len(program.recoveries),
                "probes": len(program.probes),
                "automations": len(program.automations),
                "workflows": len(program.workflows),
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
        declared = self._rules.program.fact_types
        types = {name: facts for name, facts in self._engine.memory.types.items() if name in declared}
        if kind is not None and kind not in types:
            raise Refused(
                f"nothing is known of type {kind!r}; there are {', '.join(sorted(types)) or 'none yet'}"
            )
        return [
            self._fact(fact) for name in ([kind] if kind else sorted(types)) for fact in types[name].values()
        ]

    def whynot(self, rule: str, subject: str) -> Document:
        from engine.whynot import whynot

        try:
            reason = whynot(self._engine, rule, subject, self._now())
        except LookupError as error:
            raise Refused(str(error)) from None
        lines = [{"depth": depth, "line": line} for depth, line in reason.lines]
        return {"rule": rule, "subject": subject, "verdict": reason.verdict, "lines": lines}

    def _fact(self, fact: Any) -> Document:
        return {
            "type": fact.type,
            "key": fact.key,
            # What the engine derives for itself has names that no field can have.
            "values": {name: value for name, value in fact.values.items() if not name.startswith("#")},
            "sampled_at": fact.sampled_at,
        }

    def command(self, name: str, subject: str, by: str, given: Document) -> Document:
        if name == "acknowledge":
            self._require_fault(subject)
            kind = "fault"
        else:
            kind = self._kind_of(name, subject)
        self._loop.post(Commanded(self._now(), name, subject, by, dict(given)))
        report = "workflow" if kind == "workflow" else "automation"
        if self._rules.program.shadow and kind != "workflow":
            report = "shadow"
        return {"done": name, "subject": subject, "kind": kind, "by": by, "report": report}

    def _kind_of(self, command: str, subject: str) -> str:
        """What is called so, among the things that this can be done to."""
        program = self._rules.program
        names = {
            "agent": [agent.name for agent in program.agents],
            "automation": [automation.head.name for automation in program.automations],
            "orchestration": [orchestration.head.name for orchestration in program.orchestrations],
            "workflow": [workflow.head.name for workflow in program.workflows],
        }
        kinds = _KINDS[command]
        if command == "cancel" and subject.isdigit():
            return "run"
        for kind in kinds:
            if subject in names[kind]:
                return kind
        known = ", ".join(sorted(name for kind in kinds for name in names[kind])) or "none"
        raise Refused(f"there is no {' or '.join(kinds)} {subject!r}; there are: {known}")

    def _require_fault(self, subject: str) -> None:
        if not subject.isdigit() or int(subject) not in self._engine.faults.open:
            open_ones = ", ".join(map(str, self._engine.faults.open)) or "none"
            raise Refused(f"no open fault has the id {subject}; open: {open_ones}")

    async def call(self, name: str, arguments: Document, by: str) -> Document:
        try:
            return await self._calls().call(name, arguments)
        except ValueError as error:
            raise Refused(str(error)) from None

    async def reload(self, by: str) -> Document:
        reload = await self._rules.reload()
        findings = as_json(reload.loaded.findings)
        state = as_document(reload.carried)
        return {"outcome": reload.outcome, "detail": reload.detail, "carried": state, **findings}
