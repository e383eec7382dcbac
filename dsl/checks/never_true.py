"""V424: a condition that no facts make true: nothing ever happens by it."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import And, Expression
from dsl.proofs.conditions import Stated
from dsl.proofs.decide import Wanted, never, plainly_open
from dsl.proofs.wording import written
from dsl.resolve.whole import Resolved

_MOST_PARTS = 12


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    if plainly_open((*(given for given, _ in stated.given), stated.condition), stated.world):
        return
    if never(((stated.condition, Wanted.TRUE),), stated.world):
        yield _found(resolved, stated, _reason(stated))
    elif stated.given and never((*stated.given, (stated.condition, Wanted.TRUE)), stated.world):
        given = written(stated.given[0][0], stated.world)
        yield _found(resolved, stated, f"where `{given}`, it is never true")


def _found(resolved: Resolved, stated: Stated, reason: str) -> Finding:
    message = f"this `{stated.clause}` can never be true: {reason}"
    return finding("V424", message, stated_span(resolved, stated), help="nothing would ever happen by it")


def _reason(stated: Stated) -> str:
    """The part, or the two parts, because of which."""
    parts = stated.condition.operands if isinstance(stated.condition, And) else (stated.condition,)
    for part in parts:
        if never(((part, Wanted.TRUE),), stated.world):
            return f"no value makes `{written(part, stated.world)}` true"
    for one, other in combinations(parts[:_MOST_PARTS], 2):
        if never(((one, Wanted.TRUE), (other, Wanted.TRUE)), stated.world):
            return f"`{written(one, stated.world)}` and `{written(other, stated.world)}` exclude each other"
    return "its parts exclude each other"


CHECK = ConditionLint(_look)
