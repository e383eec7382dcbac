"""What has to be kept up to date so that the conditions of a program can read it: made by lowering, carried out by the derivation.

In these expressions the fact that is looked at is called `it`, the one that an aggregate is about `of`. A *slot* is the name under which a
derived value stands: among the fields of a fact, or, where it is about everything, beside `host` as a value of its own. Names of slots
begin with `#`, which no field can.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.expressions import Aggregate, Expression, Foresight, Window
from dsl.program import Calendar, Derive

IT, OF, JOINED = "it", "of", "*"
SUBJECT = "#subject"  # of a fault that was raised: the type and the key of what it is about


@dataclass(frozen=True, slots=True)
class Followed:
    """A window or a forecast over the samples of each fact of a type."""

    type: str
    node: Window | Foresight
    slot: str


@dataclass(frozen=True, slots=True)
class Source:
    """The members of an aggregate: the facts of a type, or (`over` not 0) what happened in the `over` seconds that ended `ending` ago."""

    type: str
    over: float = 0.0
    ending: float = 0.0
    happens: bool = False

    @property
    def name(self) -> str:
        """The type of its members where they are looked at one by one."""
        if not self.happens:
            return self.type
        return f"{self.type} over {self.over!r} ending {self.ending!r}"


@dataclass(frozen=True, slots=True)
class Tallied:
    """An aggregate, one for each combination of `keys` that its members have."""

    function: str
    source: Source
    where: Expression | None
    value: Expression | None
    keys: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a tally is read: by the facts of a type, each by its own `keys`; `owner` None: by everybody.

    `strict`: members of which a key is unknown belong to nobody (groups); otherwise they might belong to anybody.
    `subject`: the last key is the fact itself (""), or that part of a join.
    """

    tallied: Tallied
    owner: str | None
    keys: tuple[Expression, ...]
    slot: str
    strict: bool = False
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """An aggregate that can only be found by looking at every member again, for each fact of the type `owner`."""

    owner: str
    node: Aggregate
    slot: str


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a condition over each fact of a type has been true for so long."""

    type: str
    condition: Expression
    hold: float
    slot: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """A fact for each combination of the values of these fields."""

    type: str
    by: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.type} by {', '.join(self.by)}"


@dataclass(frozen=True, slots=True)
class Joined:
    """A fact for each combination of one fact of every type, by (type, variable), with equal values in `matching`."""

    parts: tuple[tuple[str, str], ...]
    matching: tuple[str, ...]

    @property
    def name(self) -> str:
        parts = ", ".join(kind if kind == name else f"{kind} as {name}" for kind, name in self.parts)
        return f"{parts} matching {', '.join(self.matching)}"


@dataclass(slots=True)
class Plan:
    followed: dict[str, Followed] = field(default_factory=dict)  # all by slot
    readers: dict[str, Reader] = field(default_factory=dict)
    scanned: dict[str, Scanned] = field(default_factory=dict)
    remembered: dict[str, Source] = field(default_factory=dict)  # events that are looked at, by name
    held: dict[str, Held] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    learned: dict[str, tuple[str, str]] = field(default_factory=dict)  # what, step
    grouped: dict[str, Grouped] = field(default_factory=dict)  # by name
    joined: dict[str, Joined] = field(default_factory=dict)
    derives: tuple[Derive, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)  # slot to what it stands for, as people write it
    intervals: dict[str, float] = field(default_factory=dict)  # type to seconds between its samples
    ranged: set[str] = field(default_factory=set)  # the types of facts that rules are about, or look at

    def is_empty(self) -> bool:
        kinds = (self.followed, self.readers, self.scanned, self.held, self.calendars, self.learned)
        return not any((*kinds, self.remembered, self.grouped, self.joined, self.derives))
