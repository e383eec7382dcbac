"""The calls of the first pillar: automations, orchestration, tasks."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from daemon.intelligence.automation_rules import Surroundings, automation_definition, task_definition
from daemon.intelligence.context import Context, Document
from daemon.intelligence.definition import Definition
from daemon.intelligence.invalid import none_of
from daemon.intelligence.live import Row
from daemon.intelligence.state import HOST, State, change
from daemon.reports.automation import automation_report
from daemon.store.rows import Row as StoredRow
from engine.events import Reported

FRESH_S = 15.0  # as a sample of the built-in probe
PATIENCE = 600.0  # seconds that a call waits for runs that it started
_ENDED = frozenset({"succeeded", "failed", "cancelled", "skipped", "interrupted"})


class AutomationCalls:
    def __init__(self, context: Context) -> None:
        self._context = context

    # --- create_system_automation -----------------------------------------------------------------------------------------

    async def create(self, automation_type: str, config: Mapping[str, Any]) -> Document:
        """Stored, checked and in force, or InvalidCall."""
        definitions = self._context.definitions
        async with definitions.turn:
            definition = automation_definition(automation_type, config, definitions.surroundings())
            await definitions.bring(definition)
        self._begin_immediate(definition)
        return {
            "automation_id": definition.name,
            "automation_type": automation_type,
            "status": "active",
            "rules": list(definition.parts),
            "warnings": self._warnings(config),
        }

    def _begin_immediate(self, definition: Definition) -> None:
        """An automation begins by itself when it comes into force; an orchestration has no such word."""
        scheduling = definition.config.get("scheduling")
        schedule = scheduling.get("schedule") if isinstance(scheduling, dict) else scheduling
        orchestrations = {one.head.name for one in self._context.rules.program.orchestrations}
        for part in definition.parts:
            if schedule == "immediate" and part in orchestrations:
                self._context.command("run", part)

    def _warnings(self, config: Mapping[str, Any]) -> list[str]:
        """What is allowed, and may not be meant."""
        known = {agent.name for agent in self._context.rules.program.agents}
        found = []
        for place, rule in enumerate(config["orchestration_rules"]):
            key = f"config.orchestration_rules[{place}]"
            found += [
                f"{key}.target_agents: there is no agent {name!r} yet"
                for name in rule.get("target_agents", ())
                if name not in known
            ]
            if (
                rule["type"] == "resource_optimization"
                and "command" not in rule
                and config.get("resource_requirements")
            ):
                found.append(f"{key}: it only pauses others, so it reserves nothing")
        return found

    # --- execute_intelligent_orchestration --------------------------------------------------------------------------------

    async def execute(self, automation_id: str) -> Document:
        """Its rules are evaluated now; what they do is done, and measured. Nothing done is no success."""
        context, began = self._context, time.monotonic()
        kind, parts = self._parts(automation_id)
        before = await self._state()
        self._tell(before)
        results = [await self._run(part) for part in parts]
        after = await self._state()
        executed = sum(len(result["actions"]) for result in results)
        success = executed > 0 and all(result["status"] in ("succeeded", "skipped") for result in results)
        return {
            "automation_id": automation_id,
            "automation_type": kind,
            "actions_executed": executed,
            "execution_results": results,
            "performance_metrics": _metrics(results, before, after, time.monotonic() - began),
            "success": success,
            "timestamp": context.timestamp(),
        }

    def _tell(self, state: State) -> None:
        """Conditions are judged by what was seen just now, and not by a sample of some seconds ago."""
        context = self._context
        values = {name: state[name] for name in HOST if state[name] is not None}
        for fact in list(context.loop.engine.memory.all("host")):
            context.loop.post(Reported(context.now(), "host", fact.key, values, "call", FRESH_S))

    async def _state(self) -> State:
        return await self._context.measuring.state()

    def _parts(self, automation_id: str) -> tuple[str, Sequence[str]]:
        """Its type and its rules: of what a call made, or of a file."""
        definitions = {one.name: one for one in self._context.definitions.all("automation")}
        if automation_id in definitions:
            definition = definitions[automation_id]
            return str(definition.config["type"]), definition.parts
        program = self._context.rules.program
        types = {rule.head.name: rule.type for rule in program.automations}
        types.update({rule.head.name: rule.type for rule in program.orchestrations})
        if automation_id not in types:
            raise none_of("automation_id", automation_id, sorted({*definitions, *types}))
        return types[automation_id], (automation_id,)

    async def _run(self, part: str) -> Document:
        """One rule, until all that it set in motion has ended."""
        context, began = self._context, time.monotonic()
        before = context.command("run", part)
        runs = await context.live.until(lambda: self._ended(part, before), PATIENCE)
        status, reason = _outcome(runs)
        return {
            "rule": part,
            "status": status,
            "reason": reason,
            "runs": [run["id"] for run in runs],
            "measured": next((json.loads(run["measured"]) for run in runs if run.get("measured")), None),
            "actions": self._actions(part, before, runs),
            "duration_s": round(time.monotonic() - began, 6),
        }

    def _ended(self, part: str, before: int) -> list[Row]:
        """The runs that the command led to, once all of them ended."""
        runs = self._context.live.rows("automation_run", before, automation=part)
        return runs if runs and all(run.get("status") in _ENDED for run in runs) else []

    def _actions(self, part: str, before: int, runs: Sequence[Row]) -> list[Document]:
        """Its own actions, and those of the steps of its workflow."""
        live = self._context.live
        rows = live.rows("action", before, rule=part)
        workflow_runs = [run["workflow_run_id"] for run in runs if run.get("workflow_run_id")]
        steps = [step for run in workflow_runs for step in live.rows("step_run", before, run_id=run)]
        rows += [row for step in steps if (row := live.row("action", step.get("action_id") or 0))]
        unique = {row["id"]: row for row in rows if row.get("outcome")}
        return [self._action(row) for row in unique.values()]

    def _action(self, row: Row) -> Document:
        return {
            "id": row["id"],
            "kind": row["kind"],
            "target": row.get("target"),
            "outcome": row["outcome"],
            "detail": row.get("detail"),
            "answer": self._context.live.reply(row["id"]),
            "duration_s": round(row["ended_at"] - row["intended_at"], 6),
        }

    # --- schedule_automated_task ---------------------------------------------------------------------------------------------

    async def schedule(self, task_config: Mapping[str, Any]) -> Document:
        """In the database and in force, or InvalidCall."""
        context = self._context
        async with context.definitions.turn:
            there = context.definitions.surroundings()
            definition = task_definition(task_config, there)
            row = StoredRow("task", context.store.take_id("task"), self._task(definition), durable=True)
            await context.definitions.bring(*self._with_it(definition, there), definition, rows=[row])
        return {"task_id": definition.name, "status": "scheduled", "next_at": self._next_at(definition.name)}

    def _with_it(self, task: Definition, there: Surroundings) -> list[Definition]:
        """Automations that run tasks of this type run this one, too."""
        kind = str(task.config["type"])
        tasks = {**(there.tasks or {}), kind: [*(there.tasks or {}).get(kind, ()), task.name]}
        wider = Surroundings(there.taken, tasks, there.workflows, there.automations)
        return self._context.definitions.resting_on(wider)

    def _task(self, definition: Definition) -> dict[str, object]:
        config = definition.config
        return {
            "name": config["name"],
            "type": config["type"],
            "automation": definition.name,
            "priority": config.get("priority", "medium"),
            "schedule": config["schedule"],
            "dependencies": list(config.get("dependencies", ())),
            "resources": dict(config.get("resource_requirements", {})),
            "status": "scheduled",
            "created_at": self._context.now(),
        }

    def _next_at(self, name: str) -> float | None:
        known = self._context.loop.engine.work.running.known.get(name)
        return None if known is None else known.next_at

    # --- get_automation_report -------------------------------------------------------------------------------------------------

    async def report(self) -> Document:
        return await self._context.read(lambda reader: automation_report(reader, at=self._context.now()))


def _outcome(runs: Sequence[Row]) -> tuple[str, str | None]:
    """The worst of them; of none, that nothing began in time."""
    if not runs:
        return "failed", f"it did not end within {PATIENCE:g} s"
    order = ("failed", "interrupted", "cancelled", "skipped", "succeeded")
    worst = min(runs, key=lambda run: order.index(run["status"]))
    return str(worst["status"]), worst.get("reason")


def _metrics(results: Sequence[Document], before: State, after: State, took: float) -> Document:
    """`efficiency_score`: of the time that the call took, the part in which actions ran that succeeded (1 at most)."""
    actions = [action for result in results for action in result["actions"]]
    good = [action for action in actions if action["outcome"] == "succeeded"]
    worked = sum(action["duration_s"] for action in good)
    return {
        "duration_s": round(took, 6),
        "actions_succeeded": len(good),
        "success_rate": len(good) / len(actions) if actions else 0.0,
        "efficiency_score": min(worked / took, 1.0) if took > 0 else 0.0,
        "before": before,
        "after": after,
        "change": change(before, after),
    }
