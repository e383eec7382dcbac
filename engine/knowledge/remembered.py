"""What survives a restart beside the tables: since when conditions have held, what windows have seen, who is not to run.

Plain data. Conditions are named by digests of what they mean, not by their place in a program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, NamedTuple

import msgspec

from engine.knowledge.facts import Fact
from engine.renaming import Names


class Hold(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A condition that has been true of a fact since an instant, and not for long enough yet. It is believed until `until`.

    `rule` is empty for the tier of a severity, which is known by its meaning alone.
    """

    rule: str
    meaning: str
    type: str
    key: str
    since: float
    until: float


class PausedBy(msgspec.Struct, frozen=True, array_like=True):
    """An agent or an automation, and who holds it back: `hand`, or a rule."""

    kind: str
    name: str
    holder: str


class State(msgspec.Struct, frozen=True, array_like=True):
    """The condition of an orchestration that holds, and what was done about it: `run` is its id, 0 if nothing was."""

    rule: str
    type: str
    key: str
    since: float
    run: int
    taken_back: bool


class FirstEvent(msgspec.Struct, frozen=True, array_like=True):
    """A first event of a sequence that waits for its second until `due`. `kind` is that of the rule; `type` and `key` what it is about."""

    kind: str
    rule: str
    meaning: str
    type: str
    key: str
    values: dict[str, Any]
    due: float


class Conditions(msgspec.Struct, frozen=True):
    """Small, so it is kept often."""

    holds: list[Hold] = []
    unwanted: list[str] = []  # agents that somebody stopped
    pauses: list[PausedBy] = []
    states: list[State] = []
    firsts: list[FirstEvent] = []
    renamed: Mapping[
        str, Mapping[str, str]
    ] = {}  # what is over stands in its rows under these names, by kind


class Seen(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The samples of one value of a fact, as `Series.dump` gives them: as JSON, for they are many. `heard`: when it was last told of."""

    meaning: str
    type: str
    key: str
    heard: float
    samples: msgspec.Raw
    about: str = ""  # in words


class Counted(msgspec.Struct, frozen=True, array_like=True):
    """The events in one window: their values, and when they happened."""

    meaning: str
    events: list[tuple[dict[str, Any], float]]
    about: str = ""


class Windows(msgspec.Struct, frozen=True):
    """Large, so it is kept more seldom. `left_out`: series that were too many to be kept."""

    series: list[Seen] = []
    events: list[Counted] = []
    left_out: int = 0


class Begun(NamedTuple):
    """`meaning` is what began, as the program in force has it."""

    since: float
    until: float
    meaning: object


class Holds:
    """Holds of a former life that wait for the first sample which says whether they go on. `about`: nearly always empty."""

    def __init__(self) -> None:
        self.about: dict[tuple[str, str], dict[str, Begun]] = {}

    def put(self, kind: str, key: str, name: str, begun: Begun) -> None:
        self.about.setdefault((kind, key), {})[name] = begun

    def since(self, fact: Fact, name: str, meaning: object, now: float) -> float:
        """Since when what is true of the fact now has been true: now, unless it goes on from the former life."""
        begun = self.drop(fact, name)
        return begun.since if begun is not None and begun.until >= now and begun.meaning == meaning else now

    def drop(self, fact: Fact, name: str) -> Begun | None:
        about = self.about.get((fact.type, fact.key))
        if about is None:
            return None
        begun = about.pop(name, None)
        if not about:
            del self.about[fact.type, fact.key]
        return begun

    def settle(self, fact: Fact, is_over: Callable[[str, Begun], bool]) -> None:
        """A sample came: what it shows to be over begins anew when it is true again."""
        for name, begun in list(self.about.get((fact.type, fact.key), {}).items()):
            if is_over(name, begun):
                self.drop(fact, name)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise."""
        for (kind, key), about in list(self.about.items()):
            del self.about[kind, key]
            for name, begun in about.items():
                rule = names.within(name, "detection")
                self.put(names.type(kind), names.subject(kind, key), rule, begun)

    def waiting(self, now: float) -> list[tuple[str, str, str, Begun]]:
        """Type, key and name of those that are still believed: they are kept again."""
        return [
            (kind, key, name, begun)
            for (kind, key), about in self.about.items()
            for name, begun in about.items()
            if begun.until >= now
        ]


def believed_until(fact: Fact, reads: frozenset[str] | set[str], now: float, hold: float) -> float:
    """Until when a condition over these fields of a fact is believed though no sample comes: until the first of them is stale.

    What is derived, or never goes stale, is believed for as long as the hold itself: nobody knows what it was meanwhile.
    """
    due = now + hold
    for one in (fact, *fact.parts.values()):
        if one.samples:
            for name in reads:
                due = min(due, _stale_at(one, name))
    return due


def _stale_at(fact: Fact, field: str) -> float:
    """With the group that said it last; infinity where none did."""
    return next((sample.due for sample in reversed(fact.samples) if field in sample.group[1:]), inf)
