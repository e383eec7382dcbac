"""Whether conditions can come out as wanted, all at once: a small decision procedure, sound in saying *never*.

Conditions are taken apart (a tableau: *and* into its parts, *or* into branches) down to comparisons, and each of these narrows what a
value may be (`domain`), or how two values stand to each other. When nothing is left of a value, the branch is closed; when all branches
are, it can never be. What is not understood narrows nothing, so *never* is never said wrongly; the reverse is the business of `example`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from msgspec.structs import replace

from dsl.expressions import And, Arithmetic, Call, Compare, Constant, Expression, Field, Negative, Not, Or
from dsl.operators import compared, number
from dsl.proofs import domain as d
from dsl.proofs.domain import Domain, Test
from dsl.proofs.linear import bound_of, linear
from dsl.proofs.world import World

MOST_BRANCHES = 256


class Wanted(Enum):
    """How a condition is to come out: true, false, or at least not that."""

    TRUE = "true"
    FALSE = "false"
    NOT_TRUE = "not true"
    NOT_FALSE = "not false"


_OPPOSITE = {
    Wanted.TRUE: Wanted.FALSE,
    Wanted.FALSE: Wanted.TRUE,
    Wanted.NOT_TRUE: Wanted.NOT_FALSE,
    Wanted.NOT_FALSE: Wanted.NOT_TRUE,
}
Goal = tuple[Expression, Wanted]


class _TooMany(Exception):
    """More branches than anybody waits for."""


def never(goals: Sequence[Goal], world: World) -> bool:
    """Whether no facts at all make these conditions come out so at one instant. False: they may, or nobody knows."""
    try:
        return next(leaves(goals, world), None) is None
    except _TooMany:
        return False


def plainly_open(conditions: Sequence[Expression], world: World) -> bool:
    """Whether it is seen at a glance that these may be true together, and may be false: different fields, each compared with a constant.

    True is always right; False means that nobody looked closer. Most conditions that people write are of this kind.
    """
    met: set[Expression] = set()
    for condition in conditions:
        for part in condition.operands if isinstance(condition, And) else (condition,):
            if not (isinstance(part, Compare) and part.operator in _STANDS and isinstance(part.left, Field)):
                return False
            if part.left in met or not isinstance(part.right, Constant) or part.right.value is None:
                return False
            found = world.domain(part.left)
            is_free = found is d.NUMBER or found is d.TEXT or found is d.ANYTHING
            one_of_some = found.texts and len(found.texts) > 1 and part.right.value in found.texts
            if not is_free and not (one_of_some and part.operator in ("==", "!=")):
                return False
            met.add(part.left)
    return True


def leaves(goals: Sequence[Goal], world: World) -> Iterator[Box]:
    """The branches that are not closed; what each leaves of every value. May end early: after so many branches nothing is said."""
    box = Box(world)
    yield from _branches(list(goals)[::-1], [], box, [MOST_BRANCHES])


def some_leaves(goals: Sequence[Goal], world: World) -> Iterator[Box]:
    """Those branches of `leaves` that are met before there are too many."""
    try:
        yield from leaves(goals, world)
    except _TooMany:
        return


def _branches(todo: list[Goal], choices: list[list[Goal]], box: Box, left: list[int]) -> Iterator[Box]:
    """`choices` wait until everything that is sure has narrowed the box. `todo` and `box` are this branch's own."""
    while todo:
        node, wanted = todo.pop()
        while isinstance(node, Not):
            node, wanted = node.operand, _OPPOSITE[wanted]
        if isinstance(node, (And, Or)):
            parts = [(operand, wanted) for operand in node.operands]
            if isinstance(node, And) is (wanted in (Wanted.TRUE, Wanted.NOT_FALSE)):
                todo += parts[::-1]
            else:
                choices = [*choices, parts]
        elif not box.take(node, wanted):
            return
    if not box.consistent():
        return
    if not choices:
        yield box
        return
    first, *rest = choices
    for part in first:
        left[0] -= 1
        if left[0] < 0:
            raise _TooMany
        yield from _branches([part], rest, box.copy(), left)


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_FALSE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ORDERINGS = frozenset(_FALSE)
# How the left may stand to the right.
_STANDS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}


