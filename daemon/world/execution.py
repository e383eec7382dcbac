"""One run of a command to its end: bounded output, and nothing that it started outlives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.world.child import Command, Ending, spawn
from daemon.world.failures import OwnFailure, is_own, reason
from daemon.world.output import Output

if TYPE_CHECKING:
    from daemon.world.commands import Commands


@dataclass(frozen=True, slots=True)
class Printed:
    """The last of what was written to one of its outputs; `cut` when there was more before."""

    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Execution:
    ending: Ending
    output: Printed
    error: Printed


async def execute(commands: Commands, command: object, directory: str | None, limit: int) -> Execution:
    """Runs the evaluated list of a rule. `limit` bytes of each output are kept.

    Cancelled, it kills the whole process group. Raises CommandRefused, StartFailure, OwnFailure.
    """
    prepared = Command(commands.argv(command), commands.environment(), directory)
    try:
        output, error = _outputs(limit)
    except OSError as problem:
        raise (OwnFailure(reason(problem)) if is_own(problem) else problem) from problem
    try:
        ending = await _run(prepared, output, error)
    finally:
        output.close()
        error.close()
    return Execution(ending, Printed(output.text, output.cut), Printed(error.text, error.cut))


def _outputs(limit: int) -> tuple[Output, Output]:
    output = Output(limit)
    try:
        return output, Output(limit)
    except OSError:
        output.close()
        raise


async def _run(command: Command, output: Output, error: Output) -> Ending:
    child = await spawn(command, output.writing, error.writing)
    try:
        output.handed_over()
        error.handed_over()
        return await child.ended()
    finally:
        await child.destroy()
