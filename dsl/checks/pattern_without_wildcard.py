"""V433: a regular expression that matches one text only."""

import re
from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression
from dsl.proofs.conditions import Stated
from dsl.resolve.whole import Resolved

_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if isinstance(node, Compare) and node.operator == "matches" and isinstance(node.right, Constant):
            pattern = str(node.right.value)
            if not _SPECIAL.search(pattern):
                message = f"the regular expression `{pattern}` matches one text only, and that as a whole"
                help_ = f'write `== "{pattern}"`; for a text that contains it, `contains "{pattern}"`'
                yield finding("V433", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
