"""exec [PROGRAM, ARGUMENT, …]"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, ActionFailure, Outcome, failed, succeeded
from daemon.world.json_body import as_json
from daemon.world.written import one_line
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="exec",
    inside=("action", "step action"),
    shape="command:LIST",
    body="exec",
    doc=(
        "Runs a program with exactly these arguments: no shell reads them, and a list in the list is spliced. The program is an "
        "absolute path, a path with a slash under the configured directory of programs, or a bare name on the configured path. It "
        "sees a fixed environment (PATH, LANG, HOME) and no input, and is killed with all that it started when its time is up. Exit "
        "status 0 counts as done, though never as a recovery. Some of what it printed, at most 500 characters, is kept with its outcome."
    ),
    example='exec ["/usr/bin/systemctl", "reload", "nginx"] { timeout 30s }',
    risk="redeploy",
    affects=None,
    reply={"status": "number", "output": "text", "body": "any"},
)
_OUTPUT_LIMIT = 65536


async def run(call: ActionCall, world: World) -> Outcome:
    from daemon.world.execution import execute

    directory = call.arguments.get("directory")
    if directory is not None and not isinstance(directory, str):
        raise ActionFailure("exec: its directory is no text")
    execution = await execute(world.commands, call.arguments.get("command"), directory, _OUTPUT_LIMIT)
    said = one_line(execution.error.text or execution.output.text)
    detail = f"{execution.ending}: {said}" if said else str(execution.ending)
    text = execution.output.text
    reply = {"status": execution.ending.status, "output": text, "body": as_json(text)}
    return succeeded(detail, reply) if execution.ending.status == 0 else failed(detail, reply)
