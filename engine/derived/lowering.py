"""Conditions that read more than the values of now become conditions over slots, and a plan of what fills these.

`count(agent where agent.status == "up") >= 2` becomes a comparison of slot `#7`, and the plan says that `#7` is that count. Two
conditions that mean the same share a slot, also across a change of the program, so that what was counted goes on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from dsl.expressions import (
    Aggregate,
    And,
    Compare,
    Constant,
    During,
    Expression,
    Field,
    Foresight,
    Learned,
    Members,
    Occurrences,
    Window,
    children_of,
    nodes_of,
)
from dsl.program import Calendar
from engine.analysis.rewriting import rebuilt, rewritten
from engine.analysis.spoken import spoken
from engine.analysis.watch import SINGLES
from engine.derived.bounds import FLIPPED, decided
from engine.derived.keys import path_of
from engine.derived.plan import (
    IT,
    JOINED,
    OF,
    SUBJECT,
    Followed,
    Grouped,
    Held,
    Plan,
    Reader,
    Scanned,
    Source,
    Tallied,
)
from engine.derived.renamed import renamed
from engine.renaming import Names
from engine.series.functions import BY_NAME as WINDOWS

ANSWERS = "answers"  # a list that is bound, and no type of facts
LEAST, MOST = "<", ">"  # behind the name of a slot: the bounds of what it holds
LEAVES = frozenset({Field, Constant})
_SPECIAL = (Aggregate, Window, Occurrences, Foresight, During, Learned)
_PASSING = ("recovery", "step", "steps", "reply", "answer")
_COUNTS = (Aggregate, Occurrences)


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean where an expression stands: `types` says of which type the fact is that a variable is bound to.

    `group`: the group that the rule is about, and its variable. `parts`: the variables of a join, with what its facts call these parts;
    `whole` the type of its facts.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    group: Grouped | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""

    def type_of(self, variable: str) -> str:
        return self.types.get(variable, variable)

    def binding(self, variable: str, kind: str) -> Scope:
        """The same with another variable, which hides one of that name."""
        if self.types.get(variable) == kind and variable not in self.parts:
            return self
        parts = {name: part for name, part in self.parts.items() if name != variable}
        return dataclasses.replace(self, types={**self.types, variable: kind}, parts=parts)


EVERYTHING = Scope()


class Lowering:
    """Slots are numbered for the life of the engine: the same meaning has the same slot in the next program."""

    def __init__(self) -> None:
        self.plan = Plan()
        self._numbers: dict[object, str] = {}
        self._calendars: Mapping[str, Calendar] = {}

    def rename(self, names: Names) -> None:
        """Detections are called otherwise: what counts their faults keeps its slot."""
        self._numbers = {renamed(meaning, names): slot for meaning, slot in self._numbers.items()}

    def begin(self, calendars: Mapping[str, Calendar]) -> None:
        """A new program: nothing is planned yet."""
        self.plan = Plan()
        self._calendars = calendars

    def lowered(self, node: Expression, scope: Scope) -> Expression:
        """The expression over slots. Without anything special in it, it is the same."""
        return node if _is_plain(node) else self._lower(node, scope)

    def condition(self, node: Expression, scope: Scope) -> Expression:
        """The same for what a rule watches: the variables of a join are the members of its one fact."""
        found = self.lowered(node, scope)
        return rewritten(found, lambda one: _of_whole(one, scope, JOINED)) if scope.whole else found

    def held(self, node: Expression, scope: Scope, variable: str, hold: float) -> Expression:
        """Whether a condition about the rule's own subject has been true for so long."""
        if hold <= 0:
            return self.condition(node, scope)
        kind = scope.whole or scope.type_of(variable)
        over = _renamed(self.condition(node, scope), {JOINED if scope.whole else variable: IT})
        slot = self._slot(("held", kind, over, hold), node)
        self.plan.held[slot] = Held(kind, over, hold, slot)
        return Field(JOINED if scope.whole else variable, (slot,))

    # --- one kind of node after the other ---------------------------------------------------------------------------

    def _lower(self, node: Expression, scope: Scope) -> Expression:
        match node:
            case Window() | Foresight():
                return self._followed(node, scope)
            case Compare() if is_bounded(node.left) or is_bounded(node.right):
                return self._compared(node, scope)
            case Aggregate():
                return self._aggregate(node, scope)
            case Occurrences():
                return self._occurrences(node, scope)
            case During():
                slot = self._slot(node, node)
                self.plan.calendars[slot] = self._calendars[node.calendar]
                return Field(slot, ())
            case Learned():
                slot = self._slot(node, node)
                self.plan.learned[slot] = (node.what, node.step)
                return Field(slot, ())
        return rebuilt(node, lambda part: self._lower(part, scope))

    def _followed(self, node: Window | Foresight, scope: Scope) -> Expression:
        kind = scope.type_of(node.subject)
        self.plan.ranged.add(kind)
        over = replace(node, value=_renamed(node.value, {node.subject: IT}), subject=IT)
        slot = self._slot(("followed", kind, over), node)
        self.plan.followed[slot] = Followed(kind, over, slot)
        return Field(node.subject, (slot,))

    def _compared(self, node: Compare, scope: Scope) -> Expression:
        """What has bounds is decided by them beside a comparison sign; two of them need to be known."""
        left, right = self._lower(node.left, scope), self._lower(node.right, scope)
        counted = [is_bounded(side) for side in (node.left, node.right)]
        if node.operator not in FLIPPED or all(counted) or not any(counted):
            return Compare(node.operator, left, right, node.order)
        if counted[0]:
            return decided(node.operator, *_bounds(left), right)
        return decided(FLIPPED[node.operator], *_bounds(right), left)

    def _aggregate(self, node: Aggregate, scope: Scope) -> Expression:
        members = node.members
        self.plan.ranged.add(members.type)
        inner = scope.binding(members.name, members.type)
        where = None if members.where is None else self._lower(members.where, inner)
        value = None if node.value is None else self._lower(node.value, inner)
        if members.type == ANSWERS:
            return replace(node, members=replace(members, where=where), value=value)
        if members.of_group and scope.group is not None:
            return self._of_group(node, where, value, scope, scope.group)
        return self._tallied(
            node, node.function, Source(members.type), members.name, where, value, scope, None
        )

    def _of_group(
        self,
        node: Aggregate,
        where: Expression | None,
        value: Expression | None,
        scope: Scope,
        group: Grouped,
    ) -> Expression:
        renaming = {node.members.name: IT}
        keys = tuple(Field(IT, path_of(name)) for name in group.by)
        tallied = Tallied(
            node.function, Source(group.type), _maybe(where, renaming), _maybe(value, renaming), keys
        )
        outer = tuple(Field(OF, path_of(name)) for name in group.by)
        slot = self._slot(("group", tallied, group), node)
        self.plan.readers[slot] = Reader(tallied, group.name, outer, slot, strict=True)
        variable = next(name for name, kind in scope.types.items() if kind == group.name)
        return Field(variable, (slot,))

    def _occurrences(self, node: Occurrences, scope: Scope) -> Expression:
        kind = "fault" if node.kind == "fault" else node.type
        inner = scope.binding(node.name, f"event {kind}")
        where = None if node.where is None else self._lower(node.where, inner)
        value = None if node.value is None else self._lower(node.value, inner)
        if node.kind == "fault" and node.type:
            named = Compare("==", Field(node.name, ("name",)), Constant(node.type))
            where = named if where is None else And((named, where))
        source = Source(f"event {kind}", node.over, node.ending, happens=True)
        return self._tallied(node, node.function, source, node.name, where, value, scope, node.of)

    def _tallied(
        self, node: Expression, function: str, source: Source, name: str, where: Expression | None,
        value: Expression | None, scope: Scope, of: str | None,
    ) -> Expression:  # fmt: skip
        """The members counted once for each key, and read by the facts that the rule is about."""
        split = _split(where, name)
        outer = {*split.outer, *([of] if of else [])}
        if not outer and not _others(value, name) and not split.mixed:
            tallied = Tallied(function, source, _renamed_all(split.rest, name), _maybe(value, {name: IT}))
            slot = self._slot(("all", tallied), node)
            self.plan.readers[slot] = Reader(tallied, None, (), slot)
            return Field(slot, ())
        owner = _owner(outer | _others(value, name) | split.others, scope)
        if owner is None or _is_no_fact(owner, scope):
            return self._live(function, source, name, where, value, of)
        self.plan.ranged.add(owner[1])
        if split.mixed or _others(value, name):
            if of is not None:
                return Constant(None)
            members = Members(self._looked_at(source), name, where)
            return self._scanned(node, Aggregate(function, members, value), scope, owner)
        return self._keyed(node, function, source, name, value, scope, owner, split, of)

    def _keyed(
        self, node: Expression, function: str, source: Source, name: str, value: Expression | None, scope: Scope,
        owner: tuple[str, str], split: _Split, of: str | None,
    ) -> Expression:  # fmt: skip
        variable, kind = owner
        keys = tuple(_renamed(member, {name: IT}) for member, _ in split.keys)
        keys += (Field(IT, (SUBJECT,)),) if of else ()
        outer = tuple(_about(other, scope, variable) for _, other in split.keys)
        tallied = Tallied(function, source, _renamed_all(split.rest, name), _maybe(value, {name: IT}), keys)
        subject = None if of is None else scope.parts.get(of, "")
        slot = self._slot(("keyed", tallied, outer, kind, subject), node)
        self.plan.readers[slot] = Reader(tallied, kind, outer, slot, subject=subject)
        return Field(variable, (slot,))

    def _scanned(
        self, node: Expression, asked: Aggregate, scope: Scope, owner: tuple[str, str]
    ) -> Expression:
        variable, kind = owner
        name = asked.members.name
        members = Members(asked.members.type, IT, _maybe_about(asked.members.where, name, scope, variable))
        over = Aggregate(asked.function, members, _maybe_about(asked.value, name, scope, variable))
        slot = self._slot(("scanned", kind, over), node)
        self.plan.scanned[slot] = Scanned(kind, over, slot)
        return Field(variable, (slot,))

    def _live(
        self, function: str, source: Source, name: str, where: Expression | None, value: Expression | None, of: str | None
    ) -> Expression:  # fmt: skip
        """Left to be found when it is asked for, by a look at every member; what is inside has its slots."""
        if of is not None:
            return Constant(None)
        return Aggregate(function, Members(self._looked_at(source), name, where), value)

    def _looked_at(self, source: Source) -> str:
        """The type of these members in working memory, where events stand as long as they count."""
        if source.happens:
            self.plan.remembered[source.name] = source
        return source.name

    def _slot(self, meaning: object, node: Expression) -> str:
        slot = self._numbers.setdefault(meaning, f"#{len(self._numbers) + 1}")
        self.plan.texts.setdefault(slot, spoken(node))
        return slot


