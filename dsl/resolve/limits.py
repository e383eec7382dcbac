"""`limit N per D by PATH`, `limit N at once overall`."""

from __future__ import annotations

from dsl.program import Limit
from dsl.resolve import constants
from dsl.resolve.clauses import Said
from dsl.resolve.known import Group, Thing
from dsl.resolve.reading import path as read_path
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.suggest import closest
from dsl.syntax import Node, Path, Word


def resolve_limits(site: Site, scope: Scope, said: tuple[Said, ...]) -> tuple[Limit, ...] | None:
    found = [_limit(site, scope, one) for one in said]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) else None


def _limit(site: Site, scope: Scope, said: Said) -> Limit | None:
    number, per = said.match.node("count"), said.match.node("per")
    count = None if number is None else constants.count(site, number)
    window = None if per is None else constants.duration(site, per)
    by = _scope(site, scope, said.match.node("scope"))
    if count is None or (per is not None and window is None) or by is None:
        return None
    return Limit(count, window, by or None)


def _scope(site: Site, scope: Scope, node: Node | None) -> tuple[str, ...] | None:
    """The path over what is bound, () for `overall`; None when it was reported."""
    if node is None:
        return ()
    if isinstance(node, Path):
        typed = read_path(site, scope, node)
        return None if typed is None else tuple(str(part) for part in node.parts)
    if isinstance(node, Word) and isinstance(scope.variables.get(node.name), (Thing, Group)):
        return (node.name,)
    if scope.unclear:
        return None
    name = node.name if isinstance(node, Word) else ""
    near = closest(name, scope.variables)
    help_ = f"did you mean `{near}`?" if near else f"known here: {', '.join(scope.variables)}"
    site.report("V203", f"`{name}` is not known here", node, help=help_, replacement=near)
    return None
