"""By which values facts are told apart, and found: equal values give the same key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from engine.analysis.compile import Predicate
from engine.analysis.written import written

Key = tuple[Any, ...]


def key_of(
    predicates: Iterable[Predicate], values: Mapping[str, Any], singles: Mapping[str, Any], now: float
) -> Key | None:
    """The values of these expressions; None where one of them is unknown."""
    found = [alike(predicate.test(values, singles, now)) for predicate in predicates]
    return None if None in found else tuple(found)


def alike(value: object) -> Any:
    """Something that can be a key; a flag is not the number that Python takes it for."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ("flag", value)
    if isinstance(value, (int, float)):
        return float(value)
    return ("other", json.dumps(value, sort_keys=True, default=str))


def path_of(name: str) -> tuple[str, ...]:
    """The path of a field by which facts are told apart; `labels.tier` is a member of a map."""
    return tuple(name.split("."))


def roots_of(names: Iterable[str]) -> frozenset[str]:
    """The fields in which these paths begin."""
    return frozenset(path_of(name)[0] for name in names)


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are read by their paths: those of members of a map together in that map."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        *above, last = path_of(name)
        place = found
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return found


def name_of(values: Iterable[object]) -> str | None:
    """The key of a fact that is made of these values; None where one is unknown, or is no single value."""
    found = list(values)
    if any(value is None or isinstance(value, (list, tuple, dict)) for value in found):
        return None
    return ", ".join(map(written, found))
