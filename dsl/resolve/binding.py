"""`for each TYPE …`: what a rule, a step or a derived fact is about: things of a type, groups of them, or pairs of two types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from dsl.expressions import Expression
from dsl.lexicon import Families
from dsl.match import Match, Mismatch, match_clause
from dsl.program import Binding, FactType
from dsl.resolve.clauses import Body, Said, unknown
from dsl.resolve.common import common_fields, grouping_fields
from dsl.resolve.expression import condition
from dsl.resolve.known import Group, Known, Readable
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


# --- which types ------------------------------------------------------------------------------------------------------


def read_binding(site: Site, match: Match) -> Binding | None:
    """Without its condition; None when it was reported."""
    parts = match.parts("subjects")
    kinds = [_kind(site, part) for part in parts]
    whole = [one for one in kinds if one is not None]
    names = _names(site, parts)
    if len(whole) != len(kinds) or names is None or not _belong_together(site, match, names):
        return None
    by = grouping_fields(site, whole[0], match.nodes("by"))
    matching = common_fields(site, whole, match.nodes("matching"))
    if by is None or matching is None:
        return None
    joined = tuple((kind.name, name) for kind, name in zip(whole[1:], names[1:], strict=True))
    return Binding(whole[0].name, names[0], by=by, joined=joined, matching=matching)


def _kind(site: Site, part: Match) -> FactType | None:
    node = part.node("type")
    if not isinstance(node, Word) or node.name in site.known.unclear or node.name in site.known.lost:
        return None
    if node.name not in site.known.types:
        unknown(site, "V206", f"there is no fact type `{node.name}`", node.name, node, list(site.known.types))
    return site.known.types.get(node.name)


def _names(site: Site, parts: tuple[Match, ...]) -> list[str] | None:
    """How each is called; None when it was reported."""
    found: list[str] = []
    for part in parts:
        name = part.word("name") or part.word("type") or ""
        if name in found:
            help_ = "give one of them another name, as in `agent as other`"
            site.report("V207", f"two of them are called `{name}`", (part.start, part.end), help=help_)
            return None
        found.append(name)
    return found


def _belong_together(site: Site, match: Match, names: list[str]) -> bool:
    by, matching = match.nodes("by"), match.nodes("matching")
    if len(names) > 1 and by:
        site.report("V111", "groups are made of one type", by[0], help="take `by` away, or the other types")
    elif len(names) > 1 and not matching:
        site.report(
            "V209",
            f"which {names[1]} belongs to which {names[0]}?",
            match.parts("subjects")[1].node("type") or (match.start, match.end),
            help=f"say what they have in common: `for each {', '.join(names)} matching FIELD`",
        )
    elif len(names) == 1 and matching:
        site.report(
            "V111",
            "`matching` joins two types, and there is one",
            matching[0],
            help="groups are made by `by`",
        )
    else:
        return True
    return False


# --- what can be read -------------------------------------------------------------------------------------------------


def _with(scope: Scope, readable: Mapping[str, Readable]) -> Scope:
    for name, what in readable.items():
        scope = scope.with_variable(name, what)
    return scope


def things_bound(known: Known, binding: Binding) -> dict[str, Readable]:
    """By name, the single things; of groups, a member."""
    kinds = {binding.name: binding.type} | {name: kind for kind, name in binding.joined}
    return {name: thing_named(known, kind) for name, kind in kinds.items()}


def readables(known: Known, binding: Binding) -> dict[str, Readable]:
    """By name, what the rule is about."""
    if not binding.by:
        return things_bound(known, binding)
    paths = tuple(tuple(path.split(".")) for path in binding.by)
    return {binding.name: Group(binding.type, thing_named(known, binding.type).fields, paths)}


def bound_by(known: Known, detection: str) -> Mapping[str, Readable] | None:
    """What a rule binds that is about its faults: by the names of types. None where that could not be read, which was reported there."""
    if detection not in known.bound:
        known.bound[detection] = _bound_by(known, detection)
    return known.bound[detection]


def _bound_by(known: Known, detection: str) -> Mapping[str, Readable] | None:
    declared, subject = known.of("detection").get(detection), known.subjects.get(detection)
    if declared is None or subject is None:
        return None
    clause = next((one for one in declared.clause.body or () if one.word == "for"), None)
    if clause is None:
        return {subject: thing_named(known, subject)} if subject else {}
    forms = known.lexicon.forms("for", ("detection",))
    match = match_clause(forms[0].shape, clause)
    found = None if isinstance(match, Mismatch) else read_binding(Site(declared.block, known, []), match)
    if found is None:
        return None
    own = replace(found, name=found.type, joined=tuple((kind, kind) for kind, _ in found.joined))
    return readables(known, own)
