"""`on fault …`: which faults are meant, and what is bound when one of them is raised."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Literal

from msgspec.structs import replace

from dsl.expressions import Expression
from dsl.program import Recovery
from dsl.resolve.clauses import Said
from dsl.resolve.expression import condition
from dsl.resolve.known import Declared, Known, Readable
from dsl.resolve.possible import Detections
from dsl.resolve.scope import Scope, binding
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.subjects import bound_by
from dsl.syntax import Word
from dsl.vocabulary.facts import SINGLE

_SORTS = ("fault", "exhausted")
NO_RECOVERIES: Mapping[str, Recovery] = MappingProxyType({})
PASSING = ("fault", "recovery")  # what is bound only while there is such a fault


def names(site: Site, said: Said) -> tuple[str, ...] | None:
    """The detections that are named, perhaps none; None when it was reported."""
    nodes = [node for node in said.match.nodes("detections") if isinstance(node, Word)]
    known = [is_declared(site, node, "detection") for node in nodes]
    return tuple(dict.fromkeys(node.name for node in nodes)) if all(known) else None


def written(declared: Declared) -> tuple[str, tuple[str, ...]]:
    """`fault` or `exhausted`, and the names behind it; "" where the rule waits for neither. Nothing is reported here."""
    text = declared.block.text
    if (
        "fault" not in text and "exhausted" not in text
    ):  # so with most rules, and this is asked of all of them
        return "", ()
    on = next((clause for clause in declared.clause.body or () if clause.word == "on"), None)
    words = [item.name for item in on.items if isinstance(item, Word)] if on is not None else []
    if words[:1] not in ([sort] for sort in _SORTS):
        return "", ()
    end = words.index("where") if "where" in words else len(words)
    return words[0], tuple(words[1:end])


def taken_over(declared: Declared) -> tuple[str, ...]:
    """The recoveries whose faults it takes over, as written."""
    sort, names = written(declared) if "exhausted" in declared.block.text else ("", ())
    return names if sort == "exhausted" else ()


def given_up_before(known: Known, declared: Declared) -> set[str]:
    """The recoveries that have to have given up a fault before the rule begins, one after the other, as written."""
    found: set[str] = set()
    waiting = list(taken_over(declared))
    while waiting:
        name = waiting.pop()
        before = known.of("recovery").get(name)
        if name not in found:
            found.add(name)
            waiting.extend(taken_over(before) if before else ())
    return found


def awaited(known: Known, declared: Declared) -> set[str]:
    """The detections whose faults it waits for by name, itself or through recoveries, as written."""
    sort, names = written(declared)
    if sort != "exhausted":
        return set(names)
    recoveries = (known.of("recovery").get(name) for name in given_up_before(known, declared))
    rest = [written(one) for one in recoveries if one is not None]
    return {name for sort, names in rest if sort == "fault" for name in names}


def condition_over_fault(site: Site, said: Said) -> Expression | Literal[False] | None:
    """The condition over `fault`; None where none is written, False when it was reported."""
    node = said.match.node("where")
    if node is None:
        return None
    return condition(site, binding(site.known, {"fault": "fault"}), node) or False


def scope(site: Site, names: Collection[str], where: Expression | None, detections: Detections) -> Scope:
    """`fault`, `recovery`, and what all detections that may raise such a fault bind, by the name of its type."""
    common, whole = _common(site.known, names) if names else _common_of(site.known, where, detections)
    inner = binding(site.known, {"fault": "fault", "recovery": "recovery"})
    return replace(inner, variables={**inner.variables, **common}, unclear=not whole)


def _common(known: Known, names: Collection[str]) -> tuple[dict[str, Readable], bool]:
    """What all these detections bind, and whether that is known of each."""
    found = [bound_by(known, name) for name in sorted(set(names))]
    whole = [one for one in found if one is not None]
    first = whole[0].items() if whole else ()
    common = {name: what for name, what in first if all(one.get(name) == what for one in whole[1:])}
    return common, len(whole) == len(found)


def _common_of(
    known: Known, where: Expression | None, detections: Detections
) -> tuple[dict[str, Readable], bool]:
    """The same of all for whose faults the condition can hold."""
    meant = detections.meant(where)
    if meant not in detections.bound:
        names = [one.head.name for one in detections.of(meant)]
        detections.bound[meant] = _common(known, names)
    found: tuple[dict[str, Readable], bool] = detections.bound[meant]
    return found


def scope_of_recoveries(
    site: Site, names: Collection[str], recoveries: Mapping[str, Recovery], detections: Detections
) -> Scope | None:
    """What is bound when one of the recoveries named has nothing left to try; None where one of them is not among `recoveries`."""
    if any(name not in recoveries for name in names):
        return None
    scopes = [
        scope(site, rule.detections, rule.where, detections) for rule in _first_owners(names, recoveries)
    ]
    common = set.intersection(*(set(one.variables) for one in scopes))
    shared = {name: scopes[0].variables[name] for name in sorted(common)}
    return replace(scopes[0], variables=shared, unclear=any(one.unclear for one in scopes))


def _first_owners(names: Collection[str], recoveries: Mapping[str, Recovery]) -> list[Recovery]:
    """The recoveries that had the faults first which these took over, one from the other, or these themselves."""
    found: dict[str, Recovery] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = recoveries[name]
            waiting.extend(found[name].exhausted)
    return [found[name] for name in sorted(found) if not found[name].exhausted]


def subject_of(scope: Scope) -> str | None:
    """The type of what a fault is about that was raised for one of these faults: "" for the host, None where nobody knows."""
    kinds = subjects_of(scope)
    return None if kinds is None else next(iter(kinds), "")


def subjects_of(scope: Scope) -> Mapping[str, Readable] | None:
    """What such a fault is about, by the names of types; None where nobody knows."""
    if scope.unclear:
        return None
    return {name: what for name, what in scope.variables.items() if name not in (*PASSING, *SINGLE)}


def unclear(scope: Scope) -> Scope:
    """What is bound could not be read."""
    return replace(scope, unclear=True)
