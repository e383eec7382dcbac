"""Aggregates over members, each kept up to date as members come, change and go. One file each; it registers itself.

A file has `class Tally` with `add(verdict, value)` and `remove(verdict, value)` for a member whose `where` is true (`verdict` True) or
unknown (None), and `result(strangers)`: the value, with so many further members of which nothing is known. `slow` is its plain
meaning over a list of (verdict, value), which the tests hold against it and which is used where nothing is kept. It may have
`matters(value)`: whether the result may depend on whether one with that value is a member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple, Protocol

Member = tuple[bool | None, Any]  # whether it is one, and its value


class Bounds(NamedTuple):
    """A count of which only bounds are known, since of some members it is unknown whether they are meant."""

    least: float
    most: float


class Tally(Protocol):
    def add(self, verdict: bool | None, value: Any) -> None: ...

    def remove(self, verdict: bool | None, value: Any) -> None: ...

    def result(self, strangers: int) -> Any: ...


class AggregateFunction(NamedTuple):
    new: Callable[[], Tally]
    slow: Callable[[Sequence[Member]], Any]
    matters: Callable[[Any], bool]


def _always(value: Any) -> bool:
    return True


def _load(name: str) -> AggregateFunction:
    module = import_module(f"{__name__}.{name}")
    return AggregateFunction(module.Tally, module.slow, getattr(module, "matters", _always))


BY_NAME: Mapping[str, AggregateFunction] = {
    entry.name.removesuffix("_"): _load(entry.name)
    for entry in iter_modules(__path__)
    if not entry.name.startswith("_")
}
