"""V443: `known(x)` beside a comparison of x, which is true only of a value that is known."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import And, Call, Expression
from dsl.proofs.conditions import Stated
from dsl.proofs.decide import Wanted, never
from dsl.proofs.wording import written
from dsl.resolve.whole import Resolved


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    condition = stated.condition  # deeper inside, what is unknown may matter
    if not isinstance(condition, And):
        return
    for part in condition.operands:
        if isinstance(part, Call) and part.function == "known" and part.arguments[0] in nodes:
            others = tuple((one, Wanted.TRUE) for one in condition.operands if one is not part)
            unknown = ((part, Wanted.FALSE),)
            if never((*others, *unknown), stated.world) and not never(others, stated.world):
                message = (
                    f"`{written(part)}` says nothing here: what is compared and unknown is not true anyway"
                )
                yield finding("V443", message, stated_span(resolved, stated), help="take it away")


CHECK = ConditionLint(_look)
