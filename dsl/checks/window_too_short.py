"""V454: a window in which there are too few samples to say anything."""

from collections.abc import Iterator, Sequence

from dsl.checks.lint import ConditionLint, finding, stated_span
from dsl.diagnostics import Finding
from dsl.expressions import Expression, Window
from dsl.proofs.conditions import Stated
from dsl.proofs.wording import seconds, written
from dsl.resolve.whole import Resolved

# How many samples it takes to say something.
_NEEDED = dict.fromkeys(("rate", "increase", "delta", "slope", "stddev", "changes"), 2)


def _look(resolved: Resolved, stated: Stated, nodes: Sequence[Expression]) -> Iterator[Finding]:
    for node in nodes:
        if not isinstance(node, Window) or not node.over or node.function in ("past", "age", "absent"):
            continue
        declared = stated.world.types.get(node.subject)
        every = resolved.intervals.by_type.get(declared.name, 0.0) if declared is not None else 0.0
        if node.over < every * _NEEDED.get(node.function, 1):
            message = (
                f"`{written(node)}` looks at {seconds(node.over)}, and a sample comes every {seconds(every)}"
            )
            help_ = f"look at {seconds(4 * every)} or more, or sample more often"
            yield finding("V454", message, stated_span(resolved, stated), help=help_)


CHECK = ConditionLint(_look)
