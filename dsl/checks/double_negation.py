"""V612: a negation of what is negated already."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Expression, Not
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import written
from dsl.resolve.whole import Resolved


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if not isinstance(node, Not):
            continue
        inner = node.operand
        if isinstance(inner, Not):
            plain = written(inner.operand, stated.world)
        elif isinstance(inner, Compare) and inner.operator == "!=":
            plain = written(Compare("==", inner.left, inner.right), stated.world)
        else:
            continue
        message = f"`{written(node, stated.world)}` says no twice"
        yield finding("V612", message, stated_span(resolved, stated), help=f"write `{plain}`")


CHECK = ConditionLint(_look)
