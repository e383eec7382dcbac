"""What `sum avg min max distinct` have in common: they range over the known, and are unknown below half (meaning 5)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from dsl.operators import number
from engine.derived.aggregates import Member


class Numbers(ABC):
    """Counts the members of which the number is known, and those of which something is not."""

    def __init__(self) -> None:
        self.known = self.unsure = 0

    def add(self, verdict: bool | None, value: Any) -> None:
        plain = self.taken(value) if verdict is True else None
        if plain is None:
            self.unsure += 1
        else:
            self.known += 1
            self.enter(plain)

    def remove(self, verdict: bool | None, value: Any) -> None:
        plain = self.taken(value) if verdict is True else None
        if plain is None:
            self.unsure -= 1
        else:
            self.known -= 1
            self.leave(plain)

    def result(self, strangers: int) -> Any:
        enough = self.known >= self.unsure + strangers
        return self.value() if enough else None

    def taken(self, value: Any) -> Any:
        return number(value)

    @abstractmethod
    def enter(self, value: Any) -> None: ...

    @abstractmethod
    def leave(self, value: Any) -> None: ...

    @abstractmethod
    def value(self) -> Any: ...


def known(members: Sequence[Member]) -> list[float] | None:
    """The numbers that are known; None where they are fewer than half."""
    meant = [(verdict, number(value)) for verdict, value in members if verdict is not False]
    found = [value for verdict, value in meant if verdict is True and value is not None]
    return found if 2 * len(found) >= len(meant) else None
