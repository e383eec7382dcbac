"""Workflows in force, as rows of the store and as facts that rules read."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any

from dsl.work import Workflow
from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger
from engine.planning.workflows.newest import NOTHING, Newest
from engine.renaming import Names


class Workflows:
    """`running(name)` says whether a run of it is under way; `forget(kind, name)` takes a fact away with all that rests on it."""

    def __init__(
        self, memory: WorkingMemory, ledger: Ledger, clock: Callable[[], float],
        running: Callable[[str], bool], newest: Newest, forget: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        self._memory = memory
        self._ledger = ledger
        self._clock = clock
        self._running = running
        self._newest = newest
        self._forget = forget
        self._rows: dict[str, tuple[int, str]] = {}  # by name: its id, and what it said
        self._recorded: dict[str, Mapping[str, Any]] = {}  # by name: what is recorded of its newest runs
        self.unwritten: tuple[Workflow, ...] = ()

    def replace(self, plans: Iterable[Workflow]) -> None:
        """Take those of a new program."""
        self.unwritten = tuple(plans)
        for plan in self.unwritten:
            self.tell(plan)
        names = {plan.head.name for plan in self.unwritten}
        for fact in [fact for fact in self._memory.all("workflow") if fact.key not in names]:
            self._newest.forget(fact.key)
            self._recorded.pop(fact.key, None)
            self._forget("workflow", fact.key)

    def rename(self, names: Names) -> None:
        """Workflows are called otherwise: ids go on, and what is known of the newest runs."""
        self._newest.rename(names)
        self._rows = {names.of("workflow", name): row for name, row in self._rows.items()}
        self._recorded = {names.of("workflow", name): values for name, values in self._recorded.items()}
        for former, name in names.kinds.get("workflow", {}).items():
            self._memory.rename("workflow", former, name)

    def tell(self, plan: Workflow) -> None:
        """Bring its fact up to date."""
        name = plan.head.name
        newest = self._newest.values(name)
        if newest is not self._recorded.get(name, NOTHING):
            self._recorded[name] = newest
            self._ledger.infer(self._clock(), "workflow", name, newest)
        own = {"name": name, "type": plan.type, "running": self._running(name)}
        values = {**own, **newest}
        self._memory.merge(self._memory.fact("workflow", name), values, self._clock(), "volexd", inf)

    def write(self) -> None:
        """A row for each of which what it says changed, under the id that its name has."""
        plans, self.unwritten = self.unwritten, ()
        for plan in plans:
            identity, said = self._rows.get(plan.head.name, (0, ""))
            digest = _digest(plan)
            if digest != said:
                self._write(plan, identity, digest)

    def _write(self, plan: Workflow, identity: int, digest: str) -> None:
        columns = {} if identity else {"created_at": self._clock()}
        identity = identity or self._ledger.new_id()
        self._rows[plan.head.name] = (identity, digest)
        self._ledger.record(
            "workflow", identity, durable=False, name=plan.head.name, type=plan.type, steps=len(plan.steps),
            learning=plan.learning, digest=digest, **columns,
        )  # fmt: skip

    def restore(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of a former life keep their ids."""
        for row in rows:
            self._rows[row["name"]] = (row["id"], row["digest"] or "")


def _digest(plan: Workflow) -> str:
    """Of its text; of one that was made without text, of what it says."""
    said = plan.head.text or repr((plan.parameters, plan.steps, plan.learning, plan.type))
    return f"{zlib.crc32(said.encode()):08x}"