# --- parts of a `where` -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Split:
    """`keys`: equalities between the member and the outside. `rest`: about the member alone. `mixed`: neither."""

    keys: tuple[tuple[Expression, Expression], ...]
    rest: tuple[Expression, ...]
    mixed: bool
    others: frozenset[str]  # variables outside, in all of it

    @property
    def outer(self) -> set[str]:
        return {name for _, other in self.keys for name in _variables(other)}


def _split(where: Expression | None, name: str) -> _Split:
    keys, rest, mixed = [], [], False
    for part in _conjuncts(where):
        if not _others(part, name):
            rest.append(part)
        elif (pair := _pair(part, name)) is not None:
            keys.append(pair)
        else:
            mixed = True
    return _Split(tuple(keys), tuple(rest), mixed, frozenset(_others(where, name)))


def _conjuncts(where: Expression | None) -> tuple[Expression, ...]:
    if where is None:
        return ()
    return where.operands if isinstance(where, And) else (where,)


def _pair(part: Expression, name: str) -> tuple[Expression, Expression] | None:
    """The member's side and the outer side of an equality between them."""
    if not isinstance(part, Compare) or part.operator != "==":
        return None
    for member, other in ((part.left, part.right), (part.right, part.left)):
        if _variables(member) == {name} and _variables(other) and name not in _variables(other):
            return member, other
    return None


