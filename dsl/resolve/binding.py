"""`for each TYPE [as NAME] [where CONDITION]`: what a rule, or a step, is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from dsl.expressions import Expression
from dsl.lexicon import Families
from dsl.program import Binding
from dsl.resolve.clauses import Body, unknown
from dsl.resolve.expression import condition
from dsl.resolve.known import Known
from dsl.resolve.scope import Scope, thing_named
from dsl.resolve.site import Site
from dsl.syntax import Clause, Word


@dataclass(frozen=True, slots=True)
class Bound:
    """`binding` is None without `for each`. Not `sound`: something was wrong and reported."""

    binding: Binding | None
    scope: Scope
    sound: bool


def resolve_binding(site: Site, scope: Scope, body: Body, families: Families) -> Bound:
    """What the body binds, and what can be read with it."""
    found = _binding(site, body)
    if found is None:
        lost = may_be_lost(site.known, body.clause, families)
        return Bound(None, replace(scope, unclear=True) if lost else scope, not lost)
    inner = scope.with_variable(found.name, thing_named(site.known, found.type))
    where = _where(site, inner, body)
    chosen = None if where is False else where
    return Bound(replace(found, where=chosen), inner, where is not False and not inner.unclear)


def may_be_lost(known: Known, clause: Clause, families: Families) -> bool:
    """Whether something that could not be read may have been `for each`."""
    if clause.broken or clause.incomplete:
        return True
    words = [inner.word for inner in clause.body or ()]
    return any(word == "for" or not known.lexicon.forms(word, families) for word in words)


def _binding(site: Site, body: Body) -> Binding | None:
    """None without `for each`, and where its type was reported."""
    said = body.one("for")
    node = said.match.node("type") if said else None
    if said is None or not isinstance(node, Word):
        return None
    if node.name in site.known.unclear or node.name in site.known.lost:
        return None
    if node.name not in site.known.types:
        unknown(site, "V206", f"there is no fact type `{node.name}`", node.name, node, list(site.known.types))
        return None
    return Binding(node.name, said.match.word("name") or node.name)


def _where(site: Site, scope: Scope, body: Body) -> Expression | Literal[False] | None:
    """The condition behind `for each`; None where none is written, False when it was reported."""
    said = body.one("for")
    node = said.match.node("where") if said else None
    return None if node is None else condition(site, scope, node) or False
