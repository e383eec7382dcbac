"""What an action is given, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World


class ActionFailure(Exception):
    """It was not done, or it failed; the text says why, in one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One `Do` of the engine. `arguments` are evaluated; `timeout` seconds is what the whole action has."""

    id: int
    kind: str
    target: str | None
    arguments: Mapping[str, object]
    timeout: float

    def text(self, name: str) -> str:
        """An argument that has to be a text. Raises ActionFailure."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            raise ActionFailure(f"{self.kind}: its {name} is {'unknown' if value is None else 'no text'}")
        return value

    def agent(self) -> str:
        """The agent it acts upon. Raises ActionFailure."""
        if self.target is None:
            raise ActionFailure(f"{self.kind}: no agent is named")
        return self.target


@dataclass(frozen=True, slots=True)
class Outcome:
    """`outcome` is succeeded or failed; `detail` is one line; `reply` is what it said, as the word's `reply` describes it."""

    outcome: str
    detail: str = ""
    reply: Mapping[str, object] | None = None


class ActionKind(Protocol):
    """A file of `daemon/actions/`."""

    WORD: ActionWord

    async def run(self, call: ActionCall, world: World) -> Outcome:
        """Does it. May raise ActionFailure, UnitFailure and the like instead of answering `failed`."""


def succeeded(detail: str = "", reply: Mapping[str, object] | None = None) -> Outcome:
    return Outcome("succeeded", detail, reply)


def failed(detail: str, reply: Mapping[str, object] | None = None) -> Outcome:
    return Outcome("failed", detail, reply)
