"""Input held against its JSON schema. The first thing that is wrong is told, with its key, its value and what is allowed.

The schemas use a part of draft 2020-12: type, const, enum, properties, required, additionalProperties, items, bounds, pattern, anyOf
(of simple values), oneOf (of objects that differ in the `const` of their `type`), and $ref to their own $defs. A test holds them to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from daemon.config.suggestion import did_you_mean
from daemon.intelligence.invalid import InvalidCall, none_of, shown

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
    text = files("daemon.intelligence").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    found: Schema = json.loads(text)
    return found


def validate(name: str, key: str, value: object) -> None:
    """InvalidCall if `value`, which the caller knows as `key`, does not fit the schema of that name."""
    _bounded(key, value)
    root = schema(name)
    _Check(root).check(root, key, value)


def _bounded(key: str, value: object) -> None:
    try:
        size, depth = len(json.dumps(value, allow_nan=False)), _depth(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidCall(key, f"it is no JSON value: {error}") from None
    if size > LARGEST or depth > DEEPEST:
        raise InvalidCall(key, f"it is too large: at most {LARGEST} characters of JSON, {DEEPEST} levels deep")


def _depth(value: object) -> int:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return 1 + max(map(_depth, members), default=0)


class _Check:
    """A walk along a schema. `root` is where its $defs stand."""

    def __init__(self, root: Schema) -> None:
        self._root = root

    def check(self, part: Schema, key: str, value: object) -> None:
        part = self._resolved(part)
        if "oneOf" in part:
            self.check(self._alternative(part["oneOf"], key, value), key, value)
        elif "anyOf" in part:
            self._any(part, key, value)
        else:
            self._type(part, key, value)
            self._bounds(part, key, value)
            if isinstance(value, dict):
                self._members(part, key, value)
            elif isinstance(value, list | tuple):
                self._items(part, key, value)

    def _resolved(self, part: Schema) -> Schema:
        while "$ref" in part:
            part = self._root["$defs"][str(part["$ref"]).rpartition("/")[2]]
        return part

    def _alternative(self, parts: list[Schema], key: str, value: object) -> Schema:
        """The one whose `type` is that of the value."""
        by_type = {str(part["properties"]["type"]["const"]): part for part in map(self._resolved, parts)}
        if not isinstance(value, dict):
            raise InvalidCall(key, f"{shown(value)} is not an object")
        if "type" not in value:
            raise InvalidCall(f"{key}.type", f"it is missing; it is one of {', '.join(by_type)}")
        if value["type"] not in by_type:
            raise none_of(f"{key}.type", value["type"], list(by_type))
        return by_type[value["type"]]

    def _any(self, part: Schema, key: str, value: object) -> None:
        """Of the kind of value that was meant, the message is the most useful one."""
        fitting = [one for one in map(self._resolved, part["anyOf"]) if _is(one, value)]
        problem: InvalidCall | None = None
        for one in fitting:
            try:
                self.check(one, key, value)
                return
            except InvalidCall as error:
                problem = error
        if problem is not None and len(fitting) == 1:
            raise problem
        raise InvalidCall(key, f"{shown(value)} is not {_meaning(part)}")

    def _type(self, part: Schema, key: str, value: object) -> None:
        if not _is(part, value):
            raise InvalidCall(key, f"{shown(value)} is not {_meaning(part)}")
        if "const" in part and value != part["const"]:
            raise none_of(key, value, [str(part["const"])])
        if "enum" in part and value not in part["enum"]:
            raise none_of(key, value, part["enum"])

    def _bounds(self, part: Schema, key: str, value: object) -> None:
        size = len(value) if isinstance(value, str | list | tuple) else 0
        wrong = (
            (isinstance(value, str) and "pattern" in part and not re.search(part["pattern"], value))
            or (isinstance(value, str) and not part.get("minLength", 0) <= size <= part.get("maxLength", size))
            or (
                isinstance(value, list | tuple)
                and not part.get("minItems", 0) <= size <= part.get("maxItems", size)
            )
            or (isinstance(value, int | float) and not _within(part, value))
        )
        if wrong:
            raise InvalidCall(key, f"{shown(value)} is not {_meaning(part)}")

    def _members(self, part: Schema, key: str, value: dict[Any, Any]) -> None:
        known, others = part.get("properties", {}), part.get("additionalProperties", True)
        for name in value:
            if not isinstance(name, str):
                raise InvalidCall(key, f"the key {shown(name)} is no text")
            if name not in known and others is False:
                raise InvalidCall(f"{key}.{name}", f"there is no such key; {did_you_mean(name, list(known))}")
        for name in part.get("required", ()):
            if name not in value:
                raise InvalidCall(f"{key}.{name}", f"it is missing; it is {_meaning(known[name])}")
        for name, member in value.items():
            inner = known.get(name, others)
            if isinstance(inner, dict):
                self.check(inner, f"{key}.{name}", member)

    def _items(self, part: Schema, key: str, value: list[Any] | tuple[Any, ...]) -> None:
        if "items" in part:
            for number, item in enumerate(value):
                self.check(part["items"], f"{key}[{number}]", item)


def _is(part: Schema, value: object) -> bool:
    kinds = part.get("type", list(_TYPES))
    return any(_TYPES[kind](value) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _within(part: Schema, value: float) -> bool:
    above = part.get("exclusiveMinimum")
    return (
        part.get("minimum", value) <= value <= part.get("maximum", value) and (above is None or value > above)
    )


def _meaning(part: Schema) -> str:
    """What the schema says that it is; else its values, else its type."""
    if "title" in part:
        return str(part["title"])
    if "enum" in part:
        return f"one of {', '.join(map(str, part['enum']))}"
    kinds = part.get("type", "what its schema says")
    return " or ".join(_NAMES.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))
