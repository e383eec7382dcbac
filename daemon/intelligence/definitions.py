"""Definitions in force: what calls made, checked together with the files, stored, and made anew when what they rest on changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from daemon.intelligence.automation_rules import Surroundings, compiled
from daemon.intelligence.definition import Definition, objection
from daemon.intelligence.invalid import none_of
from daemon.service.in_force import RulesInForce
from daemon.store.query import Reader
from daemon.store.rows import Row
from daemon.store.store import Store
from dsl.program import PRIORITIES, Program


class Definitions:
    """One turn at a time: the names that are taken are those of the rules in force."""

    def __init__(self, rules: RulesInForce, store: Store, now: Any) -> None:
        self._rules = rules
        self._store = store
        self._now = now
        self.turn = asyncio.Lock()

    # --- what is there -------------------------------------------------------------------------------------------------

    def surroundings(self) -> Surroundings:
        program = self._rules.program
        return Surroundings(
            taken=frozenset(_names(program)),
            tasks=self._tasks(program),
            workflows=_workflows(program),
            automations=[automation.head.name for automation in program.automations],
        )

    def _tasks(self, program: Program) -> dict[str, list[str]]:
        """Those that calls scheduled and that are in force, by the type they were given; the most urgent first."""
        ranks = {one.head.name: -PRIORITIES.index(one.head.priority) for one in program.automations}
        found: dict[str, list[str]] = {}
        for definition in self.all("task"):
            if definition.name in ranks:
                found.setdefault(str(definition.config["type"]), []).append(definition.name)
        return {kind: sorted(names, key=lambda name: ranks[name]) for kind, names in found.items()}

    def all(self, kind: str) -> list[Definition]:
        with self._store.reader() as reader:
            return [_read(row) for row in _rows(reader, kind)]

    def one(self, kind: str, key: str, name: object) -> Definition:
        """InvalidCall if there is none of that name."""
        known = {definition.name: definition for definition in self.all(kind)}
        if not isinstance(name, str) or name not in known:
            raise none_of(key, name, list(known))
        return known[name]

    # --- coming into force -----------------------------------------------------------------------------------------------

    async def bring(self, *definitions: Definition, rows: Sequence[Row] = ()) -> None:
        """In force and stored together with these rows, or InvalidCall and nothing has changed. Within the turn of the caller."""
        new = {definition.source.name: definition for definition in definitions}
        kept = [source for source in self._rules.made if source.name not in new]
        reload = await self._rules.remake((*kept, *(one.source for one in definitions if one.text)))
        if reload.outcome == "refused":
            raise objection(definitions[-1], reload.loaded.findings)
        stored = self._store.writer.submit([*(self._row(one) for one in definitions), *rows])
        await asyncio.wrap_future(stored)

    def resting_on(self, there: Surroundings) -> list[Definition]:
        """Automations whose rules come to something else now that other tasks and workflows are there."""
        found = []
        for definition in self.all("automation"):
            kind = str(definition.config["type"])
            others = there.taken - set(definition.parts) - {definition.name}
            made = compiled(definition.name, kind, definition.config, there)
            if made.text != definition.text and not others & set(made.parts):
                found.append(made)
        return found

    def _row(self, definition: Definition) -> Row:
        values = {
            "kind": definition.kind,
            "name": definition.name,
            "config": {"config": definition.config, "parts": definition.parts},
            "rules": definition.text,
            "created_at": self._now(),
        }
        return Row("definition", self._store.take_id("definition"), values, durable=True)


def _rows(reader: Reader, kind: str) -> list[dict[str, object]]:
    return reader.rows(
        "SELECT kind, name, config, rules FROM definition WHERE id IN (SELECT max(id) FROM definition GROUP BY name)"
        " AND kind = :kind ORDER BY id",
        kind=kind,
    )


def _read(row: Mapping[str, object]) -> Definition:
    stored = json.loads(str(row["config"]))
    return Definition(
        str(row["kind"]), str(row["name"]), stored["config"], str(row["rules"]), (), tuple(stored["parts"])
    )


def _names(program: Program) -> list[str]:
    rules = (
        program.detections, program.recoveries, program.workflows, program.automations, program.orchestrations,
        program.adaptations, program.maintenances,
    )  # fmt: skip
    things = (program.agents, program.probes, program.channels)
    return [
        *(rule.head.name for kind in rules for rule in kind),
        *(thing.name for kind in things for thing in kind),
        *program.fact_types,
    ]


def _workflows(program: Program) -> dict[str, list[str]]:
    """By type and by name; those that need values for their parameters cannot be run by a rule that knows none."""
    found: dict[str, list[str]] = {}
    for workflow in program.workflows:
        if all(kind == "map" and name == "context" for name, kind in workflow.parameters):
            call = f"{workflow.head.name}(context: {{}})" if workflow.parameters else workflow.head.name
            found.setdefault(workflow.type, []).append(call)
    return found
