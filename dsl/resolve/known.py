"""What is known of the whole rule set while single declarations are resolved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, TypeVar

import msgspec

from dsl.blocks import Block
from dsl.lexicon import Lexicon
from dsl.match import Match
from dsl.program import EventType, FactType
from dsl.source import Span
from dsl.syntax import Clause
from dsl.types import Type

if TYPE_CHECKING:
    from dsl.resolve.typed import Typed


T = TypeVar("T")


class Declared(msgspec.Struct, frozen=True, gc=False):
    """One declaration, before it is resolved. `broken`: something in its head or body could not be read."""

    kind: str
    name: str
    block: Block
    clause: Clause
    match: Match | None
    broken: bool = False
    shadow: bool = False  # by the `use` that brought its file


class Sheet(msgspec.Struct, frozen=True, gc=False):
    """What one file declares, by kind and name, of what is known of the whole set. While nothing in the file or before it changes that,
    `rules` are the same objects from check to check."""

    text: str
    rules: Mapping[str, Mapping[str, Declared]]


class Constants(msgspec.Struct):
    """The `let`s that were resolved so far, those under way (a circle leads to them), and those that were used."""

    resolved: dict[str, Typed | None] = msgspec.field(default_factory=dict)
    under_way: set[str] = msgspec.field(default_factory=set)
    used: set[str] = msgspec.field(default_factory=set)


class Parameter(msgspec.Struct, frozen=True, gc=False):
    name: str
    type: str


class OwnAction(msgspec.Struct, frozen=True, gc=False):
    """The head of an agent's own action, as recoveries need it."""

    agent: str
    name: str
    parameters: tuple[Parameter, ...]


class Thing(msgspec.Struct, frozen=True, gc=False):
    """Something with fields: a fact, or the reply of a probe."""

    type: str
    fields: Mapping[str, Type]


class Things(msgspec.Struct, frozen=True, gc=False):
    """Things that are told apart by name: the steps of a workflow. Those in `absent` exist, and cannot be read here: `reason`."""

    type: str
    by_name: Mapping[str, Thing]
    absent: Collection[str] = ()
    reason: str = ""


class Group(msgspec.Struct, frozen=True, gc=False):
    """Facts of one type that have the same values in the fields `by` (each a path: ("labels", "tier")). These can be read of the
    group; `fields` are all that a member has."""

    type: str
    fields: Mapping[str, Type]
    by: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(".".join(path) for path in self.by)


class Listed(msgspec.Struct, frozen=True, gc=False):
    """A list of things that are all alike: the answers of several agents."""

    thing: Thing


class OnDemand(dict[str, T]):
    """What belongs to a name, worked out when it is asked for."""

    def __init__(self, work_out: Callable[[str], T]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, name: str) -> T:
        value = self[name] = self._work_out(name)
        return value


Readable = Thing | Things | Group | Listed | Type


class Known(msgspec.Struct, frozen=True):
    """`declared` is kind to name to declaration. `types` grow while facts are resolved; a name in `unclear` is a type that is
    declared and could not be read, so that nothing is concluded about it."""

    lexicon: Lexicon
    declared: Mapping[str, Mapping[str, Declared]]
    types: dict[str, FactType]
    unclear: set[str] = msgspec.field(default_factory=set)
    lost: set[str] = msgspec.field(default_factory=set)  # names of declarations whose first word nobody knows
    nameless: set[str] = msgspec.field(default_factory=set)  # kinds of which a declaration has no name
    things: dict[str, Thing] = msgspec.field(default_factory=dict)  # of the types that were asked for so far
    constants: Constants = msgspec.field(default_factory=Constants)
    events: dict[str, EventType] = msgspec.field(default_factory=dict)  # those that could be read
    sheets: tuple[Sheet, ...] = ()  # `declared`, file by file
    own_actions: dict[str, dict[str, OwnAction]] = msgspec.field(default_factory=dict)  # action to agent
    labels: set[str] = msgspec.field(default_factory=set)
    label_values: dict[str, set[str]] = msgspec.field(
        default_factory=dict
    )  # the texts that agents have there
    labels_read: list[tuple[str, Span]] = msgspec.field(default_factory=list)
    # Detection to the type it binds, "" for the host; None where that could not be read. Of those that were asked for so far.
    subjects: OnDemand[str | None] = msgspec.field(default_factory=lambda: OnDemand(lambda name: None))
    # Detection to what rules bind that are about its faults, for those that were asked for so far.
    bound: dict[str, Mapping[str, Readable] | None] = msgspec.field(default_factory=dict)

    def of(self, kind: str) -> Mapping[str, Declared]:
        return self.declared.get(kind, {})
