"""V455: `age(x)` of a time is how old the sample is, not how long ago the time was."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Expression, Field, Window
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import path_of
from dsl.resolve.whole import Resolved


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if isinstance(node, Window) and node.function == "age" and isinstance(node.value, Field):
            declared = stated.world.field_type(node.value)
            if declared is not None and declared.type == "time":
                path = path_of(node.value)
                message = f"`age({path})` is how long ago `{path}` was sampled, whatever time it says"
                help_ = f"how long ago that time was is `since({path})`"
                yield finding("V455", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
