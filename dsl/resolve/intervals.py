"""How often what a condition reads is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from dsl.expressions import Aggregate, Expression, Field, Occurrences, children_of, nodes_of
from dsl.program import Agent, Binding, Check, Derive, FactType, Probe
from dsl.vocabulary.facts import SAMPLED_EVERY

_SAMPLED = ("host", "disk")


class Intervals(msgspec.Struct, frozen=True):
    """Fact type to the longest interval, in seconds, at which it is looked at. A type that nothing samples is absent."""

    by_type: Mapping[str, float]

    def longest(self, types: Iterable[str]) -> float:
        return max((self.by_type.get(kind, 0.0) for kind in types), default=0.0)


def intervals(
    probes: Iterable[Probe],
    agents: Iterable[Agent],
    kinds: Iterable[FactType] = (),
    derives: Iterable[Derive] = (),
) -> Intervals:
    """`derives` stand after those that they read."""
    probes = tuple(probes)
    found = dict.fromkeys(_SAMPLED, SAMPLED_EVERY)
    for probe in probes:
        if probe.check.kind == "host":
            found.update(dict.fromkeys(_SAMPLED, probe.check.every))
        elif probe.into:
            found[probe.into] = max(found.get(probe.into, 0.0), probe.check.every)
    checks = [check for agent in agents for check in (agent.health, agent.ready) if isinstance(check, Check)]
    if checks:
        found["agent"] = max(check.every for check in checks)
    if probes:
        found["probe"] = max(probe.check.every for probe in probes)
    scraped = {probe.name: probe.check.every for probe in probes}
    found.update({kind.name: scraped[kind.series_of] for kind in kinds if kind.series_of in scraped})
    for derive in derives:
        found[derive.head.name] = max(found.get(kind, 0.0) for kind in _read_by(derive))
    return Intervals(found)


def _read_by(derive: Derive) -> set[str]:
    names = names_bound(derive.binding)
    return {derive.binding.type}.union(*(types_read(value, names) for _, value in derive.fields))


def names_bound(binding: Binding | None) -> dict[str, str]:
    """The variables of a rule, and the types of what they stand for."""
    if binding is None:
        return {}
    return {binding.name: binding.type} | {name: kind for kind, name in binding.joined}


def types_read(expression: Expression, names: Mapping[str, str]) -> set[str]:
    """The types of the facts that an expression reads; `names` are variables and their types, other names stand for themselves.

    Events are no facts: they are known when they happen.
    """
    found: set[str] = set()
    _gather(expression, names, found)
    return found


def _gather(expression: Expression, names: Mapping[str, str], found: set[str]) -> None:
    if isinstance(expression, Field):
        found.update({names.get(expression.subject, expression.subject)} - {""})
    elif isinstance(expression, Aggregate):
        members = expression.members
        found.add(members.type)
        names = {**names, members.name: members.type}
    elif isinstance(expression, Occurrences):
        names = {**names, expression.name: ""}
    for part in children_of(expression):
        _gather(part, names, found)


def subjects_read(expression: Expression) -> set[str]:
    """The variables whose fields an expression reads."""
    return {field.subject for field in fields_of(expression)}


def fields_of(expression: Expression) -> Iterator[Field]:
    return (node for node in nodes_of(expression) if isinstance(node, Field))
