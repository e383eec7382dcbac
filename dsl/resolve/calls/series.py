"""`forecast(x after 6h over 3h)`, `time_until(x >= 95% over 3h)`, `anomaly(x over 1d)`."""

from __future__ import annotations

from dsl import types
from dsl.expressions import Constant, Foresight
from dsl.resolve import comparing
from dsl.resolve.calls.asked import Asked
from dsl.resolve.calls.past import past_of
from dsl.resolve.typed import Typed
from dsl.syntax import Compare, Node

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def resolve(asked: Asked) -> Typed | None:
    if asked.form.name == "time_until":
        return _time_until(asked)
    node, value = asked.match.node("value"), asked.value(asked.scope)
    over, after = asked.seconds("over"), asked.seconds("after")
    found = None if node is None else past_of(asked, node, value)
    if value is None or found is None or over is None or after is None:
        return None
    foresight = Foresight(asked.form.name, value.expression, found.subject, over, after)
    return Typed(foresight, asked.result(value.type), value.depth + 1)


def _time_until(asked: Asked) -> Typed | None:
    site, node = asked.site, asked.match.node("crossing")
    over = asked.seconds("over")
    if not isinstance(node, Compare) or node.operator.text not in _MIRRORED:
        help_ = "write, for example, `time_until(disk.usage >= 95% over 6h)`"
        site.report("V304", "expected a comparison with a threshold", node or asked.node, help=help_)
        return None
    left, right = (asked.infer(site, asked.scope, side) for side in (node.left, node.right))
    if left is None or right is None or over is None:
        return None
    if comparing.check(site, node, node.operator.text, left, right) is None:
        return None
    if isinstance(left.expression, Constant):
        return _crossing(asked, (node.right, right), _MIRRORED[node.operator.text], (node.left, left), over)
    return _crossing(asked, (node.left, left), node.operator.text, (node.right, right), over)


def _crossing(
    asked: Asked, moving: tuple[Node, Typed], operator: str, limit: tuple[Node, Typed], over: float
) -> Typed | None:
    where, value = moving
    threshold = limit[1].constant
    if not isinstance(threshold, float):
        asked.site.report("V306", "the threshold has to be known when the rules are loaded", limit[0])
        return None
    if not types.is_numeric(value.type) and value.type != types.ANY:
        message = f"`time_until` is for numbers and quantities, and this is {value.type}"
        asked.site.report("V304", message, where)
        return None
    found = past_of(asked, where, value)
    if found is None:
        return None
    foresight = Foresight(
        "time_until", value.expression, found.subject, over, operator=operator, threshold=threshold
    )
    return Typed(foresight, types.DURATION, value.depth + 1)
