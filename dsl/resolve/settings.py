"""The labels of a word's shape become settings and arguments, each by its kind."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.expressions import Constant, Expression
from dsl.resolve import constants
from dsl.resolve.clauses import Said
from dsl.resolve.clauses import is_declared as is_declared
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.shape import kinds_of
from dsl.syntax import Node, Word

Settings = tuple[tuple[str, Expression], ...]


def settings_of(
    site: Site, scope: Scope, clauses: Iterable[Said], leave_out: tuple[str, ...] = ()
) -> Settings | None:
    """Label to expression, over several clauses; the same label in two of them is the last one's."""
    found: dict[str, Expression] = {}
    whole = True
    for said in clauses:
        for label, kind in kinds_of(said.word.shape).items():
            nodes = said.match.nodes(label)
            if nodes and label not in leave_out:
                expression = _setting(site, scope, kind, nodes)
                whole = whole and expression is not None
                if expression is not None:
                    found[label] = expression
    return tuple(found.items()) if whole else None


def _setting(site: Site, scope: Scope, kind: str, nodes: tuple[Node, ...]) -> Expression | None:
    if kind == "NAMED" or all(type(node).__name__ == "Named" for node in nodes):
        return constants.named(site, scope, nodes)
    if kind == "":  # a choice among words of the shape
        return Constant(nodes[0].name) if isinstance(nodes[0], Word) else None
    if kind == "CHANNEL":
        return _channel(site, nodes[0])
    return constants.setting(site, scope, kind, nodes[0])


def _channel(site: Site, node: Node) -> Expression | None:
    if not isinstance(node, Word):
        return None
    return Constant(node.name) if is_declared(site, node, "channel") else None
