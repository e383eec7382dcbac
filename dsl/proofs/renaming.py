"""The same condition over variables of other names, so that conditions of two rules can be asked about together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from dsl.expressions import Aggregate, Expression, Field, Foresight, Members, Occurrences, Window


def renamed(node: Expression, names: Mapping[str, str]) -> Expression:
    """Variables that are bound inside (members, events) keep their names."""
    if all(old == new for old, new in names.items()):
        return node
    found: Expression = _renamed(node, names)
    return found


def set_apart(node: Expression, subject: str, name: str, apart: str) -> Expression:
    """One field of one variable is read from another variable instead: what it was before it was changed."""
    if isinstance(node, Field):
        return Field(apart, node.path) if (node.subject, node.path[:1]) == (subject, (name,)) else node
    found: Expression = _mapped(node, lambda inner: set_apart(inner, subject, name, apart))
    return found


def _mapped(node: Any, change: Callable[[Any], Any]) -> Any:
    """The parts of a node, changed; what is no part of an expression stays."""
    if isinstance(node, tuple):
        return tuple(change(one) for one in node)
    if not isinstance(node, msgspec.Struct):
        return node
    return replace(node, **{name: change(getattr(node, name)) for name in node.__struct_fields__})


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, Field):
        return Field(names.get(node.subject, node.subject), node.path)
    if isinstance(node, tuple):
        return tuple(_renamed(one, names) for one in node)
    if not isinstance(node, msgspec.Struct):
        return node
    inner = _without_bound(node, names)
    changes: dict[str, Any] = {name: _renamed(getattr(node, name), inner) for name in node.__struct_fields__}
    if isinstance(node, (Window, Foresight)):
        changes["subject"] = names.get(node.subject, node.subject)
    if isinstance(node, Occurrences) and node.of is not None:
        changes["of"] = names.get(node.of, node.of)
    return replace(node, **changes)


def _without_bound(node: Any, names: Mapping[str, str]) -> Mapping[str, str]:
    bound = (
        node.members.name
        if isinstance(node, Aggregate)
        else node.name
        if isinstance(node, (Members, Occurrences))
        else None
    )
    return names if bound is None else {old: new for old, new in names.items() if old != bound}
