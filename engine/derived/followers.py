"""Who follows the facts of a type, found by the fields that changed: what does not read them costs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from engine.knowledge.facts import Fact


class Follower(Protocol):
    """What is derived from the facts of a type."""

    def changed(self, fact: Fact, names: Iterable[str]) -> None: ...

    def forget(self, fact: Fact) -> None: ...


class Followers:
    """Of one type, in the order in which they are told."""

    def __init__(self) -> None:
        self.all: list[Follower] = []
        self._always: list[int] = []
        self._by_field: dict[str, list[int]] = {}

    def add(self, follower: Follower, reads: Iterable[str] | None) -> None:
        """`reads`: the fields without a change of which a fact that it has seen is no news to it; None: every sample is."""
        number = len(self.all)
        self.all.append(follower)
        if reads is None:
            self._always.append(number)
            return
        for name in sorted(reads):
            self._by_field.setdefault(name, []).append(number)

    def concerned(self, names: Iterable[str]) -> list[Follower]:
        """Those to whom a change of these fields is news."""
        numbers = set(self._always)
        for name in names:
            numbers.update(self._by_field.get(name, ()))
        return [self.all[number] for number in sorted(numbers)]
