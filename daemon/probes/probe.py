"""What a kind of probe offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.world import World

Reply = Mapping[str, object]


class ProbeFailure(Exception):
    """There is no reply; the text says why in a few words."""


class ProbeKind(Protocol):
    """A file of `daemon/probes/`."""

    WORD: ProbeWord

    async def look(self, settings: Mapping[str, object], world: World) -> Reply:
        """One look, as `WORD.reply` describes it. Raises ProbeFailure, and OwnFailure for what is volexd's own trouble."""

    def healthy(self, reply: Reply) -> bool:
        """Whether the reply is good where no `expect` says what is."""

    def described(self, reply: Reply) -> str:
        """The reply in a few words, for the error of a check that did not get what it expects."""


class Listener(Protocol):
    """To whom a source talks that tells by itself."""

    def say(self, reply: Reply, items: int = 1, size: int = 0) -> bool:
        """Something came: so many items, so many bytes. False when it is not taken, because too much came before it; that is counted."""

    def lost(self, items: int) -> None:
        """So much came that was not even read."""

    def trouble(self, reason: str) -> None:
        """Why nothing comes, "" when something can come again."""


def text_of(settings: Mapping[str, object], name: str) -> str:
    """A setting that has to be a text. Raises ProbeFailure."""
    value = settings.get(name)
    if not isinstance(value, str):
        raise ProbeFailure(f"its {name} is {'missing' if value is None else 'no text'}")
    return value
