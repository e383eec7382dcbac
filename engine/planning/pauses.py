"""Who holds what back. Pauses have holders (meaning 22): a rule lifts only what it paused itself, a person's word lifts all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.renaming import Names

BY_HAND = "hand"
Thing = tuple[str, str]  # kind and name: agent or automation


class Pauses:
    """`tell` is called, by kind, with the name and whether it is paused now."""

    def __init__(self, tell: Mapping[str, Callable[[str, bool], None]]) -> None:
        self.holders: dict[Thing, list[str]] = {}
        self._tell = tell

    def of(self, kind: str, name: str) -> list[str]:
        return self.holders.get((kind, name), [])

    def held_by(self, holder: str) -> list[Thing]:
        return [thing for thing, holders in self.holders.items() if holder in holders]

    def rename(self, names: Names) -> None:
        """Rules are called otherwise: those that hold, and the automations that are held."""
        self.holders = {
            (kind, names.subject(kind, name)): [names.within(holder) for holder in holders]
            for (kind, name), holders in self.holders.items()
        }

    def pause(self, kind: str, name: str, holder: str) -> None:
        holders = self.holders.setdefault((kind, name), [])
        if holder not in holders:
            holders.append(holder)
        self._tell[kind](name, True)

    def resume(self, kind: str, name: str, holder: str) -> bool:
        """Whether nobody holds it any more."""
        holders = self.holders.get((kind, name), [])
        left = [] if holder == BY_HAND else [other for other in holders if other != holder]
        if left:
            self.holders[kind, name] = left
        else:
            self.holders.pop((kind, name), None)
        self._tell[kind](name, bool(left))
        return not left
