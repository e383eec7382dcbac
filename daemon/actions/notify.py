"""notify CHANNEL [TEXT]"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, ActionFailure, Outcome, succeeded
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="notify",
    inside=("action",),
    shape="channel:CHANNEL [text:TEXT]",
    doc=(
        "Tells people. What a channel's `url` is decides how: an http or https address gets a POST with JSON (`text`, `fault`, `at`, "
        "`host`, and `id`, which stays the same when a notice is sent again), `log:` writes to volexd's log, `file:/path` appends the same "
        "JSON as one line. The address is never logged."
    ),
    example='notify oncall "{agent.name} could not be revived: {recovery.reason}"',
    repeatable=True,
)


async def run(call: ActionCall, world: World) -> Outcome:
    from socket import gethostname

    from daemon.world.channels import ChannelFailure

    now = world.now()
    about = {name: value for name, value in call.arguments.items() if name != "channel"}
    message = {
        **about,
        "text": call.arguments.get("text") or "",
        "fault": call.arguments.get("fault"),
        "id": call.id,
        "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "host": gethostname(),
    }
    try:
        return succeeded(await world.channels.send(call.text("channel"), message, now))
    except ChannelFailure as error:
        raise ActionFailure(str(error)) from error
