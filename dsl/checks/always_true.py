"""V425: a condition that is true whatever is known: it distinguishes nothing."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Expression
from dsl.proofs.conditions import Stated
from dsl.proofs.decide import Wanted, never, plainly_open
from dsl.resolve.whole import Resolved


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    if plainly_open((*(given for given, _ in stated.given), stated.condition), stated.world):
        return
    if not never((*stated.given, (stated.condition, Wanted.FALSE)), stated.world):
        return
    if never((*stated.given, (stated.condition, Wanted.TRUE)), stated.world):
        return  # V424 says it
    after = " of everything that is chosen by its `where`" if stated.given else ""
    message = f"this `{stated.clause}` can never be false{after}"
    yield finding("V425", message, stated_span(resolved, stated), help="take it away, or write what is meant")


CHECK = ConditionLint(_look)
