"""Facts that make conditions come out as wanted: an example is only given after it was held against the conditions themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import inf

import msgspec

from dsl.expressions import (
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    Foresight,
    Negative,
    Occurrences,
    Window,
    nodes_of,
)
from dsl.operators import number
from dsl.proofs.decide import Box, Goal, Wanted, some_leaves
from dsl.proofs.domain import Domain
from dsl.proofs.meaning import Facts, value_of
from dsl.proofs.sample_text import text_for
from dsl.proofs.world import World

NOW = 1_767_225_600.0  # the instant of all examples: 2026-01-01 00:00 UTC
_MOST_LEAVES = 24
_MOST_TRIED = 600
_MOST_VALUES = 12
_MOST_HINTS = 10


class Example(msgspec.Struct, frozen=True):
    """`facts` is variable to fields at the instant `NOW`. `assumed` are values of what no single instant says: windows and the like."""

    facts: Facts
    assumed: Mapping[Expression, object] = msgspec.field(default_factory=dict)

    @property
    def certain(self) -> bool:
        """Whether such facts can really be: not more is assumed than one thing, and that of nothing else in the example."""
        if not self.assumed:
            return True
        (term, *others) = self.assumed
        if others or not isinstance(term, (Window, Foresight, Occurrences)):
            return False
        read = {node for node in nodes_of(term) if isinstance(node, Field)}
        return not any(value_of(node, self.facts, NOW) is not None for node in read)

    def values(self) -> Iterator[tuple[Field, object]]:
        """Every value, fields of maps each for itself."""
        for variable in sorted(self.facts):
            yield from _flat(variable, (), self.facts[variable])


def _flat(variable: str, path: tuple[str | int, ...], value: object) -> Iterator[tuple[Field, object]]:
    if isinstance(value, Mapping):
        for name in value:
            yield from _flat(variable, (*path, name), value[name])
    else:
        yield Field(variable, path), value


def example(goals: Sequence[Goal], world: World) -> Example | None:
    """Facts under which these conditions come out so, each in its turn looked at; None where none were found."""
    hints = _constants(goals)
    for box in islice(some_leaves(goals, world), _MOST_LEAVES):
        found = _of_box(box, goals, hints)
        if found is not None:
            return found
    return None


def holds(goals: Iterable[Goal], found: Example) -> bool:
    return all(_comes_out(goal, found) for goal in goals)


def _comes_out(goal: Goal, found: Example) -> bool:
    verdict = value_of(goal[0], found.facts, NOW, found.assumed)
    match goal[1]:
        case Wanted.TRUE:
            return verdict is True
        case Wanted.FALSE:
            return verdict is False
        case Wanted.NOT_TRUE:
            return verdict is not True
        case _:
            return verdict is not False


# --- from what is left of the values to values -------------------------------------------------------------------------


def _of_box(box: Box, goals: Sequence[Goal], hints: Sequence[float]) -> Example | None:
    tangled = _tangled(box)
    free: dict[Expression, list[object]] = {}
    for term in _terms(box):
        values = list(islice(_candidates(box.domain(term), hints), _MOST_VALUES))
        if not values:
            return None
        free[term] = values if term in tangled else values[:1]
    for chosen in islice(product(*free.values()), _MOST_TRIED):
        found = _assembled(dict(zip(free, chosen, strict=True)))
        if found is not None and holds(goals, found):
            return found
    return None


def _terms(box: Box) -> list[Expression]:
    """What gets a value: fields, how long ago an instant was, and what is assumed; calculations follow from these."""
    found: dict[Expression, None] = {}
    for term in [*box.domains, *(side for pair in box.relations for side in pair)]:
        for node in _leaves_of(term):
            found[node] = None
    instants = {node.arguments[0] for node in found if isinstance(node, Call) and node.function == "since"}
    return [node for node in found if node not in instants]


def _leaves_of(term: Expression) -> Iterator[Expression]:
    match term:
        case Constant() | Call("now"):
            return
        case Arithmetic(_, left, right) | Compare(_, left, right):
            yield from _leaves_of(left)
            yield from _leaves_of(right)
        case Negative(operand):
            yield from _leaves_of(operand)
        case Call("since" | "remaining", (Field() as instant,)):
            yield Call("since", (instant,))
        case _:
            yield term


def _tangled(box: Box) -> set[Expression]:
    """Terms whose values depend on each other, so that several have to be tried together."""
    calculated = [term for term in box.domains if isinstance(term, (Arithmetic, Negative, Compare))]
    sides = [*calculated, *(side for pair in box.relations for side in pair)]
    return {node for side in sides for node in _leaves_of(side)}


def _candidates(domain: Domain, hints: Sequence[float]) -> Iterator[object]:
    """Values that it may have, the plainest first."""
    single = domain.single
    if single is not None:
        yield single
        return
    if domain.has_text and domain.texts is not None:
        yield from sorted(domain.texts)
    for flag in sorted(domain.flags, reverse=True):
        if domain.texts is not None or not domain.has_number:  # not where anything may stand
            yield flag
    if domain.has_number:
        yield from _numbers(domain, hints)
    if domain.has_text and domain.texts is None:
        yield from (one for one in _texts(domain) if domain.admits(one))
    yield from sorted(domain.flags, reverse=True)
    if domain.other:
        yield [test.constant for test in domain.tests if test.operator == "contains" and test.truth]
    if domain.unknown:
        yield None


def _numbers(domain: Domain, hints: Sequence[float]) -> Iterator[float]:
    tried = [*_near_bounds(domain), 0.0, 1.0]
    for hint in hints:
        tried += [hint, hint + _step(hint), hint - _step(hint)]
    seen = dict.fromkeys(_plain(value) for value in tried)
    yield from (value for value in seen if domain.admits(value))
    yield from (value for value in tried if value not in seen and domain.admits(value))


def _near_bounds(domain: Domain) -> Iterator[float]:
    low, high = domain.low, domain.high
    if low > -inf and high < inf:
        yield from ((low + high) / 2, low, high)
    elif low > -inf:
        yield from (low if not domain.low_open else low + _step(low), low + _step(low), low + 3 * _step(low))
    elif high < inf:
        yield from (0.0 if high > 0 else high, high - _step(high), high)


def _step(value: float) -> float:
    """A difference that people would choose at this size."""
    size = abs(value)
    if size >= 1000:
        return size / 10
    return 1.0 if size == 0 or size >= 10 else 0.1 if size >= 1 else size / 10


def _plain(value: float) -> float:
    return float(f"{value:.12g}")


def _texts(domain: Domain) -> Iterator[str]:
    wanted = [test for test in domain.tests if test.truth and isinstance(test.constant, str)]
    for test in wanted:
        sample = text_for(str(test.constant)) if test.operator == "matches" else str(test.constant)
        if sample is not None:
            yield sample
    yield " ".join(str(test.constant) for test in wanted if test.operator == "contains")
    yield from ("x", "y", "other", "a", "")


def _assembled(values: Mapping[Expression, object]) -> Example | None:
    facts: dict[str, dict[str | int, object]] = {}
    assumed: dict[Expression, object] = {}
    for term, value in values.items():
        if isinstance(term, Call) and term.function == "since" and isinstance(term.arguments[0], Field):
            ago = number(value)
            placed = ago is None or _placed(facts, term.arguments[0], NOW - ago)
        elif isinstance(term, Field):
            placed = value is None or _placed(facts, term, value)
        else:
            assumed[term] = value
            placed = True
        if not placed:
            return None
    return Example(facts, assumed)


def _placed(facts: dict[str, dict[str | int, object]], where: Field, value: object) -> bool:
    """Puts a value into its fact; False where something else stands in its way."""
    if not where.path:
        return False
    inner: dict[str | int, object] = facts.setdefault(where.subject, {})
    for step in where.path[:-1]:
        deeper = inner.setdefault(step, {})
        if not isinstance(deeper, dict) or isinstance(step, int):
            return False
        inner = deeper
    return inner.setdefault(where.path[-1], value) is value


def _constants(goals: Sequence[Goal]) -> list[float]:
    """The numbers in the conditions, also as distances from now where they ask for it: near them something changes."""
    nodes = [node for goal, _ in goals for node in nodes_of(goal)]
    found: dict[float, None] = {}
    for node in nodes:
        if isinstance(node, Constant):
            values = node.value if isinstance(node.value, tuple) else (node.value,)
            found.update(dict.fromkeys(float(one) for one in values if number(one) is not None))
    plain = list(found)[:_MOST_HINTS]
    if not any(isinstance(node, Call) and node.function == "now" for node in nodes):
        return plain
    return [NOW, *(NOW + one for one in plain), *(NOW - one for one in plain), *plain]
