"""The operators of the language on plain values, None being unknown. The slow and obvious meaning of every operator.

An operation on values of the wrong type is unknown (meaning 6), as is a division by zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import isfinite
from operator import add, mod, mul, sub, truediv

Value = object


def walk(value: Value, path: Sequence[str | int]) -> Value:
    """The member at a path, unknown where there is none."""
    for step in path:
        if isinstance(value, (dict, Mapping)):  # what most are is asked first, for it is quick to see
            value = value.get(step)
        elif isinstance(value, (list, tuple)) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def number(value: Value) -> float | int | None:
    """The value, if it is a number; a flag is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return None


def equal(left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return _plain(left) == _plain(right)


def _plain(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


def ordered(operator: str, left: Value, right: Value, order: Sequence[str] | None) -> bool | None:
    """`< <= > >=` on numbers, or on texts of a closed set in its written order."""
    if order is not None:
        left, right = rank(left, order), rank(right, order)
    first, second = number(left), number(right)
    if first is None or second is None:
        return None
    if operator == "<":
        return first < second
    if operator == "<=":
        return first <= second
    if operator == ">":
        return first > second
    return first >= second


def rank(value: Value, order: Sequence[str]) -> int | None:
    return order.index(value) if isinstance(value, str) and value in order else None


def member(left: Value, right: Value) -> bool | None:
    """`left in right`: in a list, or as a key of a map, or a text in a text."""
    if left is None or right is None:
        return None
    if isinstance(right, str):
        return left in right if isinstance(left, str) else None
    if isinstance(right, Mapping):
        return left in right if isinstance(left, str) else None
    if not isinstance(right, (list, tuple)):
        return None
    verdicts = [equal(left, element) for element in right]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def matches(text: Value, pattern: Value) -> bool | None:
    """The whole text matches the regular expression."""
    if not isinstance(text, str) or not isinstance(pattern, str):
        return None
    try:
        return compiled(pattern).fullmatch(text) is not None
    except re.error:  # one that comes from a fact; those of rules were checked
        return None


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def compared(operator: str, left: Value, right: Value, order: Sequence[str] | None) -> bool | None:
    """One comparison of the language; `order` is the closed set whose written order `<` follows."""
    match operator:
        case "==":
            return equal(left, right)
        case "!=":
            return opposite(equal(left, right))
        case "in":
            return member(left, right)
        case "contains":
            return member(right, left)
        case "matches":
            return matches(left, right)
    return ordered(operator, left, right, order)


_OPERATIONS: Mapping[str, Callable[[float, float], float]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
    "mod": mod,
}


def calculated(operator: str, left: Value, right: Value) -> float | None:
    first, second = number(left), number(right)
    if first is None or second is None:
        return None
    try:
        result = _OPERATIONS[operator](first, second)
        return result if isfinite(result) else None
    except ArithmeticError:  # a division by zero, or more than a number can hold
        return None


def negated(value: Value) -> float | None:
    plain = number(value)
    return None if plain is None else -plain


def all_true(verdicts: Sequence[Value]) -> bool | None:
    """Kleene's and: false if any is false, else unknown if any is unknown (or no flag at all)."""
    if any(verdict is False for verdict in verdicts):
        return False
    return True if all(verdict is True for verdict in verdicts) else None


def any_true(verdicts: Sequence[Value]) -> bool | None:
    if any(verdict is True for verdict in verdicts):
        return True
    return False if all(verdict is False for verdict in verdicts) else None


def opposite(verdict: Value) -> bool | None:
    return (not verdict) if isinstance(verdict, bool) else None
