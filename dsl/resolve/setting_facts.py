"""`set TYPE KEY field: value` and `set PATH = value`: which fact, which fields, which values."""

from __future__ import annotations

from dsl import types
from dsl.expressions import Constant, Expression, Field, MapOf
from dsl.program import FactType
from dsl.resolve.clauses import Said, unknown
from dsl.resolve.expression import of_type
from dsl.resolve.known import Thing
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.syntax import Named, Node, Path, Word

Arguments = tuple[tuple[str, Expression], ...]


def set_arguments(site: Site, scope: Scope, said: Said) -> Arguments | None:
    """`type`, `key` and `values` of the action `set`."""
    path = said.match.node("path")
    if path is not None:
        return _of_path(site, scope, path, said.match.node("value"))
    kind = _with_one_key(site, said.match.node("type"))
    if kind is None:
        return None
    key = _key(site, scope, said, kind)
    values = _values(site, scope, said.match.nodes("values"), kind)
    if key is None or values is None:
        return None
    return ("type", Constant(kind.name)), ("key", key), ("values", MapOf(values))


def fact_type(site: Site, node: Node | None) -> FactType | None:
    """The type of that name; None when it was reported."""
    if not isinstance(node, Word) or node.name in site.known.unclear:
        return None
    kind = site.known.types.get(node.name)
    if kind is None:
        unknown(site, "V206", f"there is no fact type `{node.name}`", node.name, node, list(site.known.types))
    return kind


def _with_one_key(site: Site, node: Node | None) -> FactType | None:
    """The type of that name, of which one word names a fact."""
    kind = fact_type(site, node)
    if kind is None or node is None or len(kind.keys) < 2:
        return kind
    keys = ", ".join(one.name for one in kind.keys)
    message = f"one word does not say which {kind.name} is meant: it takes {keys}"
    site.report(
        "V209", message, node, help=f"write `set {kind.name}.FIELD = …` in a rule about each {kind.name}"
    )
    return None


def field_of(site: Site, kind: FactType, name: str, where: tuple[int, int]) -> types.Type | None:
    for field in kind.fields:
        if field.name == name:
            return types.named(field.type)
    unknown(
        site, "V204", f"{kind.name} has no field `{name}`", name, where, [field.name for field in kind.fields]
    )
    return None


def _key(site: Site, scope: Scope, said: Said, kind: FactType) -> Expression | None:
    node = said.match.node("key")
    if node is None:
        if isinstance(scope.variables.get(kind.name), Thing):
            return Field(kind.name, (kind.keys[0].name,))
        if scope.unclear:
            return None
        where = said.match.node("type") or (said.clause.start, said.clause.word_end)
        site.report("V209", f"which {kind.name}?", where, help=f"write `set {kind.name} NAME …`")
        return None
    if isinstance(node, Word) and node.name not in scope.variables:
        return Constant(node.name)
    return of_type(site, scope, node, types.TEXT)


def _values(
    site: Site, scope: Scope, nodes: tuple[Node, ...], kind: FactType
) -> tuple[tuple[str, Expression], ...] | None:
    found: list[tuple[str, Expression | None]] = []
    for node in nodes:
        if isinstance(node, Named):
            wanted = field_of(site, kind, node.name, (node.start, node.name_end))
            found.append((node.name, None if wanted is None else of_type(site, scope, node.value, wanted)))
    whole = tuple((name, value) for name, value in found if value is not None)
    return whole if len(whole) == len(found) else None


def _of_path(site: Site, scope: Scope, path: Node, value: Node | None) -> Arguments | None:
    """`set stream.connected = true`: the fact that the rule is about."""
    if not isinstance(path, Path) or len(path.parts) != 2 or value is None:
        site.report(
            "V304",
            "expected one field of what the rule is about",
            path,
            help="write `set stream.connected = true`",
        )
        return None
    variable, name = str(path.parts[0]), str(path.parts[1])
    what = scope.variables.get(variable)
    if what is None and scope.unclear:
        return None
    if not isinstance(what, Thing) or what.type not in site.known.types:
        unknown(site, "V203", f"`{variable}` is not known here", variable, path, list(scope.variables))
        return None
    kind = site.known.types[what.type]
    wanted = field_of(site, kind, name, (path.end - len(name), path.end))
    expression = None if wanted is None else of_type(site, scope, value, wanted)
    if expression is None:
        return None
    key = Field(variable, (kind.keys[0].name,))
    return ("type", Constant(kind.name)), ("key", key), ("values", MapOf(((name, expression),)))
