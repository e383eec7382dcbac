"""log TEXT"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, Outcome, succeeded
from daemon.world.written import one_line
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="log",
    inside=("action",),
    shape="text:TEXT",
    doc="Writes one line to the log of volexd. Line ends and control characters in it are written as escapes.",
    example='log "{agent.name} is {agent.status}"',
    repeatable=True,
)
_LIMIT = 4000


async def run(call: ActionCall, world: World) -> Outcome:
    from loguru import logger

    logger.bind(action=call.id).info("{}", one_line(call.text("text"), _LIMIT))
    return succeeded()
