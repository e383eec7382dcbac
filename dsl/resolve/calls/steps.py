"""`learned.duration(WORKFLOW/STEP)`, `learned.success(WORKFLOW/STEP)`."""

from __future__ import annotations

from dsl.expressions import Learned
from dsl.resolve.calls.asked import Asked
from dsl.resolve.clauses import is_declared, unknown
from dsl.resolve.target import written_steps
from dsl.resolve.typed import Typed
from dsl.syntax import Chain, Node, Word
from dsl.types import FLAG


def resolve(asked: Asked) -> Typed | None:
    found = _named(asked)
    if found is None:
        return None
    workflow, step = found
    site, name = asked.site, workflow.name if isinstance(workflow, Word) else workflow
    if isinstance(workflow, Word) and not is_declared(site, workflow, "workflow"):
        return None
    declared = site.known.of("workflow").get(name)
    if declared is None or declared.broken:
        return None
    known = written_steps(site.known, name)
    if step.name not in known:
        message = f"the workflow `{name}` has no step `{step.name}`"
        unknown(site, "V206", message, step.name, step, sorted(known))
        return None
    what = asked.form.name.removeprefix("learned.")
    return Typed(Learned(what, f"{name}/{step.name}"), asked.result(FLAG))


def _named(asked: Asked) -> tuple[Word | str, Word] | None:
    """The workflow, as it is written or as it is clear, and the step."""
    node = asked.match.node("step")
    if isinstance(node, Chain) and len(node.rest) == 1 and node.rest[0][0].text == "/":
        workflow, step = node.first, node.rest[0][1]
        if isinstance(workflow, Word) and isinstance(step, Word):
            return workflow, step
    if isinstance(node, Word) and asked.scope.workflow is not None:
        return asked.scope.workflow, node
    _report(asked, node)
    return None


def _report(asked: Asked, node: Node | None) -> None:
    if isinstance(node, Word):
        message, help_ = f"of which workflow is `{node.name}` a step?", f"write `WORKFLOW/{node.name}`"
        asked.site.report("V209", message, node, help=help_)
        return
    help_ = f"write, for example, `{asked.form.name}(rebalance/prices)`"
    asked.site.report("V212", "expected the name of a step", node or asked.node, help=help_)
