"""What values may be there at all: by the declared type of a field, by what a function can return."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import msgspec

from dsl.expressions import (
    Aggregate,
    Arithmetic,
    Call,
    Compare,
    Constant,
    During,
    Expression,
    Field,
    Foresight,
    Learned,
    ListOf,
    MapOf,
    Negative,
    Occurrences,
    Template,
    Window,
)
from dsl.program import FactField, FactType
from dsl.proofs import domain as d
from dsl.proofs.domain import Domain

_OF_TYPE = {
    "number": d.NUMBER,
    "percent": d.NUMBER,
    "duration": d.NUMBER,
    "size": d.NUMBER,
    "time": d.NUMBER,
    "flag": d.FLAG,
    "text": d.TEXT,
    "list": d.MEMBERS,
    "map": d.MEMBERS,
}
_PART, _POSITIVE = d.between(0.0, 1.0), d.between(0.0, inf)
# What volexd samples itself lies in these bounds. What others report may be anything of its type.
_BUILT_IN = {
    **{
        (kind, name): _PART
        for kind, names in (("host", "cpu memory swap"), ("disk", "usage inodes"), ("swarm", "available"))
        for name in names.split()
    },
    **{
        (kind, name): _POSITIVE
        for kind, names in (
            ("host", "load uptime"),
            ("disk", "free total"),
            ("agent", "latency age pid restarts descriptors threads cpu memory"),
            ("swarm", "agents up"),
            ("fault", "attempts"),
            ("recovery", "attempt"),
        )
        for name in names.split()
    },
}
_COUNTING = ("count", "distinct", "changes", "age", "stddev", "increase", "rate")
_DECIDING = ("any", "all", "no", "absent")
_CALCULATED = ("sum", "avg", "min", "max", "delta", "slope")


class World(msgspec.Struct, frozen=True):
    """`types` is variable to fact type; of a variable that is not there nothing is known.

    `domains` remembers what was worked out, by type and field; worlds of one program may share it.
    """

    types: Mapping[str, FactType] = msgspec.field(default_factory=dict)
    domains: dict[tuple[str, str | int], Domain] = msgspec.field(default_factory=dict)

    def field_type(self, node: Field) -> FactField | None:
        kind = self.types.get(node.subject)
        if kind is None or len(node.path) != 1:
            return None
        return next((one for one in (*kind.fields, *kind.keys) if one.name == node.path[0]), None)

    def domain(self, term: Expression) -> Domain:
        """What its value may be, before anything is asked of it."""
        match term:
            case Field():
                return self._of_field(term)
            case Arithmetic() | Negative():
                return d.NUMBER
            case Compare():
                return d.FLAG
            case Template():
                return d.known(d.TEXT)
            case ListOf() | MapOf():
                return d.known(d.MEMBERS)
            case Constant(value):
                return d.equal_to(d.ANYTHING, value)
            case _:
                return _of_function(term)

    def _of_field(self, node: Field) -> Domain:
        kind = self.types.get(node.subject)
        if kind is None or len(node.path) != 1:
            return d.ANYTHING
        found = self.domains.get((kind.name, node.path[0]))
        if found is None:
            found = self.domains[kind.name, node.path[0]] = self._worked_out(kind, node)
        return found

    def _worked_out(self, kind: FactType, node: Field) -> Domain:
        bounds = _BUILT_IN.get((kind.name, str(node.path[0]))) if kind.builtin else None
        if bounds is not None:
            return bounds
        declared = self.field_type(node)
        if declared is None:
            return d.ANYTHING
        return d.one_of(declared.choices) if declared.choices else _OF_TYPE.get(declared.type, d.ANYTHING)


def _of_function(term: Expression) -> Domain:
    match term:
        case Call("known"):
            return d.known(d.FLAG)
        case Call("since" | "remaining"):
            return d.NUMBER
        case Call("now"):
            return d.known(d.NUMBER)
        case During():
            return d.known(d.FLAG)
        case Learned("duration") | Foresight("time_until") | Occurrences("event" | "fault", function="count"):
            return _POSITIVE
        case Learned() | Foresight("anomaly") | Window("share"):
            return _PART
        case Aggregate(function) | Window(function) if function in _COUNTING:
            return _POSITIVE
        case Aggregate(function) | Window(function) if function in _DECIDING:
            return d.FLAG
        case Aggregate(function) | Window(function) if function in _CALCULATED:
            return d.NUMBER
        case Foresight():
            return d.NUMBER
        case _:
            return d.ANYTHING
