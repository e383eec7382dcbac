"""set TYPE [KEY] name: value, …  or  set PATH = VALUE"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, ActionFailure, Outcome, succeeded
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="set",
    inside=("action",),
    shape="type:TYPE [key:KEY] values:NAMED… | path:PATH = value:VALUE",
    doc=(
        "Sets fields of a fact, which is made if there is none with that key. They stand until they are set again: what is set "
        "does not go stale. With a path it is the fact that the rule is about. A new fact beyond those that there may be of its type "
        "(`facts.keys` in the configuration) is not made: the action fails."
    ),
    example='set switch "trading" enabled: false',
    repeatable=True,
    affects=None,
)


async def run(call: ActionCall, world: World) -> Outcome:
    from engine.events import Reported

    kind, key, values = call.text("type"), call.arguments.get("key"), call.arguments.get("values")
    if not isinstance(values, Mapping):
        raise ActionFailure("set: no values were given")
    if not isinstance(key, str):
        raise ActionFailure(f"set: it is unknown which {kind} is meant")
    if not world.keys.admits(kind, key):
        raise ActionFailure(f"set: there are {world.keys.most(kind)} {kind}, and there may be no more")
    world.post(Reported(at=world.now(), type=kind, key=key, values=dict(values), source="set"))
    return succeeded(", ".join(f"{kind}.{name}" for name in values))
