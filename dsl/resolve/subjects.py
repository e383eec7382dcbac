"""What stands behind `for each`: things of a type, groups of them, or pairs of two types; and what rules bind that are about faults."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from dsl.fitted import fitted
from dsl.match import Match, Mismatch
from dsl.program import Binding, FactType
from dsl.resolve.clauses import unknown
from dsl.resolve.common import common_fields, grouping_fields
from dsl.resolve.known import Group, Known, Readable
from dsl.resolve.scope import thing_named
from dsl.resolve.site import Site
from dsl.syntax import Word

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
    declared, subject = known.of("detection").get(detection), known.subjects[detection]
    if declared is None or subject is None:
        return None
    clause = next((one for one in declared.clause.body or () if one.word == "for"), None)
    if clause is None:
        return {subject: thing_named(known, subject)} if subject else {}
    if len(clause.items) == 2 and subject in known.types and subject not in known.unclear | known.lost:
        return {subject: thing_named(known, subject)}  # `for each TYPE`
    forms = known.lexicon.forms("for", ("detection",))
    match = fitted(forms[0].shape, clause)
    found = None if isinstance(match, Mismatch) else read_binding(Site(declared.block, known, []), match)
    if found is None:
        return None
    kinds = [found.type, *(kind for kind, _ in found.joined)]
    own = replace(found, name=found.type, joined=tuple((kind, kind) for kind in kinds[1:]))
    # Of two things of one type the type's name says neither.
    return {name: what for name, what in readables(known, own).items() if kinds.count(name) == 1}
