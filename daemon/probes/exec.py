"""exec [PROGRAM, ARGUMENT, …]"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import ProbeFailure, Reply
from daemon.world.json_body import parsed
from daemon.world.written import one_line
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.execution import Execution
    from daemon.world.world import World

WORD = ProbeWord(
    name="exec",
    inside=("probe kind",),
    shape="command:LIST",
    body="exec",
    doc=(
        "Runs a program, as the action `exec` does, and reads what it prints: `reply.body` is the value when the output is JSON. At most "
        "1 MiB of output is kept. `reply.status` is unknown for a program that a signal ended. Without `expect`, status 0 is good."
    ),
    example='exec ["/usr/lib/nagios/plugins/check_ntp_time", "-H", "localhost"]',
    reply={"status": "number", "output": "text", "error": "text", "body": "any", "duration": "duration"},
)
_OUTPUT_LIMIT = 1 << 20
_DESCRIBED = 200


async def look(settings: Mapping[str, object], world: World) -> Reply:
    from time import monotonic

    from daemon.world.child import StartFailure
    from daemon.world.commands import CommandRefused
    from daemon.world.execution import execute

    directory = settings.get("directory")
    began = monotonic()
    try:
        execution = await execute(
            world.commands,
            settings.get("command"),
            directory if isinstance(directory, str) else None,
            _OUTPUT_LIMIT,
        )
    except (CommandRefused, StartFailure) as error:
        raise ProbeFailure(str(error)) from error
    return {
        "status": execution.ending.status,
        "output": execution.output.text,
        "error": execution.error.text,
        "body": _value(execution),
        "duration": monotonic() - began,
    }


def healthy(reply: Reply) -> bool:
    return reply["status"] == 0


def described(reply: Reply) -> str:
    status = reply["status"]
    how = "killed by a signal" if status is None else f"exit status {status}"
    said = reply["error"] or reply["output"]
    return one_line(f"{how}: {said}" if said else how, _DESCRIBED)


def _value(execution: Execution) -> object:
    """Unknown when the output is no JSON."""
    if execution.output.cut:
        return None
    try:
        return parsed(execution.output.text)
    except ValueError:
        return None
