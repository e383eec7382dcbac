"""V432: a measured value is compared for being exactly equal: it hardly ever is."""

from collections.abc import Iterator, Sequence
from math import inf

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression, Field, Foresight, Window
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import written
from dsl.resolve.whole import Resolved

_MEASURED = ("percent", "duration", "time")
_CALCULATED = ("avg", "stddev", "slope", "quantile", "rate", "share")
_PLAIN = (0.0, 1.0, inf)  # nothing, all of it, and `never`: values that are met exactly


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if isinstance(node, Compare) and node.operator in ("==", "!=") and _is_exact(stated, node):
            message = f"`{written(node, stated.world)}`: a measured value is hardly ever exactly that"
            help_ = "compare with `<`, `<=`, `>` or `>=`"
            yield finding("V432", message, stated_span(resolved, stated), help=help_)


def _is_exact(stated: Stated, node: Compare) -> bool:
    for value, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(other, Constant) and isinstance(other.value, float) and other.value not in _PLAIN:
            return _is_measured(stated, value)
    return False


def _is_measured(stated: Stated, value: Expression) -> bool:
    if isinstance(value, Field):
        declared = stated.world.field_type(value)
        return declared is not None and declared.type in _MEASURED
    return isinstance(value, Foresight) or (isinstance(value, Window) and value.function in _CALCULATED)


CHECK = ConditionLint(_look)
