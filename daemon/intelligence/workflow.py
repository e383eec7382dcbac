"""The calls of the second pillar: workflows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from daemon.intelligence.context import Context, Document
from daemon.intelligence.definition import Definition
from daemon.intelligence.invalid import InvalidCall, none_of
from daemon.intelligence.live import Row
from daemon.intelligence.schema import validate
from daemon.intelligence.workflow_monitoring import ADAPTATION_RATE, SLOWDOWN, SUCCESS_RATE
from daemon.intelligence.workflow_rules import GATE, workflow_definition
from daemon.reports.span import EARLIEST
from daemon.reports.suggestions import suggestions
from daemon.reports.workflow import steps_of, workflow_report
from daemon.store.query import Found, Reader, view
from dsl.literals import SECONDS, terms
from dsl.work import Workflow
from engine.analysis.evaluate import evaluate
from engine.planning.workflows.newest import slowdown

PATIENCE = 3600.0  # seconds that a call waits for the end of a run


class WorkflowCalls:
    def __init__(self, context: Context) -> None:
        self._context = context

    # --- create_intelligent_workflow ------------------------------------------------------------------------------------

    async def create(self, workflow_config: Mapping[str, Any]) -> Document:
        """Checked (circles, unknown steps), stored and in force, or InvalidCall."""
        definitions = self._context.definitions
        async with definitions.turn:
            there = definitions.surroundings()
            definition = workflow_definition(workflow_config, there.taken)
            await definitions.bring(definition)
            others = definitions.resting_on(definitions.surroundings())
            if others:
                await definitions.bring(*others)
        return {"workflow_id": definition.name, "status": "active", "steps": len(workflow_config["steps"])}

    # --- execute_intelligent_workflow -----------------------------------------------------------------------------------

    async def execute(self, workflow_id: str, context: Mapping[str, Any] | None = None) -> Document:
        """Runs it to its end. InvalidCall if there is no such workflow, or a value that it needs is missing."""
        given = dict(context or {})
        validate("execute_intelligent_workflow", "context", given)
        plan = self._plan(workflow_id)
        arguments = _arguments(plan, given)
        unready = self._unready(workflow_id)
        run = None if unready else await self._run(workflow_id, arguments)
        execution = self._execution(run) if run else _not_run(unready or "")
        config = self._config(workflow_id)
        numbers = await self._context.read(lambda reader: _numbers(reader, workflow_id))
        return {
            "workflow_id": workflow_id,
            "execution_result": execution,
            "monitoring_result": _monitoring(
                numbers, execution, config.get("monitoring", {}), self._usual(workflow_id, execution)
            ),
            "optimization_result": _optimization(numbers),
            "learning_result": _learning(numbers, plan.learning),
            "success": execution["status"] == "succeeded" and bool(execution["steps_executed"]),
            "timestamp": self._context.timestamp(),
        }

    def _plan(self, workflow_id: object) -> Workflow:
        plans = {plan.head.name: plan for plan in self._context.rules.program.workflows}
        if not isinstance(workflow_id, str) or workflow_id not in plans:
            raise none_of("workflow_id", workflow_id, list(plans))
        return plans[workflow_id]

    def _config(self, workflow_id: str) -> Mapping[str, Any]:
        """Of one that a call made; of one in a file there is none."""
        made: list[Definition] = self._context.definitions.all("workflow")
        return next((one.config for one in made if one.name == workflow_id), {})

    def _unready(self, workflow_id: str) -> str | None:
        """Why its conditions do not hold now, if it has some."""
        automations = self._context.rules.program.automations
        gate = next((one for one in automations if one.head.name == f"{workflow_id}{GATE}"), None)
        if gate is None or gate.only_if is None:
            return None
        singles = self._context.loop.engine.situations.singles
        holds = evaluate(gate.only_if, singles, self._context.now()) is True
        return None if holds else "its conditions do not hold now"

    async def _run(self, workflow_id: str, arguments: Mapping[str, Any]) -> Row:
        before = self._context.command("run", workflow_id, arguments)
        live = self._context.live
        ran = next(iter(live.rows("workflow_run", before, workflow=workflow_id)), None)
        if ran is None:
            return {"id": 0, "status": "failed", "reason": "it did not begin"}
        await live.until(lambda: ran.get("ended_at") is not None, PATIENCE)
        return ran

    def _usual(self, workflow: str, execution: Document) -> dict[str, float | None]:
        """What each step of the run takes as a rule; None where too little is known."""
        learned = self._context.loop.engine.work.learned
        return {step["name"]: learned.usual(f"{workflow}/{step['name']}") for step in execution["steps"]}

    def _execution(self, run: Row) -> Document:
        live = self._context.live
        steps = [_step(row) for row in live.rows("step_run", 0, run_id=run["id"])]
        adaptations = live.rows("adaptation", 0, run_id=run["id"])
        took = run["ended_at"] - run["started_at"] if run.get("ended_at") else None
        return {
            "run_id": run["id"],
            "status": run["status"],
            "reason": run.get("reason"),
            "duration_s": None if took is None else round(took, 6),
            "critical_path_s": run.get("critical_path_s"),
            "steps": steps,
            "steps_executed": sum(step["status"] in ("succeeded", "failed", "undone") for step in steps),
            "steps_succeeded": sum(step["status"] == "succeeded" for step in steps),
            "adaptations_applied": sum(one["outcome"] == "applied" for one in adaptations),
            "adaptations": [_adaptation(one) for one in adaptations],
        }

    # --- get_intelligent_workflow_report ----------------------------------------------------------------------------------

    async def report(self) -> Document:
        return await self._context.read(lambda reader: workflow_report(reader, at=self._context.now()))


def _arguments(plan: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """A workflow that a call made takes the whole context; one of a file its parameters, by their names."""
    if [name for name, _ in plan.parameters] == ["context"] and "context" not in given:
        return {"context": dict(given)}
    names = [name for name, _ in plan.parameters]
    missing = [name for name in names if given.get(name) is None]
    if missing:
        raise InvalidCall(f"context.{missing[0]}", f"it is missing; the workflow takes {', '.join(names)}")
    return {name: given[name] for name in names}


def _not_run(reason: str) -> Document:
    nothing: Document = {"steps": [], "adaptations": [], "critical_path_s": None, "duration_s": None}
    counts = {"steps_executed": 0, "steps_succeeded": 0, "adaptations_applied": 0}
    return {"run_id": None, "status": "skipped", "reason": reason, **nothing, **counts}


def _step(row: Row) -> Document:
    output = row.get("output")
    return {
        "name": row["step"],
        "kind": row["kind"],
        "status": row["status"],
        "attempt": row.get("attempt"),
        "duration_s": row.get("duration_s"),
        "output": json.loads(output) if isinstance(output, str) else output,
        "error": row.get("error"),
    }


def _adaptation(row: Row) -> Document:
    return {name: row.get(name) for name in ("rule", "kind", "step", "outcome", "reason")}


# --- what follows from all runs ---------------------------------------------------------------------------------------------


def _numbers(reader: Reader, workflow: str) -> dict[str, list[Found]]:
    return {
        "workflow": [row for row in view(reader, "workflow_report") if row["name"] == workflow],
        "steps": steps_of(reader, EARLIEST, workflow),
        "insights": [row for row in view(reader, "insights") if str(row["name"]).startswith(f"{workflow}/")],
    }


def _monitoring(
    numbers: Mapping[str, list[Found]], execution: Document, limits: Mapping[str, Any],
    usual: Mapping[str, float | None],
) -> Document:  # fmt: skip
    """Alerts with the number that raised each, and the limit that it passed."""
    whole = numbers["workflow"][0] if numbers["workflow"] else {}
    success, adapted = whole.get("success_rate"), whole.get("adaptation_rate")
    alerts: list[Document] = []
    least, most = (
        _part(limits.get("success_rate", SUCCESS_RATE)),
        _part(limits.get("adaptation_rate", ADAPTATION_RATE)),
    )
    if isinstance(success, int | float) and success < least:
        alerts.append(_alert("success_rate", None, success, least))
    if isinstance(adapted, int | float) and adapted > most:
        alerts.append(_alert("adaptation_rate", None, adapted, most))
    if "step_time" in limits:
        longest = _seconds(limits["step_time"])
        alerts += _slow(execution["steps"], lambda step: (step["duration_s"], longest))
    else:
        alerts += _slow(execution["steps"], lambda step: _beyond(step, usual[step["name"]]))
    times = {step["name"]: step["duration_s"] for step in execution["steps"]}
    return {"success_rate": success, "adaptation_rate": adapted, "step_times_s": times, "alerts": alerts}


def _slow(
    steps: Sequence[Document], judged: Callable[[Document], tuple[float | None, float]]
) -> list[Document]:
    """`judged` gives what a step took, and the most that it may take."""
    found = [(step["name"], *judged(step)) for step in steps if step["duration_s"] is not None]
    return [
        _alert("step_time", name, took, most)
        for name, took, most in found
        if took is not None and took > most
    ]


def _beyond(step: Document, usual: float | None) -> tuple[float | None, float]:
    """Where no limit is configured, it is so many times what the step takes as a rule."""
    factor = slowdown(step["duration_s"], usual)
    limit = SLOWDOWN * (usual or 0.0)
    return (step["duration_s"] if factor is not None and factor > SLOWDOWN else None), limit


def _alert(what: str, step: str | None, value: object, limit: float) -> Document:
    return {"type": what, "step": step, "value": value, "limit": limit}


def _part(value: float | str) -> float:
    return float(value.removesuffix("%")) / 100 if isinstance(value, str) else float(value)


def _seconds(value: float | str) -> float:
    if isinstance(value, str):
        return sum(number * SECONDS[unit] for number, unit in terms(value))
    return float(value)


def _optimization(numbers: Mapping[str, list[Found]]) -> Document:
    found = suggestions(numbers["workflow"], numbers["steps"])
    return {"suggestions": found, "total": len(found), "steps": numbers["steps"]}


def _learning(numbers: Mapping[str, list[Found]], enabled: bool) -> Document:
    return {"enabled": enabled, "insights": numbers["insights"], "total": len(numbers["insights"])}
