"""Whether a condition over `fault` can hold for the faults of a detection: what is known of them now is enough to say no."""

from __future__ import annotations

from msgspec.structs import replace

from dsl.expressions import And, Compare, Constant, Expression, Field, Not, Or
from dsl.program import SEVERITIES, Detection


def can_hold(where: Expression, detection: Detection) -> bool:
    """With tiers, whether it can hold in one of them."""
    severities = [tier.severity for tier in detection.tiers] or [detection.severity]
    return any(_verdict(where, replace(detection, severity=one)) is not False for one in severities)


def _verdict(node: Expression, detection: Detection) -> bool | None:
    """True, false, or None where it depends on the fault."""
    match node:
        case And(operands):
            found = [_verdict(operand, detection) for operand in operands]
            return False if False in found else None if None in found else True
        case Or(operands):
            found = [_verdict(operand, detection) for operand in operands]
            return True if True in found else None if None in found else False
        case Not(operand):
            inner = _verdict(operand, detection)
            return None if inner is None else not inner
        case Compare(operator, left, right):
            return _compared(operator, _value(left, detection), _value(right, detection))
        case _:
            return None


def _value(node: Expression, detection: Detection) -> object | None:
    match node:
        case Constant(value):
            return value
        case Field("fault", ("name",)):
            return detection.head.name
        case Field("fault", ("category",)):
            return detection.category
        case Field("fault", ("severity",)):
            return detection.severity
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
