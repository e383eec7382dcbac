"""prune PATH [older than AGE] [, down to SIZE]"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, ActionFailure, Outcome, failed, succeeded
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.pruning import Pruned, Wanted
    from daemon.world.world import World

WORD = ActionWord(
    name="prune",
    inside=("action",),
    shape="path:TEXT [older than age:DURATION] [[,] down to size:SIZE]",
    body="prune",
    doc=(
        "Deletes files in a directory and below it: those that are older, and then the oldest, until no more than that is left. It "
        "has to lie inside a directory that the configuration allows (`prune.directories`; none by default). Links are not followed, "
        "other file systems not entered, directories stay. Its outcome says how many files went and how many bytes are left."
    ),
    example="prune \"/var/log/api\" older than 7d, down to 2GB { matching '.*[.]log[.]gz' }",
    risk="delete",
    repeatable=True,
    affects=("disk.usage", "disk.free", "disk.inodes"),
)


async def run(call: ActionCall, world: World) -> Outcome:
    import asyncio
    from threading import Event

    from daemon.world.pruning import PruneRefused, prune

    ended = Event()  # a thread cannot be cancelled; this one looks whether it should go on
    path, wanted = call.text("path"), _wanted(call, world.now())
    try:
        pruned = await asyncio.to_thread(prune, path, world.prunable, wanted, ended.is_set)
    except PruneRefused as error:
        raise ActionFailure(f"prune: {error}") from error
    finally:
        ended.set()
    return _outcome(pruned)


def _wanted(call: ActionCall, now: float) -> Wanted:
    from daemon.world.pruning import Wanted

    age, size = _number(call, "age"), _number(call, "size")
    if age is None and size is None:
        raise ActionFailure("prune: it does not say what may go; write `older than 7d`, or `down to 2GB`")
    matching = re.compile(call.text("matching"), re.ASCII) if "matching" in call.arguments else None
    return Wanted(None if age is None else now - age, size, matching)


def _number(call: ActionCall, name: str) -> float | None:
    """None where it is not written. What is unknown, or below nothing, deletes nothing."""
    if name not in call.arguments:
        return None
    value = call.arguments[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ActionFailure(
            f"prune: its {name} is {'unknown' if value is None else f'{value!r}'}; nothing was deleted"
        )
    return float(value)


def _outcome(pruned: Pruned) -> Outcome:
    from engine.analysis.written import size

    detail = (
        f"{pruned.deleted} files deleted ({size(pruned.freed)}), {pruned.kept} left ({size(pruned.left)})"
    )
    reply = {"deleted": pruned.deleted, "freed": pruned.freed, "kept": pruned.kept, "left": pruned.left}
    if pruned.failed:
        return failed(f"{detail}, {pruned.failed} could not be deleted or looked at: {pruned.error}", reply)
    return succeeded(detail, reply)
