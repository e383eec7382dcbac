"""Input held against its JSON schema. The first thing that is wrong is told, with its key, its value and what is allowed.

The schemas use a part of draft 2020-12: type, const, enum, properties, required, additionalProperties, items, bounds, pattern, anyOf
(of simple values), oneOf (of objects that differ in the `const` of their `type`), and $ref to $defs. A test holds them to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from daemon.intelligence.invalid import InvalidCall, none_of, shown
from daemon.suggestion import did_you_mean

Schema = Mapping[str, Any]

LARGEST = 1024 * 1024  # characters, as JSON
DEEPEST = 40

_TYPES: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list | tuple),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}


@cache
def schema(name: str) -> Schema:
    """One of the published schemas, by the name of its file."""
    text = (
        files("daemon.intelligence").joinpath("schemas").joinpath(f"{name}.json").read_text(encoding="utf-8")
    )
    found: Schema = json.loads(text)
    return found


def validate(name: str, key: str, value: object) -> None:
    """InvalidCall if `value`, which the caller knows as `key`, does not fit the schema of that name."""
    _bounded(key, value)
    _check(_Part(name, schema(name)), key, value)


def _bounded(key: str, value: object) -> None:
    try:
        size, depth = len(json.dumps(value, allow_nan=False)), _depth(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidCall(key, f"it is no JSON value: {error}") from None
    if size > LARGEST or depth > DEEPEST:
        raise InvalidCall(
            key, f"it is too large: at most {LARGEST} characters of JSON, {DEEPEST} levels deep"
        )


def _depth(value: object) -> int:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return 1 + max(map(_depth, members), default=0)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a schema, and in which file it stands. Whatever a $ref leads to is followed."""

    file: str
    says: Schema

    def of(self, inner: Schema) -> _Part:
        file = self.file
        while "$ref" in inner:
            place, _, path = str(inner["$ref"]).partition("#/$defs/")
            file = place.removesuffix(".json") or file
            inner = {**schema(file)["$defs"][path], **{name: inner[name] for name in inner if name != "$ref"}}
        return _Part(file, inner)

    def all(self, name: str) -> list[_Part]:
        return [self.of(one) for one in self.says[name]]


def _check(part: _Part, key: str, value: object) -> None:
    if "oneOf" in part.says:
        _check(_alternative(part, key, value), key, value)
    elif "anyOf" in part.says:
        _any(part, key, value)
    else:
        _type(part.says, key, value)
        _bounds(part.says, key, value)
        if isinstance(value, dict):
            _members(part, key, value)
        elif isinstance(value, list | tuple) and "items" in part.says:
            for number, item in enumerate(value):
                _check(part.of(part.says["items"]), f"{key}[{number}]", item)


def _alternative(part: _Part, key: str, value: object) -> _Part:
    """The one whose `type` is that of the value."""
    by_type = {str(one.says["properties"]["type"]["const"]): one for one in part.all("oneOf")}
    if not isinstance(value, dict):
        raise InvalidCall(key, f"{shown(value)} is not an object with a type: {', '.join(by_type)}")
    if "type" not in value:
        raise InvalidCall(f"{key}.type", f"it is missing; it is one of {', '.join(by_type)}")
    if value["type"] not in by_type:
        raise none_of(f"{key}.type", value["type"], list(by_type))
    return by_type[value["type"]]


def _any(part: _Part, key: str, value: object) -> None:
    """Of the one kind of value that was meant, the message is the most useful one."""
    fitting = [one for one in part.all("anyOf") if "anyOf" in one.says or _is(one.says, value)]
    problem: InvalidCall | None = None
    for one in fitting:
        try:
            _check(one, key, value)
            return
        except InvalidCall as error:
            problem = error
    if problem is not None and problem.key != key:
        raise problem
    raise InvalidCall(key, f"{shown(value)} is not {_meaning(part.says)}")


def _type(part: Schema, key: str, value: object) -> None:
    if not _is(part, value):
        raise InvalidCall(key, f"{shown(value)} is not {_meaning(part)}")
    if "const" in part and value != part["const"]:
        raise none_of(key, value, [str(part["const"])])
    if "enum" in part and value not in part["enum"]:
        raise none_of(key, value, part["enum"])


def _bounds(part: Schema, key: str, value: object) -> None:
    fits = True
    if isinstance(value, str):
        fits = _long_enough(part, "Length", value) and re.search(part.get("pattern", ""), value) is not None
    elif isinstance(value, list | tuple):
        fits = _long_enough(part, "Items", value)
    elif isinstance(value, int | float):
        fits = _within(part, value)
    if not fits:
        raise InvalidCall(key, f"{shown(value)} is not {_meaning(part)}")


def _long_enough(part: Schema, what: str, value: Sequence[object]) -> bool:
    least, most = part.get(f"min{what}", 0), part.get(f"max{what}", len(value))
    return bool(least <= len(value) <= most)


def _members(part: _Part, key: str, value: dict[Any, Any]) -> None:
    known, others = part.says.get("properties", {}), part.says.get("additionalProperties", True)
    for name in value:
        if not isinstance(name, str):
            raise InvalidCall(key, f"the key {shown(name)} is no text")
        if name not in known and others is False:
            raise InvalidCall(f"{key}.{name}", f"there is no such key; {did_you_mean(name, list(known))}")
    for name in part.says.get("required", ()):
        if name not in value:
            raise InvalidCall(f"{key}.{name}", f"it is missing; it is {_meaning(part.of(known[name]).says)}")
    for name, member in value.items():
        inner = known.get(name, others)
        if isinstance(inner, dict):
            _check(part.of(inner), f"{key}.{name}", member)


def _is(part: Schema, value: object) -> bool:
    kinds = part.get("type", list(_TYPES))
    return any(_TYPES[kind](value) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _within(part: Schema, value: float) -> bool:
    above = part.get("exclusiveMinimum")
    return part.get("minimum", value) <= value <= part.get("maximum", value) and (
        above is None or value > above
    )


def _meaning(part: Schema) -> str:
    """What the schema says that it is; else its values, else its type."""
    if "title" in part:
        return str(part["title"])
    if "enum" in part:
        return f"one of {', '.join(map(str, part['enum']))}"
    kinds = part.get("type", "what its schema says")
    return " or ".join(_NAMES.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))
