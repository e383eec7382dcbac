"""How often what a condition reads is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    ListOf,
    MapOf,
    Negative,
    Not,
    Or,
    Template,
)
from dsl.program import Agent, Check, Probe
from dsl.vocabulary.facts import SAMPLED_EVERY

_SAMPLED = ("host", "disk")


@dataclass(frozen=True, slots=True)
class Intervals:
    """Fact type to the longest interval, in seconds, at which it is looked at. A type that nothing samples is absent."""

    by_type: Mapping[str, float]

    def longest(self, types: Iterable[str]) -> float:
        return max((self.by_type.get(kind, 0.0) for kind in types), default=0.0)


def intervals(probes: Iterable[Probe], agents: Iterable[Agent]) -> Intervals:
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
    return Intervals(found)


def subjects_read(expression: Expression) -> set[str]:
    """The variables whose fields an expression reads."""
    return {field.subject for field in fields_of(expression)}


def fields_of(expression: Expression) -> Iterator[Field]:
    match expression:
        case Field():
            yield expression
        case Constant():
            return
        case _:
            for inner in children_of(expression):
                yield from fields_of(inner)


def children_of(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case And(operands) | Or(operands):
            return operands
        case Not(operand) | Negative(operand):
            return (operand,)
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return left, right
        case Call(_, arguments):
            return arguments
        case ListOf(elements):
            return elements
        case MapOf(members):
            return tuple(value for _, value in members)
        case Template(parts):
            return tuple(part for part in parts if not isinstance(part, str))
        case _:
            return ()
