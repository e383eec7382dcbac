"""`for each TYPE …`: what a rule, a step or a derived fact is about: things of a type, groups of them, or pairs of two types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from dsl.expressions import Expression
from dsl.lexicon import Families
from dsl.program import Binding
from dsl.resolve.clauses import Body, Said
from dsl.resolve.expression import condition
from dsl.resolve.known import Known, Readable
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.subjects import read_binding, readables, things_bound
from dsl.syntax import Clause


class Bound(msgspec.Struct, frozen=True):
    """`binding` is None without `for each`. Not `sound`: something was wrong and reported."""

    binding: Binding | None
    scope: Scope
    sound: bool


def resolve_binding(site: Site, scope: Scope, body: Body, families: Families) -> Bound:
    """What the body binds, and what can be read with it."""
    said = body.one("for")
    found = None if said is None else read_binding(site, said.match)
    if said is None or found is None:
        lost = may_be_lost(site.known, body.clause, families)
        return Bound(None, replace(scope, unclear=True) if lost else scope, not lost)
    where = _where(site, _with(scope, things_bound(site.known, found)), said)
    bound = replace(found, where=None if where is False else where)
    inner = _with(scope, readables(site.known, bound))
    return Bound(bound, inner, where is not False and not inner.unclear)


def may_be_lost(known: Known, clause: Clause, families: Families) -> bool:
    """Whether something that could not be read may have been `for each`."""
    if clause.broken or clause.incomplete:
        return True
    words = [inner.word for inner in clause.body or ()]
    return any(word == "for" or not known.lexicon.forms(word, families) for word in words)


def _where(site: Site, scope: Scope, said: Said) -> Expression | Literal[False] | None:
    """The condition behind `for each`; None where none is written, False when it was reported."""
    node = said.match.node("where")
    return None if node is None else condition(site, scope, node) or False


def _with(scope: Scope, readable: Mapping[str, Readable]) -> Scope:
    return replace(scope, variables={**scope.variables, **readable})
