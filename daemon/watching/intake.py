"""From a probe's reply to facts: which items there are, which fact each is, which value each field has."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from daemon.probes.probe import ProbeFailure, Reply
from daemon.watching.look import valued
from dsl.operators import walk
from dsl.program import FactField, FactType
from engine.analysis.written import written

FACTS_LIMIT = 10_000

Values = dict[str, object]
Warn = Callable[[str, str], None]  # about what (a field), and the whole sentence


class Unfit(Exception):
    """A value is not of the field's type."""


@dataclass(slots=True)
class Taken:
    """Key to values, in the order of the source. `ignored` counts values of fields that the type does not declare,
    `unusable` items without a key, `surplus` items beyond the limit."""

    facts: dict[str, Values] = field(default_factory=dict)
    ignored: int = 0
    unusable: int = 0
    surplus: int = 0


def taken(reply: Reply, path: Sequence[str | int], kind: FactType, now: float, warn: Warn) -> Taken:
    """The facts of a reply. Raises ProbeFailure when it holds nothing that could be facts."""
    found = walk(reply, path)
    if found is None:
        raise ProbeFailure(f"the reply has no {'.'.join(map(str, path)) or 'value'}")
    return taken_of(_items(found, kind), kind, now, warn)


def taken_of(items: Iterable[object], kind: FactType, now: float, warn: Warn) -> Taken:
    """The facts of these items."""
    result = Taken()
    for number, item in enumerate(items):
        if number >= FACTS_LIMIT:
            result.surplus += 1
        else:
            _take(item, kind, now, warn, result)
    return result


def _items(found: object, kind: FactType) -> Iterable[object]:
    """A list: its items. An object of objects: its members, each with its name in the first key field. Another object: itself."""
    if isinstance(found, (list, tuple)):
        return found
    if not isinstance(found, Mapping):
        raise ProbeFailure(f"the reply holds {_what(found)} where a list or an object should be")
    if all(isinstance(member, Mapping) for member in found.values()):
        first = kind.keys[0].name if kind.keys else "name"
        return ({**member, first: name} for name, member in found.items())
    return (found,)


def _take(item: object, kind: FactType, now: float, warn: Warn, result: Taken) -> None:
    if not isinstance(item, Mapping):
        item = {kind.keys[0].name: item} if len(kind.keys) == 1 else {}
    values = {one.name: _value(one, item, now, warn) for one in (*kind.keys, *kind.fields)}
    key = _key([values[one.name] for one in kind.keys])
    if key is None:
        result.unusable += 1
        warn("key", f"an item has no usable {', '.join(one.name for one in kind.keys)}, and is left out")
        return
    result.facts[key] = values
    result.ignored += sum(name not in values for name in item)


def _key(parts: list[object]) -> str | None:
    if any(part is None or isinstance(part, (list, dict)) for part in parts):
        return None
    return ", ".join(written(part) for part in parts)


def _value(one: FactField, item: Mapping[str, object], now: float, warn: Warn) -> object:
    given = item.get(one.name) if one.computed is None else valued(one.computed, {"item": item}, now)
    if given is None:
        if one.computed is None and one.name in item:
            warn(one.name, f"{one.name} is null, and counts as unknown")
        return None
    try:
        return fitted(one, given)
    except Unfit as error:
        warn(one.name, f"{one.name} is {error}, and counts as unknown")
        return None


def fitted(one: FactField, given: object) -> object:
    """The value in the field's own units: numbers as floats, times as seconds since 1970. Raises Unfit."""
    if one.choices:
        return _choice(one.choices, given)
    return _FITTERS.get(one.type, _number)(given)


def _choice(choices: tuple[str, ...], given: object) -> str:
    if isinstance(given, str) and given in choices:
        return given
    raise Unfit(f"{_what(given)} that is none of {', '.join(choices)}")


def _number(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise Unfit(f"{_what(given)}, not a number")
    try:
        number = float(given)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unfit("a number out of range")
    return number


def _time(given: object) -> float:
    if not isinstance(given, str):
        return _number(given)
    try:
        moment = datetime.fromisoformat(given.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise Unfit("a text that is no time (ISO-8601, or seconds since 1970)") from None


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise Unfit(f"{_what(given)}, not true or false")
    return given


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise Unfit(f"{_what(given)}, not a text")
    return given


def _list(given: object) -> list[object]:
    if not isinstance(given, (list, tuple)):
        raise Unfit(f"{_what(given)}, not a list")
    return list(given)


def _map(given: object) -> dict[str, object]:
    if not isinstance(given, Mapping):
        raise Unfit(f"{_what(given)}, not a map")
    return dict(given)


# All other types are numbers: number percent duration size, and their quotients.
_FITTERS: Mapping[str, Callable[[object], object]] = {
    "any": lambda given: given,
    "flag": _flag,
    "histogram": _map,
    "list": _list,
    "map": _map,
    "text": _text,
    "time": _time,
}


def _what(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case Mapping():
            return "an object"
        case None:
            return "nothing"
        case _:
            return "a list"
