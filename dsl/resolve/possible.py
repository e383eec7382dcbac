"""Whether a condition over `fault` can hold for the faults of a detection: what is known of them now is enough to say no.

Of a detection only its name, its category and its severities are asked. So a condition is not held against every detection, but against
one of each category and severity, and against those that it names: rules for any fault cost what they say, and not what there is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import merge
from typing import Any, NamedTuple

from dsl.expressions import And, Compare, Constant, Expression, Field, Not, Or, nodes_of
from dsl.program import SEVERITIES, Detection

Kind = tuple[str, tuple[str, ...]]  # category and severities

_NAME = Field("fault", ("name",))


def kind_of(detection: Detection) -> Kind:
    return detection.category, tuple(tier.severity for tier in detection.tiers) or (detection.severity,)


def can_hold(where: Expression, detection: Detection) -> bool:
    """With tiers, whether it can hold in one of them."""
    return _can_hold(where, detection.head.name, kind_of(detection))


def _can_hold(where: Expression, name: str, kind: Kind) -> bool:
    category, severities = kind
    return any(_verdict(where, _Fault(name, category, severity)) is not False for severity in severities)


class Meant(NamedTuple):
    """The detections of these kinds, less those in `but`, and those in `names`."""

    kinds: frozenset[Kind]
    names: frozenset[str]
    but: frozenset[str]

    def has(self, detection: Detection) -> bool:
        name = detection.head.name
        return name in self.names or (kind_of(detection) in self.kinds and name not in self.but)


class Detections:
    """Those whose faults a rule may be for. They are arranged when they are first asked for: most rules name theirs.

    `bound` is what was found out of some together.
    """

    def __init__(self, found: Sequence[Detection] = ()) -> None:
        self.bound: dict[Meant, Any] = {}
        self._found = found

    @cached_property
    def by_name(self) -> Mapping[str, Detection]:
        return {one.head.name: one for one in self._found}

    @cached_property
    def _by_kind(self) -> Mapping[Kind, Sequence[Detection]]:
        found: dict[Kind, list[Detection]] = {}
        for one in self.by_name.values():
            found.setdefault(kind_of(one), []).append(one)
        return found

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.by_name)}

    def meant(self, where: Expression | None) -> Meant:
        """Those for whose faults the condition can hold."""
        if where is None:
            return Meant(frozenset(self._by_kind), frozenset(), frozenset())
        named = _named(where)
        if named is None:
            names = frozenset(name for name, one in self.by_name.items() if can_hold(where, one))
            return Meant(frozenset(), names, frozenset())
        nobody = max(named, key=len, default="") + "?"
        kinds = frozenset(kind for kind in self._by_kind if _can_hold(where, nobody, kind))
        there = [self.by_name[name] for name in named if name in self.by_name]
        names = frozenset(one.head.name for one in there if can_hold(where, one))
        return Meant(kinds, names, named - names)

    def of(self, meant: Meant) -> Iterator[Detection]:
        """Each once, in their order."""
        named = sorted(meant.names, key=self._order.__getitem__)
        apart = meant.names | meant.but
        return merge(
            [self.by_name[name] for name in named],
            *((one for one in self._by_kind[kind] if one.head.name not in apart) for kind in meant.kinds),
            key=lambda one: self._order[one.head.name],
        )


NO_DETECTIONS = Detections()


def _named(where: Expression) -> frozenset[str] | None:
    """The detections that a condition tells from all others; None where it may tell them apart otherwise."""
    found: set[str] = set()
    for node in nodes_of(where):
        if isinstance(node, Compare) and _NAME in (node.left, node.right):
            names = _names(node)
            if names is None:
                return None
            found.update(names)
    return frozenset(found)


def _names(node: Compare) -> Collection[str] | None:
    """The names that the name of the fault is compared with."""
    other = node.right if node.left == _NAME else node.left
    value = other.value if isinstance(other, Constant) else None
    if node.operator in ("==", "!=") and isinstance(value, str):
        return (value,)
    if node.operator == "in" and node.left == _NAME and isinstance(value, tuple):
        return [one for one in value if isinstance(one, str)]
    return () if node.operator in ("contains", "matches") else None


# --- one detection ----------------------------------------------------------------------------------------------------


class _Fault(NamedTuple):
    name: str
    category: str
    severity: str


def _verdict(node: Expression, fault: _Fault) -> bool | None:
    """True, false, or None where it depends on the fault."""
    match node:
        case And(operands):
            found = [_verdict(operand, fault) for operand in operands]
            return False if False in found else None if None in found else True
        case Or(operands):
            found = [_verdict(operand, fault) for operand in operands]
            return True if True in found else None if None in found else False
        case Not(operand):
            inner = _verdict(operand, fault)
            return None if inner is None else not inner
        case Compare(operator, left, right):
            return _compared(operator, _value(left, fault), _value(right, fault))
        case _:
            return None


def _value(node: Expression, fault: _Fault) -> object | None:
    match node:
        case Constant(value):
            return value
        case Field("fault", ("name",)):
            return fault.name
        case Field("fault", ("category",)):
            return fault.category
        case Field("fault", ("severity",)):
            return fault.severity
        case _:
            return None


def _compared(operator: str, left: object | None, right: object | None) -> bool | None:
    if left is None or right is None:
        return None
    if operator in ("==", "!="):
        return (left == right) is (operator == "==")
    if operator == "in" and isinstance(right, tuple):
        return left in right
    if left in SEVERITIES and right in SEVERITIES:
        ranks = SEVERITIES.index(str(left)), SEVERITIES.index(str(right))
        return {
            "<": ranks[0] < ranks[1],
            "<=": ranks[0] <= ranks[1],
            ">": ranks[0] > ranks[1],
            ">=": ranks[0] >= ranks[1],
        }.get(operator)
    return None
