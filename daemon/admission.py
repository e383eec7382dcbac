"""What rules ask of this machine that it cannot do: told when the rules load, not in the night when an action runs."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.commands import CommandRefused, Commands
from daemon.settings import Settings
from dsl.expressions import Constant, Expression, ListOf
from dsl.program import Action, Place, Program


def unresolved(program: Program, commands: Commands) -> tuple[str, ...]:
    """A sentence for each program that is written in the rules and not to be found: "healing.rules:12: exec: 'x' is …"."""
    return tuple(dict.fromkeys(_sentences(program, commands)))


def _sentences(program: Program, commands: Commands) -> Iterator[str]:
    for place, what, settings in _with_command(program):
        for name, expression in settings:
            named = _program(expression) if name == "command" else None
            if named is None:
                continue
            try:
                commands.resolve(named)
            except CommandRefused as error:
                yield f"{place.file}:{place.line}: {what}: {error}"


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
