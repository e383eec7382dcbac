"""`avg(x over 5m)`, `past(x, 15m)`, `age(x)`: what the value of one fact was over time."""

from __future__ import annotations

from dsl import types
from dsl.expressions import Expression, Field, Window, nodes_of
from dsl.resolve.calls.asked import Asked
from dsl.resolve.calls.past import past_of
from dsl.resolve.typed import Typed
from dsl.syntax import Node, Word

_ONLY_GROW = ("_total", "_count", "_sum", "_bucket")  # as those names end by convention that are counted up
_OF_HISTOGRAMS = {"quantile": "quantile", "rate": "rate_of_histogram"}
_GROWING_FIELDS = (("agent", "restarts"),)


def resolve(asked: Asked) -> Typed | None:
    node, number = asked.match.node("value"), asked.number("number")
    if _is_an_event(asked, node):
        return None
    if node is None or (number is None and asked.match.node("number") is not None):
        return None
    value = asked.value(asked.scope)
    over, ending = asked.seconds("over"), asked.seconds("ending", zero=True)
    found = past_of(asked, node, value)
    if value is None or found is None or over is None or ending is None:
        return None
    if asked.form.name == "quantile" and _only_grows(asked, value.expression):
        _report_growing(asked)
        return None
    is_quantile = value.type == types.HISTOGRAM and asked.form.name == "quantile"
    of = types.ANY if is_quantile else value.type
    function = asked.form.name if value.type != types.HISTOGRAM else _OF_HISTOGRAMS[asked.form.name]
    window = Window(function, value.expression, found.subject, over, ending, number)
    return Typed(window, asked.result(of), value.depth + 1)


def _is_an_event(asked: Asked, node: Node | None) -> bool:
    """`count(deploy over 5m)`; says so."""
    if not isinstance(node, Word) or node.name in asked.scope.variables:
        return False
    if node.name not in asked.site.known.of("event"):
        return False
    help_ = f"write `{asked.form.name}(event {node.name} over …)`"
    asked.site.report("V206", f"`{node.name}` is an event, and events are named as such", node, help=help_)
    return True


def _only_grows(asked: Asked, value: Expression) -> bool:
    """Whether the value is a plain counter, as far as its name tells."""
    return any(isinstance(one, Field) and _is_counter(asked, one) for one in nodes_of(value))


def _is_counter(asked: Asked, field: Field) -> bool:
    what = asked.scope.variables.get(field.subject)
    kind = str(getattr(what, "type", ""))
    fact = asked.site.known.types.get(kind)
    name = str(field.path[0]) if field.path else ""
    declared = next((one for one in fact.fields if one.name == name), None) if fact else None
    if declared is None or declared.type == "histogram":
        return False
    source = (
        declared.computed.path[0] if isinstance(declared.computed, Field) and declared.computed.path else ""
    )
    names = (name, str(source), kind if name == "value" else "")
    return (kind, name) in _GROWING_FIELDS or any(one.endswith(_ONLY_GROW) for one in names)


def _report_growing(asked: Asked) -> None:
    node = asked.match.node("value")
    assert node is not None
    written = asked.site.text(node.start, node.end)
    asked.site.report(
        "V304",
        f"`{written}` only ever grows, so its quantile says nothing",
        node,
        help="declare the field as `histogram`, or take the `rate` of it",
    )
