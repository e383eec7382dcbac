"""Whether two trees say the same, wherever it stands."""

from __future__ import annotations

from dsl.syntax import Clause, Node

_PLACES = ("start", "end", "name_end")


def without_places(node: Node) -> object:
    """The tree as nested tuples, to be compared."""
    values = (getattr(node, name) for name in node.__struct_fields__ if name not in _PLACES)
    return (type(node).__name__, *map(_plain, values))


def _plain(value: object) -> object:
    if isinstance(value, Node):
        return without_places(value)
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


def say_the_same(one: Clause, other: Clause) -> bool:
    return without_places(one) == without_places(other)
