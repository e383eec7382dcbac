"""A value against the field that it is for: of the type, in the unit, within bounds; or why not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from dsl.program import FactField

LONGEST_TEXT = 1 << 16  # characters, of all texts in the value together
MOST_PARTS = 10_000  # values inside a list or a map
DEEPEST = 16  # lists and maps inside each other
LONGEST_KEY = 1024  # characters
_FIRST_TIME = datetime(
    1, 1, 2, tzinfo=UTC
).timestamp()  # a day from the ends, so that every time zone can write it
_LAST_TIME = datetime(9999, 12, 30, tzinfo=UTC).timestamp()
_WITH_UNIT = re.compile(
    r"\s*[-+]?\d[\d_.,]*(e[-+]?\d+)?\s*(?P<unit>[A-Za-zµ%/]*)\s*", re.ASCII | re.IGNORECASE
)


class Unfit(Exception):
    """A value is not what the field declares. `reason` is one of `daemon.world.refusals.REASONS`, the text says it after `NAME is`."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def fitted(one: FactField, given: object) -> object:
    """The value in the field's own units: numbers as floats, times as seconds since 1970. Raises Unfit."""
    if one.choices:
        return _choice(one.choices, given)
    return _FITTERS.get(one.type, _number)(given)


def _choice(choices: tuple[str, ...], given: object) -> str:
    if isinstance(given, str) and given in choices:
        return given
    raise Unfit("not_a_choice", f"{what(given)} that is none of {', '.join(choices)}")


def _number(given: object) -> float:
    if isinstance(given, str):
        raise _text_for_number(given)
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise Unfit("wrong_type", f"{what(given)}, not a number")
    try:
        number = float(given)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unfit("not_finite", "a number out of range")
    return number


def _text_for_number(given: str) -> Unfit:
    found = _WITH_UNIT.fullmatch(given[:100])
    if found is not None and found["unit"] and len(given) <= 100:
        return Unfit("wrong_unit", "a text with a unit, not a number in the unit of the field")
    return Unfit("wrong_type", "a text, not a number")


def _not_below_zero(given: object, otherwise: str) -> float:
    number = _number(given)
    if number < 0:
        raise Unfit("out_of_bounds", otherwise)
    return number


def _size(given: object) -> float:
    return _not_below_zero(given, "a size below nothing")


def _time(given: object) -> float:
    if not isinstance(given, str):
        number = _number(given)
        if not _FIRST_TIME <= number <= _LAST_TIME:
            raise Unfit("wrong_unit", "no time in seconds since 1970 (milliseconds?)")
        return number
    try:
        moment = datetime.fromisoformat(given[:100].strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise Unfit("wrong_type", "a text that is no time (ISO-8601, or seconds since 1970)") from None


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise Unfit("wrong_type", f"{what(given)}, not true or false")
    return given


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise Unfit("wrong_type", f"{what(given)}, not a text")
    return _bounded_text(given)


def _bounded_text(given: str) -> str:
    if len(given) > LONGEST_TEXT:
        raise Unfit("too_long", f"a text of more than {LONGEST_TEXT} characters")
    if not given.isascii():
        try:
            given.encode()
        except UnicodeEncodeError:
            raise Unfit("wrong_type", "a text with half a character") from None
    return given


def _list(given: object) -> object:
    if not isinstance(given, (list, tuple)):
        raise Unfit("wrong_type", f"{what(given)}, not a list")
    return any_value(given)


def _map(given: object) -> object:
    if not isinstance(given, Mapping):
        raise Unfit("wrong_type", f"{what(given)}, not a map")
    return any_value(given)


def _histogram(given: object) -> object:
    """Upper bounds, as texts, to how many there were below."""
    if not isinstance(given, Mapping):
        raise Unfit("wrong_type", f"{what(given)}, not a histogram")
    if len(given) > MOST_PARTS:
        raise Unfit("too_long", f"a histogram of more than {MOST_PARTS} buckets")
    return {_bound(bound): _count(count) for bound, count in given.items()}


def _bound(given: object) -> str:
    try:
        if isinstance(given, str) and len(given) <= 100 and not math.isnan(float(given)):
            return given
    except ValueError:
        pass
    raise Unfit("wrong_type", "a histogram with a bound that is no number")


def _count(given: object) -> float:
    return _not_below_zero(given, "a histogram that counts less than nothing")


def any_value(given: object) -> object:
    """The value as JSON has them, with nothing in it that is not finite. Raises Unfit for what is too long, too many or too deep."""
    return _Copying().copied(given, 0)


class _Copying:
    """What is still allowed of one value."""

    def __init__(self) -> None:
        self._parts = MOST_PARTS
        self._characters = LONGEST_TEXT

    def copied(self, given: object, depth: int) -> object:
        self._parts -= 1
        if self._parts < 0:
            raise Unfit("too_long", f"a value of more than {MOST_PARTS} parts")
        if isinstance(given, str):
            return self._text(given)
        if given is None or isinstance(given, bool):
            return given
        if isinstance(given, (int, float)):
            return _number(given)
        if depth >= DEEPEST:
            raise Unfit("too_deep", f"a value nested deeper than {DEEPEST}")
        if isinstance(given, Mapping):
            return {self._name(name): self.copied(part, depth + 1) for name, part in given.items()}
        if isinstance(given, (list, tuple)):
            return [self.copied(part, depth + 1) for part in given]
        raise Unfit("wrong_type", f"a {type(given).__name__}, which JSON does not have")

    def _text(self, given: str) -> str:
        self._characters -= len(given)
        if self._characters < 0:
            raise Unfit("too_long", f"a value of more than {LONGEST_TEXT} characters")
        return _bounded_text(given)

    def _name(self, given: object) -> str:
        if not isinstance(given, str):
            raise Unfit("wrong_type", "a map with a name that is no text")
        return self._text(given)


# All other types are numbers: number percent duration, and quotients.
_FITTERS: Mapping[str, Callable[[object], object]] = {
    "any": any_value,
    "flag": _flag,
    "histogram": _histogram,
    "list": _list,
    "map": _map,
    "size": _size,
    "text": _text,
    "time": _time,
}


def what(value: object) -> str:
    """A value by its type, in words."""
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
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(value).__name__}"
