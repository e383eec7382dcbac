"""What the polling keeps looking at."""

from __future__ import annotations

from typing import Protocol


class Watch(Protocol):
    """`plan` says what is looked at and how: two watches with equal plans are the same watch."""

    @property
    def plan(self) -> object: ...

    @property
    def every(self) -> float: ...

    async def look(self) -> None:
        """Looks once, within bounds of its own, and tells the engine what was seen."""

    def missed(self, reason: str) -> None:
        """volexd could not even look."""

    def take_over(self, former: Watch) -> None:
        """Goes on where the watch of the same name with another plan left off."""

    def forget(self) -> None:
        """It is not looked at any more: what came from it is withdrawn."""
