"""V431: a message about a measured value that does not say the value."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression, nodes_of
from dsl.proofs.wording import written
from dsl.resolve.whole import Resolved

_ORDERINGS = ("<", "<=", ">", ">=")


def _run(resolved: Resolved) -> Iterator[Finding]:
    for detection in resolved.program.detections:
        if not isinstance(detection.message, Constant):
            continue
        measured = _measured(detection.when.expression)
        if measured is not None:
            message = "the message does not say the value that the condition is about"
            span = clause_span(resolved, "detection", detection.head.name, "message")
            yield finding(
                "V431", message, span, help=f'write, for example, `message "… {{{written(measured)}}} …"`'
            )


def _measured(condition: Expression) -> Expression | None:
    """The first value that is held against a bound, and can be written into a text."""
    for node in nodes_of(condition):
        if isinstance(node, Compare) and node.operator in _ORDERINGS and node.order is None:
            return node.right if isinstance(node.left, Constant) else node.left
    return None


CHECK = Lint(_run, each=True)
