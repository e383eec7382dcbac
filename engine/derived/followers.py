"""Who follows the facts of a type, found by the fields that changed: what does not read them costs nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from engine.knowledge.facts import Fact


class Follower(Protocol):
    """What is derived from the facts of a type."""

    def changed(self, fact: Fact, names: Iterable[str]) -> None: ...

    def forget(self, fact: Fact) -> None: ...


class Followers:
    """Of one type, in the order in which they are told."""

    def __init__(self) -> None:
        self.all: dict[Follower, int] = {}  # with their places
        self._always: list[Follower] = []
        self._by_field: dict[str, list[Follower]] = {}  # with those to whom every sample is news

    def add(self, follower: Follower, reads: Iterable[str] | None) -> None:
        """`reads`: the fields without a change of which a fact that it has seen is no news to it; None: every sample is."""
        self.all[follower] = len(self.all)
        if reads is None:
            for followers in (self._always, *self._by_field.values()):
                followers.append(follower)
            return
        for name in sorted(reads):
            self._by_field.setdefault(name, [*self._always]).append(follower)

    def of(self, name: str) -> Sequence[Follower]:
        """Those to whom a change of this field is news."""
        return self._by_field.get(name, self._always)

    def concerned(self, names: Collection[str]) -> Sequence[Follower]:
        """Those to whom a change of these fields is news."""
        if len(names) == 1:
            (name,) = names
            return self._by_field.get(name, self._always)
        read = [self._by_field[name] for name in names if name in self._by_field]
        if len(read) < 2:
            return read[0] if read else self._always
        return sorted({one for followers in read for one in followers}, key=self.all.__getitem__)
