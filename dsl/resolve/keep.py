"""`keep at least N TYPE where C`."""

from __future__ import annotations

from dsl.program import Keep
from dsl.resolve import constants
from dsl.resolve.clauses import Body, Said, unknown
from dsl.resolve.expression import condition
from dsl.resolve.scope import Scope, thing_named
from dsl.resolve.site import Site
from dsl.syntax import Word


def resolve_keeps(site: Site, scope: Scope, body: Body) -> tuple[Keep, ...] | None:
    """None when something was reported."""
    found = [_keep(site, scope, said) for said in body.all("keep")]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) else None


def _keep(site: Site, scope: Scope, said: Said) -> Keep | None:
    part, number = said.match.part("members"), said.match.node("count")
    kind = part.node("kind") if part else None
    if part is None or number is None or not isinstance(kind, Word):
        return None
    least = constants.count(site, number)
    if kind.name in site.known.unclear:
        return None
    if kind.name not in site.known.types:
        unknown(site, "V206", f"there is no fact type `{kind.name}`", kind.name, kind, list(site.known.types))
        return None
    where = part.node("where")
    inner = scope.with_variable(kind.name, thing_named(site.known, kind.name))
    chosen = None if where is None else condition(site, inner, where)
    if least is None or (where is not None and chosen is None):
        return None
    return Keep(least, kind.name, chosen)
