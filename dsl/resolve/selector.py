"""Selectors: `KIND [NAME] [where CONDITION]`."""

from __future__ import annotations

from dsl import types
from dsl.expressions import Constant, Expression
from dsl.match import Match
from dsl.program import Selector
from dsl.resolve.clauses import unknown
from dsl.resolve.expression import condition, of_type
from dsl.resolve.known import Group
from dsl.resolve.scope import Scope, thing_named
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.syntax import Node, Word

_DECLARED = ("agent", "probe")  # kinds whose things have names that are declared


def resolve_selector(site: Site, scope: Scope, part: Match, *, kind: str, bound: bool) -> Selector | None:
    """What is named. `kind` is the only kind that may be meant; `bound`: without name and `where` it is the rule's own subject."""
    node, name, where = part.node("kind"), part.node("name"), part.node("where")
    if not isinstance(node, Word):
        return None
    if node.name != kind:
        help_ = f"write `{kind} {node.name}`" if node.name in site.known.of(kind) else f"write `{kind} NAME`"
        site.report("V304", f"expected {_article(kind)}, found `{node.name}`", node, help=help_)
        return None
    if name is None and where is None:
        return _subject(site, scope, node, kind) if bound else Selector(kind)
    named = None if name is None else _name(site, scope, name, kind)
    chosen = None if where is None else _where(site, scope, where, kind)
    if (name is not None and named is None) or (where is not None and chosen is None):
        return None
    return Selector(kind, named, chosen)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _subject(site: Site, scope: Scope, node: Word, kind: str) -> Selector | None:
    what = scope.variables.get(kind)
    if what is not None and not isinstance(what, Group):
        return Selector(kind)
    if scope.unclear:
        return None
    about = "The rule is about groups of them" if what is not None else "The rule is not about one"
    site.report("V209", f"which {kind}? {about}", node, help=f"write `{kind} NAME`, or `{kind} where …`")
    return None


def _name(site: Site, scope: Scope, node: Node, kind: str) -> Expression | None:
    if isinstance(node, Word) and node.name not in scope.variables:
        if kind in _DECLARED and not is_declared(site, node, kind):
            return None
        return Constant(node.name)
    return of_type(site, scope, node, types.TEXT)


def _where(site: Site, scope: Scope, node: Node, kind: str) -> Expression | None:
    if kind not in site.known.types:
        unknown(site, "V206", f"there is no fact type `{kind}`", kind, node, list(site.known.types))
        return None
    return condition(site, scope.with_variable(kind, thing_named(site.known, kind)), node)