def _variables(node: Expression) -> set[str]:
    """The variables that it reads, less what is the same for everybody."""
    read = {part.subject for part in nodes_of(node) if isinstance(part, Field)}
    return {name for name in read if name not in SINGLES and not name.startswith("#")}


def _others(node: Expression | None, name: str) -> set[str]:
    return set() if node is None else _variables(node) - {name}


# --- names --------------------------------------------------------------------------------------------------------------


def _owner(outer: set[str], scope: Scope) -> tuple[str, str] | None:
    """Whose slot it is: the variable that is read (of a join, the whole), and the type of its facts. None: of two things at once."""
    if scope.whole and outer <= set(scope.parts):
        return JOINED, scope.whole
    if len(outer) != 1:
        return None
    variable = next(iter(outer))
    return variable, scope.type_of(variable)


def _is_no_fact(owner: tuple[str, str], scope: Scope) -> bool:
    """Whether that is bound only in passing: an event, a recovery, a step. It has no slots of its own."""
    variable, kind = owner
    return kind.startswith("event ") or (variable in _PASSING and variable not in scope.types)


def _about(node: Expression, scope: Scope, variable: str) -> Expression:
    if variable == JOINED:
        return rewritten(node, lambda one: _of_whole(one, scope, OF))
    return _renamed(node, {variable: OF})