class Box:
    """What is left of every value on one branch."""

    __slots__ = ("domains", "relations", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.domains: dict[Expression, Domain] = {}
        self.relations: dict[tuple[Expression, Expression], str] = {}

    def copy(self) -> Box:
        other = Box(self.world)
        other.domains, other.relations = dict(self.domains), dict(self.relations)
        return other

    def domain(self, term: Expression) -> Domain:
        found = self.domains.get(term)
        return self.world.domain(term) if found is None else found

    def _set(self, term: Expression, domain: Domain) -> bool:
        self.domains[term] = domain
        return not domain.empty

    # --- single conditions ---------------------------------------------------------------------------------------------

    def take(self, node: Expression, wanted: Wanted) -> bool:
        """Narrows by one condition without *and* and *or*; False: nothing is left."""
        if isinstance(node, Constant):
            return _settled(node.value, wanted)
        if isinstance(node, Compare):
            return self._compare(node, wanted)
        if isinstance(node, Call) and node.function == "known" and len(node.arguments) == 1:
            return self._known(node.arguments[0], wanted in (Wanted.TRUE, Wanted.NOT_FALSE))
        found = self.domain(node)
        if wanted in (Wanted.TRUE, Wanted.FALSE):
            return self._set(node, d.flag(found, wanted is Wanted.TRUE))
        return self._set(node, d.without(found, wanted is Wanted.NOT_TRUE))

    def _known(self, term: Expression, is_known: bool) -> bool:
        if is_known:
            return self._number_parts(term) and self._set(term, d.known(self.domain(term)))
        return self._set(term, d.unknown(self.domain(term)))

    def _compare(self, node: Compare, wanted: Wanted) -> bool:
        operator, left, right, order = node.operator, node.left, node.right, node.order
        if operator == "!=":
            operator, wanted = "==", _OPPOSITE[wanted]
        if isinstance(left, Constant) and isinstance(right, Constant):
            return _settled(compared(operator, left.value, right.value, order), wanted)
        if isinstance(left, Constant) and operator in _MIRRORED:
            operator, left, right = _MIRRORED[operator], right, left
        if wanted in (Wanted.NOT_TRUE, Wanted.NOT_FALSE):
            return self._perhaps(node, operator, left, right, order, wanted)
        truth = wanted is Wanted.TRUE
        if isinstance(right, Constant):
            return self._against(operator, left, right.value, order, truth, node)
        if isinstance(left, Constant):  # `"a" in x`, `"abc" contains x`
            return self._within(operator, left.value, right, truth)
        return self._between(operator, left, right, order, truth, node)

    def _perhaps(
        self,
        node: Compare,
        operator: str,
        left: Expression,
        right: Expression,
        order: tuple[str, ...] | None,
        wanted: Wanted,
    ) -> bool:
        """It is not true (not false), perhaps because something is unknown: only what this rules out of one value narrows."""
        if not isinstance(right, Constant) or right.value is None or order is not None:
            return True
        found, value = self.domain(left), right.value
        if operator == "==":
            if wanted is Wanted.NOT_TRUE:
                return self._set(left, d.without(found, value))
            return True
        bound = number(value)
        if operator in _ORDERINGS and bound is not None:
            return (
                self._set(left, d.limited(found, _FALSE[operator], bound))
                if wanted is Wanted.NOT_TRUE
                else (self._set(left, d.limited(found, operator, bound)))
            )
        if operator == "in" and isinstance(value, tuple) and wanted is Wanted.NOT_TRUE:
            for one in value:
                found = d.without(found, one)
            return self._set(left, found)
        return True

    # --- a value against a constant ----------------------------------------------------------------------------------

    def _against(
        self,
        operator: str,
        term: Expression,
        value: object,
        order: tuple[str, ...] | None,
        truth: bool,
        node: Compare,
    ) -> bool:
        found = self.domain(term)
        if operator == "==":
            narrowed = d.equal_to(found, value) if truth else d.different_from(found, value)
        elif operator in _ORDERINGS:
            return self._in_order(operator if truth else _FALSE[operator], term, value, order)
        elif operator == "in" and isinstance(value, tuple):
            return self._listed(term, value, truth)
        elif operator == "in" and isinstance(value, str):
            narrowed = d.tested(found, Test("inside", value, truth))
        elif operator in ("contains", "matches") and isinstance(value, (str, int, float)):
            narrowed = d.tested(found, Test(operator, value, truth))
        else:
            return self._opaque(node, truth)
        return self._number_parts(term) and self._set(term, narrowed)

    def _in_order(
        self, operator: str, term: Expression, value: object, order: tuple[str, ...] | None
    ) -> bool:
        found = self.domain(term)
        if order is not None:
            rank = order.index(value) if isinstance(value, str) and value in order else None
            if rank is None:
                return False
            return self._set(
                term,
                d.among(found, (one for at, one in enumerate(order) if compared(operator, at, rank, None))),
            )
        bound = number(value)
        if bound is None:
            return False
        if not self._number_parts(term) or not self._set(term, d.ordered(found, operator, bound)):
            return False
        return not isinstance(term, (Arithmetic, Negative, Call)) or self._derived(
            term, Constant(bound), operator
        )

    def _derived(self, left: Expression, right: Expression, operator: str) -> bool:
        """What the comparison of two calculations says of the one value in them."""
        sides = linear(left).plus(linear(right), -1.0)
        if not sides.factors:
            margin = 1e-9 * max(1.0, abs(sides.constant))
            return sides.constant <= margin if operator in ("<", "<=") else sides.constant >= -margin
        bound = bound_of(sides, operator)
        if bound is None or bound[0] == left:
            return True
        term, direction, limit = bound
        return self._set(term, d.ordered(self.domain(term), direction, limit))

    def _listed(self, term: Expression, values: tuple[object, ...], truth: bool) -> bool:
        found = self.domain(term)
        if not truth:
            if None in values:
                return False
            for one in values:
                found = d.different_from(found, one)
            return self._number_parts(term) and self._set(term, d.known(found))
        return self._number_parts(term) and self._set(term, _any_of(found, values))

    def _within(self, operator: str, value: object, term: Expression, truth: bool) -> bool:
        """A constant in a value, or a constant that contains one."""
        found = d.known(self.domain(term))
        if operator == "in" and isinstance(value, str):
            found = d.tested(found, Test("contains", value, truth))
        elif operator == "contains" and isinstance(value, str):
            found = d.tested(found, Test("inside", value, truth))
        elif operator == "contains" and isinstance(value, tuple):
            return self._listed(term, value, truth)
        return self._set(term, found)

    def _number_parts(self, term: Expression) -> bool:
        """A calculation has a value only where all its parts are numbers."""
        if isinstance(term, Negative):
            parts: tuple[Expression, ...] = (term.operand,)
        elif isinstance(term, Arithmetic):
            parts = (term.left, term.right)
        elif isinstance(term, Call) and term.function in ("since", "remaining"):
            parts = term.arguments
        else:
            return True
        return all(
            self._number_parts(part) and self._set(part, d.number(self.domain(part)))
            for part in parts
            if not isinstance(part, Constant)
        )

    def _opaque(self, node: Compare, truth: bool) -> bool:
        """What is not looked into may come out either way, though not both."""
        return self._set(node, d.flag(self.domain(node), truth))

    # --- two values ----------------------------------------------------------------------------------------------------

    def _between(
        self,
        operator: str,
        left: Expression,
        right: Expression,
        order: tuple[str, ...] | None,
        truth: bool,
        node: Compare,
    ) -> bool:
        if operator not in _STANDS or order is not None:
            return self._opaque(node, truth)
        if not (self._number_parts(left) and self._number_parts(right)):
            return False
        stands = _STANDS[operator] if truth else "".join(one for one in "<=>" if one not in _STANDS[operator])
        if left == right:
            return "=" in stands and self._comparable(operator, left)
        if not (self._comparable(operator, left) and self._comparable(operator, right)):
            return False
        if operator in _ORDERINGS and not self._derived(left, right, operator if truth else _FALSE[operator]):
            return False
        return self._relate(left, right, stands)

    def _comparable(self, operator: str, term: Expression) -> bool:
        narrow = d.known if operator == "==" else d.number
        return self._set(term, narrow(self.domain(term)))

    def _relate(self, left: Expression, right: Expression, stands: str) -> bool:
        if (right, left) in self.relations:
            left, right = right, left
            stands = stands.translate(str.maketrans("<>", "><"))
        former = self.relations.get((left, right), "<=>")
        kept = "".join(one for one in former if one in stands)
        self.relations[left, right] = kept
        return bool(kept)

    def consistent(self) -> bool:
        """Whether what is left of the values still stands to each other as it must; narrows them by it."""
        for _ in range(3 if len(self.relations) > 1 else 1):
            for (left, right), stands in self.relations.items():
                if not self._bounded(left, right, stands):
                    return False
        return True

    def _bounded(self, left: Expression, right: Expression, stands: str) -> bool:
        one, other = self.domain(left), self.domain(right)
        if stands == "=":
            common = d.met(one, other)
            return self._set(left, common) and self._set(right, common)
        if stands == "<>":
            return one.single is None or other.single is None or one.single != other.single
        if ">" not in stands:
            return self._below(left, one, right, other, strict="=" not in stands)
        if "<" not in stands:
            return self._below(right, other, left, one, strict="=" not in stands)
        return True

    def _below(
        self, low: Expression, below: Domain, high: Expression, above: Domain, *, strict: bool
    ) -> bool:
        upper = d.limited(below, "<" if strict or above.high_open else "<=", above.high)
        lower = d.limited(above, ">" if strict or below.low_open else ">=", below.low)
        return self._set(low, upper) and self._set(high, lower)


def _any_of(found: Domain, values: tuple[object, ...]) -> Domain:
    """What is equal to one of these; of numbers, what lies between the least and the greatest."""
    possible = [one for one in values if one is not None and found.admits(one)]
    numbers = [float(one) for one in possible if number(one) is not None and isinstance(one, (int, float))]
    narrowed = d.NOTHING
    if numbers:
        narrowed = d.Domain(
            unknown=False, numbers=True, low=max(min(numbers), found.low), high=min(max(numbers), found.high),
            flags=frozenset(), texts=frozenset(), other=False, excluded=found.excluded,
        )  # fmt: skip
    texts = frozenset(one for one in possible if isinstance(one, str))
    flags = frozenset(one for one in possible if isinstance(one, bool))
    other = found.other and any(isinstance(one, tuple) for one in values)
    return replace(narrowed, texts=texts, flags=flags, other=other)


def _settled(value: object, wanted: Wanted) -> bool:
    match wanted:
        case Wanted.TRUE:
            return value is True
        case Wanted.FALSE:
            return value is False
        case Wanted.NOT_TRUE:
            return value is not True
        case _:
            return value is not False
