"""What rules ask of this machine that it cannot do: told when the rules load, not in the night when an action runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from daemon.world.commands import CommandRefused, Commands
from daemon.world.settings import Settings
from dsl.expressions import Constant, Expression, ListOf
from dsl.program import Action, Place, Program


class Unresolved(NamedTuple):
    """A program that is written in the rules and not to be found: "exec: 'x' is …"."""

    place: Place
    reason: str


def unresolved(program: Program, commands: Commands) -> tuple[Unresolved, ...]:
    """In the order of the rules, each once."""
    return tuple(dict.fromkeys(_unresolved(program, commands)))


def _unresolved(program: Program, commands: Commands) -> Iterator[Unresolved]:
    for place, what, settings in _with_command(program):
        for name, expression in settings:
            named = _program(expression) if name == "command" else None
            if named is None:
                continue
            try:
                commands.resolve(named)
            except CommandRefused as error:
                yield Unresolved(place, f"{what}: {error}")


def _program(command: Expression) -> str | None:
    """The first of a list, if it is written; what is calculated is known only when it runs."""
    match command:
        case Constant((str(program), *_)) | ListOf((Constant(str(program)), *_)):
            return program
        case _:
            return None


def _with_command(program: Program) -> Iterator[tuple[Place, str, Settings]]:
    for probe in program.probes:
        if probe.check.kind == "exec":
            yield probe.place, f"probe {probe.name}", probe.check.settings
    for agent in program.agents:
        if agent.unit is not None and agent.unit.kind == "process":
            yield agent.place, f"agent {agent.name}", agent.unit.settings
        for check in (agent.health, agent.ready):
            if check is not None and check.kind == "exec":
                yield agent.place, f"agent {agent.name}", check.settings
    for action in _actions(program):
        if action.kind == "exec":
            yield action.place, "exec", action.arguments


def _actions(program: Program) -> Iterator[Action]:
    for agent in program.agents:
        for own in agent.actions:
            yield from own.actions
    for recovery in program.recoveries:
        for attempt in recovery.tries:
            yield from attempt.actions
        yield from recovery.otherwise
    yield from _of_steps(program)
    for automation in program.automations:
        yield from automation.actions
    for window in program.maintenances:
        yield from window.actions
    for orchestration in program.orchestrations:
        yield from (*orchestration.then, *orchestration.afterwards)


def _of_steps(program: Program) -> Iterator[Action]:
    steps = [step for workflow in program.workflows for step in workflow.steps]
    changes = [change for adaptation in program.adaptations for change in adaptation.then]
    for step in (*steps, *(change.new for change in changes if change.new is not None)):
        yield from (step.action, *step.undo)
