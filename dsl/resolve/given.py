"""Values in tests: what is given, and what has to be found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from dsl import types
from dsl.expressions import Constant, MapOf
from dsl.program import Relative
from dsl.resolve import constants
from dsl.resolve.clauses import unknown
from dsl.resolve.expression import of_type
from dsl.resolve.scope import EMPTY
from dsl.resolve.site import Site
from dsl.resolve.typed import is_closed
from dsl.syntax import Chain, Named, Node, Raw, Text, Word
from dsl.types import Type

Values = tuple[tuple[str, object], ...]


def given_values(site: Site, nodes: Iterable[Node], fields: Mapping[str, Type], of: str) -> Values | None:
    """`name: value, …`, each of the field's type; None when something was reported. `of` is what has these fields."""
    found: dict[str, object] = {}
    for node in nodes:
        if isinstance(node, Named):
            value = _value(site, node, fields, of)
            if value is None:
                return None
            if node.name in found:
                site.report("V114", f"`{node.name}` stands twice", (node.start, node.name_end))
                return None
            found[node.name] = value[0]
    return tuple(found.items())


def _value(site: Site, node: Named, fields: Mapping[str, Type], of: str) -> tuple[object] | None:
    wanted = fields.get(node.name)
    if wanted is None:
        where = (node.start, node.name_end)
        unknown(site, "V204", f"{of} has no field `{node.name}`", node.name, where, list(fields))
        return None
    if wanted == types.TIME:
        instant = _instant(site, node.value)
        return None if instant is None else (instant,)
    expression = of_type(site, EMPTY, node.value, wanted)
    if expression is None:
        return None
    if not isinstance(expression, (Constant, MapOf)) or not is_closed(expression):
        site.report("V306", "a test gives plain values", node.value)
        return None
    return (constants.plain(expression),)


# --- instants ---------------------------------------------------------------------------------------------------------


def _instant(site: Site, node: Node) -> float | Relative | None:
    """`now`, `now - 5m`, `"2026-12-25T09:00:00Z"`."""
    if isinstance(node, (Text, Raw)):
        return _written(site, node)
    first, rest = (node.first, node.rest) if isinstance(node, Chain) else (node, ())
    if not isinstance(first, Word) or first.name != "now" or len(rest) > 1:
        help_ = 'write `now`, `now - 5m`, or a text: "2026-12-25T09:00:00Z"'
        site.report("V304", "expected a time", node, help=help_)
        return None
    total = 0.0
    for operator, operand in rest:
        seconds = constants.duration(site, operand, zero=True)
        if seconds is None:
            return None
        total = -seconds if operator.text == "-" else seconds
    return Relative(total)


def _written(site: Site, node: Node) -> float | None:
    text = constants.text(site, node)
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        help_ = 'write it as "2026-12-25T09:00:00Z"'
        site.report("V309", f"`{text}` is no time", node, help=help_)
        return None


# --- names ------------------------------------------------------------------------------------------------------------


def name_of(site: Site, node: Node) -> str | None:
    """How a thing is called; None when it was reported."""
    if isinstance(node, Word):
        return node.name
    if isinstance(node, Text):
        return constants.text(site, node)
    site.report("V306", "a test names things as they are", node, help='write a name, or a text: "BTC-USD"')
    return None
