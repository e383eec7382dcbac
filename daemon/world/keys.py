"""Which keys the facts of each type have, and how many there may be: a source that goes on inventing names must not fill the memory."""

from __future__ import annotations

from daemon.world.bounds import Bounds


class Keys:
    """For the thread of the loop."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._known: dict[str, set[str]] = {}

    def most(self, kind: str) -> int:
        return self._bounds.keys_of.get(kind, self._bounds.keys)

    def count(self, kind: str) -> int:
        return len(self._known.get(kind, ()))

    def knows(self, kind: str, key: str) -> bool:
        return key in self._known.get(kind, ())

    def admits(self, kind: str, key: str) -> bool:
        """Whether there may be a fact of that key; from then on it is known. One that is known goes on, however many there are."""
        known = self._known.setdefault(kind, set())
        if key not in known:
            if len(known) >= self.most(kind):
                return False
            known.add(key)
        return True

    def release(self, kind: str, key: str) -> None:
        """The fact is gone; another may take its place."""
        known = self._known.get(kind)
        if known is not None:
            known.discard(key)
            if not known:
                del self._known[kind]
