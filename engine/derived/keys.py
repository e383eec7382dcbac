"""By which values facts are told apart, and found: equal values give the same key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dsl.expressions import Field
from dsl.operators import walk
from engine.analysis.compile import Predicate
from engine.analysis.form import Path
from engine.analysis.written import written
from engine.derived.telling import World

Key = tuple[Any, ...]
KeyOf = Callable[[Mapping[str, Any]], Key | None]  # of a fact with these values; None: part of it is unknown


def key_by(predicates: Sequence[Predicate], world: World) -> KeyOf:
    """The values of these expressions. Most are plain fields, which are read where they stand."""
    paths = [path for one in predicates if (path := _path(one))]
    if len(paths) == len(predicates):
        return key_at(paths)
    return lambda values: _keyed([one.test(values, world.singles, world.clock()) for one in predicates])


def _path(predicate: Predicate) -> Path:
    """Where it stands among the values of its subject, if it is nothing else."""
    found = predicate.expression
    return found.path if isinstance(found, Field) and found.subject == predicate.subject else ()


def key_at(paths: Sequence[Path]) -> KeyOf:
    """The values at these paths."""
    if len(paths) == 1 and len(paths[0]) == 1:
        return _key_in(str(paths[0][0]))

    def key_of(values: Mapping[str, Any]) -> Key | None:
        found = []
        for path in paths:
            value: Any = values
            for step in path:
                value = value.get(step) if value.__class__ is dict else walk(value, (step,))
            if value.__class__ is not str and value.__class__ is not float:
                value = alike(value)
                if value is None:
                    return None
            found.append(value)
        return tuple(found)

    return key_of


def _key_in(name: str) -> KeyOf:
    """The quick way, for one field of the fact itself."""

    def key_of(values: Mapping[str, Any]) -> Key | None:
        value = values.get(name)
        if value.__class__ is not str:
            value = alike(value)
        return None if value is None else (value,)

    return key_of


def _keyed(values: Iterable[object]) -> Key | None:
    found = []
    for value in values:
        plain = value.__class__ is str or value.__class__ is float
        found.append(value if plain else alike(value))
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
