"""V614: one value compared with several, one after the other."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression, Or
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import plain, written
from dsl.resolve.whole import Resolved


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if isinstance(node, Or):
            values: dict[Expression, list[object]] = {}
            for one in node.operands:
                if isinstance(one, Compare) and one.operator == "==" and isinstance(one.right, Constant):
                    values.setdefault(one.left, []).append(one.right.value)
            for value, several in values.items():
                if len(several) > 1 and all(isinstance(one, str) for one in several):
                    chosen = ", ".join(plain(one) for one in several)
                    message = (
                        f"`{written(value)}` is compared with {len(several)} values, one after the other"
                    )
                    help_ = f"write `{written(value)} in [{chosen}]`"
                    yield finding("V614", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
