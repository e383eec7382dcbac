"""V447: `^` or `$` in a regular expression that is held against the whole text anyway."""

import re
from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression
from dsl.proofs.conditions import Stated
from dsl.resolve.whole import Resolved

_ANCHORED = re.compile(r"\^.*|.*(?<!\\)\$", re.DOTALL)


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if not (
            isinstance(node, Compare) and node.operator == "matches" and isinstance(node.right, Constant)
        ):
            continue
        pattern = str(node.right.value)
        if _ANCHORED.fullmatch(pattern) and "|" not in pattern:
            message = f"`{pattern}` is held against the whole text anyway: `^` and `$` say nothing"
            help_ = f"write `'{pattern.removeprefix('^').removesuffix('$')}'`, with `.*` where more may stand"
            yield finding("V447", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