def _maybe_about(node: Expression | None, name: str, scope: Scope, variable: str) -> Expression | None:
    return None if node is None else _renamed(_about(node, scope, variable), {name: IT})


def _of_whole(node: Field, scope: Scope, whole: str) -> Field:
    """A field of a part of the join, as the whole has it."""
    part = scope.parts.get(node.subject)
    return node if part is None else Field(whole, (part, *node.path))


def _renamed(node: Expression, names: Mapping[str, str]) -> Expression:
    return rewritten(node, lambda one: Field(names[one.subject], one.path) if one.subject in names else one)


def _maybe(node: Expression | None, names: Mapping[str, str]) -> Expression | None:
    return None if node is None else _renamed(node, names)


def _renamed_all(parts: tuple[Expression, ...], name: str) -> Expression | None:
    found = tuple(_renamed(part, {name: IT}) for part in parts)
    return None if not found else found[0] if len(found) == 1 else And(found)


def _is_plain(node: Expression) -> bool:
    """Whether there is nothing special in it."""
    kind = type(node)
    if kind in LEAVES:
        return True
    if isinstance(node, Compare) and type(node.left) in LEAVES and type(node.right) in LEAVES:
        return True  # most conditions are no more than that
    return kind not in _SPECIAL and all(map(_is_plain, children_of(node)))


def is_bounded(node: Expression) -> bool:
    """Whether its bounds may be known before it is: a count, or what a window saw so far (meanings 5 and 7)."""
    if isinstance(node, Window):
        return WINDOWS[node.function].at_once in ("least", "most")
    return isinstance(node, _COUNTS) and node.function == "count"


def _bounds(node: Expression) -> tuple[Expression, Expression]:
    """The bounds of a value, which stand beside it."""
    if not isinstance(node, Field):  # found by looking at every member, when it is asked for
        return node, node
    *front, last = (node.subject, *node.path)
    ends: list[Any] = [(*front, f"{last}{mark}") for mark in (LEAST, MOST)]
    least, most = (Field(str(end[0]), tuple(end[1:])) for end in ends)
    return least, most
