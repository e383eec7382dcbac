"""A count of which only bounds are known, compared (meaning 5): `count(P) >= n` is decided as soon as its bounds decide it."""

from __future__ import annotations

from math import inf
from typing import Any

from dsl.expressions import And, Compare, Constant, Expression, Not, Or
from dsl.operators import all_true, any_true, opposite, ordered

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_UNKNOWN = Constant(None)
# The side of a value of which only the other bound is known: infinite, not unknown, so that what cannot be is false.
NO_LEAST, NO_MOST = -inf, inf


def decided(operator: str, least: Expression, most: Expression, other: Expression) -> Expression:
    """The comparison of a count between `least` and `most` with another value, as a condition over its bounds."""
    if operator in (">=", ">"):
        possible = And((Compare(operator, most, other), _UNKNOWN))
        return Or((Compare(operator, least, other), possible))
    if operator in ("<", "<="):
        return Not(decided(">=" if operator == "<" else ">", least, most, other))
    exact = And((Compare("==", least, other), Compare("==", most, other)))
    possible = And((Compare("<=", least, other), Compare(">=", most, other), _UNKNOWN))
    equal = Or((exact, possible))
    return equal if operator == "==" else Not(equal)


def compared(operator: str, least: float, most: float, other: Any) -> bool | None:
    """The same, worked out."""
    if operator in (">=", ">"):
        possible = all_true([ordered(operator, most, other, None), None])
        return any_true([ordered(operator, least, other, None), possible])
    if operator in ("<", "<="):
        return opposite(compared(">=" if operator == "<" else ">", least, most, other))
    within = [ordered("<=", least, other, None), ordered(">=", most, other, None)]
    exact = True if least == most and all_true(within) is True else None
    equal = False if all_true(within) is False else exact
    return equal if operator == "==" else opposite(equal)
