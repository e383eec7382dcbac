"""V434: a regular expression that matches every text."""

import re
from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import written
from dsl.resolve.whole import Resolved

_EVERYTHING = re.compile(r"\^?\(?(\?:)?\.\*\??\)?\$?")


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if not (
            isinstance(node, Compare) and node.operator == "matches" and isinstance(node.right, Constant)
        ):
            continue
        if _EVERYTHING.fullmatch(str(node.right.value)):
            message = f"the regular expression `{node.right.value}` matches every text"
            help_ = f"if it is meant that a value is there, write `known({written(node.left)})`"
            yield finding("V434", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
