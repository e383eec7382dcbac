"""V611: a flag that is compared with true or false."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression, Field
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import path_of
from dsl.resolve.whole import Resolved


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if not (
            isinstance(node, Compare) and isinstance(node.left, Field) and isinstance(node.right, Constant)
        ):
            continue
        declared = stated.world.field_type(node.left)
        if declared is not None and declared.type == "flag" and isinstance(node.right.value, bool):
            path, wanted = path_of(node.left), node.right.value is (node.operator == "==")
            message = f"`{path}` is true or false itself"
            help_ = f"write `{path}`" if wanted else f"write `not {path}`"
            yield finding("V611", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
