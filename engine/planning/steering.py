"""What rules and people do to the engine's own work: run, pause, resume, cancel automations, workflows and agents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl.parts import Action
from engine.analysis.evaluate import evaluate
from engine.planning.acting import Acting, Cause, Deed, Ended, ImpossibleError
from engine.planning.automations.automations import Automations
from engine.planning.automations.running import Running
from engine.planning.pauses import BY_HAND, Pauses
from engine.planning.workflows.runs import Runs, nobody
from engine.planning.workflows.state import Order

Steered = list[tuple[Deed, Ended]]


class Steering:
    def __init__(
        self, automations: Automations, running: Running, runs: Runs, pauses: Pauses, acting: Acting,
        agents: Callable[[], Mapping[str, Any]], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        """`agents` gives those that there are, by name."""
        self._automations = automations
        self._running = running
        self._runs = runs
        self._pauses = pauses
        self._acting = acting
        self._agents = agents
        self._clock = clock

    # --- by rules --------------------------------------------------------------------------------------------------

    def steer(self, action: Action, bindings: Mapping[str, Any], cause: Cause, holder: str) -> Steered:
        """Do what the action says, at once. Raises ImpossibleError."""
        if action.kind == "run":
            return [self._run(action, bindings, cause)]
        kind = action.target.kind if action.target is not None else "automation"
        return [
            (Deed(action.kind, name, {"kind": kind}, action.timeout, action.text or f"{action.kind} {kind} {name}"), ended)
            for name in self._names(action, kind, bindings, holder)
            for ended in [self._one(action.kind, kind, name, cause.reason, holder)]
        ]  # fmt: skip

    def _names(self, action: Action, kind: str, bindings: Mapping[str, Any], holder: str) -> list[str]:
        """The things it is done to. `resume automation`, without a name, is what this rule paused."""
        selector = action.target
        own = selector is None or (selector.name is None and selector.where is None and kind not in bindings)
        if own and action.kind == "resume":
            return [name for held, name in self._pauses.held_by(holder) if held == kind]
        return [str(name) for name in self._acting.targets(selector, bindings) if name is not None]

    def _one(self, verb: str, kind: str, name: str, reason: str, holder: str) -> Ended:
        if not self._is_there(kind, name):
            return Ended("failed", f"there is no {kind} {name}")
        if verb == "pause":
            self._pauses.pause(kind, name, holder)
            return Ended("succeeded")
        if verb == "resume":
            free = self._pauses.resume(kind, name, holder)
            others = ", ".join(self._pauses.of(kind, name))
            return Ended("succeeded", "" if free else f"still paused by {others}")
        return self._cancel(kind, name, reason)

    def _is_there(self, kind: str, name: str) -> bool:
        if kind == "agent":
            return name in self._agents()
        return name in (self._running.known if kind == "automation" else self._runs.plans)

    def _cancel(self, kind: str, name: str, reason: str) -> Ended:
        if kind == "automation":
            count = self._running.cancel_all(self._running.known[name], reason)
        elif kind == "workflow":
            runs = [run for run in self._runs.under_way.values() if run.plan.head.name == name]
            count = len(runs)
            for run in runs:
                self._runs.cancel(run, reason)
        else:
            return Ended("failed", f"nothing of {kind} {name} can be cancelled")
        return Ended("succeeded", f"{count} run{'' if count == 1 else 's'}")

    def _run(self, action: Action, bindings: Mapping[str, Any], cause: Cause) -> tuple[Deed, Ended]:
        now, given = self._clock(), dict(action.arguments)
        name = str(evaluate(given["name"], bindings, now))
        arguments = evaluate(given["arguments"], bindings, now) if "arguments" in given else {}
        unknown = [argument for argument, value in dict(arguments or {}).items() if value is None]
        if unknown:
            raise ImpossibleError(f"run {name}: its {', '.join(unknown)} is unknown")
        deed = Deed("run", name, arguments or {}, action.timeout, action.text or f"run {name}")
        return deed, self._start(name, arguments or {}, f"rule {cause.rule}", cause.reason, cause.run)

    def _start(
        self, name: str, arguments: Mapping[str, Any], cause: str, reason: str, automation_run: int | None
    ) -> Ended:  # fmt: skip
        known = self._running.known.get(name)
        if known is not None:
            self._automations.announce()
            run = self._running.request(known, cause, self._clock(), reason, automation_run)
            return Ended("failed", "it is skipped") if run is None else Ended("succeeded", f"run {run.id}")
        refusal = self._runs.refusal(name, arguments)
        if refusal is not None:
            return Ended("failed", refusal)
        order = Order(arguments, strategy=self._runs.plans[name].strategy, automation_run=automation_run)
        started = self._runs.start(name, order, reason, nobody)
        return Ended("succeeded", f"run {started.id}")

    # --- by hand ---------------------------------------------------------------------------------------------------

    def run_by_hand(self, name: str, arguments: Mapping[str, Any], by: str) -> None:
        """An automation, or a workflow; one that cannot begin leaves a row that says why."""
        reason = f"asked for by {by or 'somebody'}"
        known = self._running.known.get(name)
        if known is not None:
            self._automations.announce()
            self._running.request(known, "hand", self._clock(), reason)
        elif name in self._runs.plans:
            refusal = self._runs.refusal(name, arguments)
            if refusal is None:
                order = Order(arguments, strategy=self._runs.plans[name].strategy)
                self._runs.start(name, order, reason, nobody)
            else:
                self._runs.refuse(name, arguments, refusal)

    def pause_by_hand(self, verb: str, name: str) -> None:
        """Whatever is called so. A person's word lifts all pauses."""
        for kind in ("agent", "automation"):
            if self._is_there(kind, name):
                self._one(verb, kind, name, "", BY_HAND)

    def cancel_by_hand(self, subject: str, by: str) -> None:
        """An automation or workflow by its name, or a run by its id."""
        reason = f"cancelled by {by or 'somebody'}"
        for kind in ("automation", "workflow"):
            if self._is_there(kind, subject):
                self._cancel(kind, subject, reason)
        for run in [run for known in self._running.known.values() for run in known.live]:
            if str(run.id) == subject:
                self._running.cancel(run, reason)
        for workflow_run in list(self._runs.under_way.values()):
            if str(workflow_run.id) == subject:
                self._runs.cancel(workflow_run, reason)
