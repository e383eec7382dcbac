"""V613: a comparison that begins with what is compared with."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import written
from dsl.resolve.whole import Resolved

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if not (isinstance(node, Compare) and node.operator in _MIRRORED and isinstance(node.left, Constant)):
            continue
        turned = Compare(_MIRRORED[node.operator], node.right, node.left, node.order)
        message = f"`{written(node, stated.world)}` is written backwards"
        help_ = f"write `{written(turned, stated.world)}`: what it is about stands first"
        yield finding("V613", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
