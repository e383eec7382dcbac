"""Conditions, values and examples in words, as the language writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    During,
    Expression,
    Field,
    Foresight,
    Learned,
    ListOf,
    Negative,
    Not,
    Occurrences,
    Or,
    Window,
)
from dsl.operators import number
from dsl.proofs.example import NOW, Example
from dsl.proofs.world import World

_MOST_SHOWN = 8


def in_words(example: Example, world: World) -> str:
    """`agent.status is "down", host.cpu is 96%`."""
    said = [f"{path_of(field)} is {_value(field, value, world)}" for field, value in example.values()]
    said += [f"{written(term)} is {plain(value)}" for term, value in example.assumed.items()]
    if len(said) > _MOST_SHOWN:
        said[_MOST_SHOWN:] = ["…"]
    return ", ".join(said) or "any facts at all"


def path_of(field: Field) -> str:
    """`agent.status`; what tells the variables of two rules apart is left out."""
    return ".".join(str(part) for part in (field.subject.partition("#")[0], *field.path))


def _value(field: Field, value: object, world: World) -> str:
    kind = world.field_type(field)
    plain_number = number(value)
    if kind is None or plain_number is None:
        return plain(value)
    return of_type(kind.type, float(plain_number))


def of_type(kind: str, value: float) -> str:
    """A number in the units of its type."""
    if kind == "percent":
        return f"{value * 100:.6g}%"
    if kind == "duration":
        return seconds(value)
    if kind == "size":
        return _size(value)
    if kind == "time":
        ago = NOW - value
        return f"{seconds(ago)} ago" if ago > 0 else "now" if ago == 0 else f"{seconds(-ago)} ahead"
    return f"{value:.12g}"


def seconds(value: float) -> str:
    """`1h30m`, as the language writes durations."""
    if value < 0:
        return f"-{seconds(-value)}"
    if value != int(value) or value < 1:
        return f"{value:.6g}s"
    rest, found = int(value), ""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if rest >= length:
            found += f"{rest // length}{unit}"
            rest %= length
    return found


def _size(value: float) -> str:
    for unit, bytes_ in (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if abs(value) >= bytes_:
            return f"{value / bytes_:.4g}{unit}"
    return f"{value:.6g}B"


def plain(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(plain(one) for one in value) + "]"
    return f"{value:.12g}" if isinstance(value, (int, float)) else str(value)


# --- conditions -----------------------------------------------------------------------------------------------------


def written(node: Expression, world: World | None = None) -> str:
    """An expression as somebody could have written it; in a world of types, constants have the units of what they are compared with."""
    if isinstance(node, Compare) and world is not None:
        return _compared(node, world)
    if isinstance(node, (And, Or)):
        joint = " and " if isinstance(node, And) else " or "
        return "(" + joint.join(written(one, world) for one in node.operands) + ")"
    if isinstance(node, Not):
        return f"not {written(node.operand, world)}"
    found = _WRITTEN.get(type(node))
    return "…" if found is None else found(node)


def _compared(node: Compare, world: World) -> str:
    left, right = written(node.left, world), written(node.right, world)
    for side, other in ((node.left, node.right), (node.right, node.left)):
        kind = _type_of(side, world)
        value = number(other.value) if isinstance(other, Constant) else None
        if kind is not None and value is not None:
            said = of_type(kind, float(value))
            left, right = (left, said) if other is node.right else (said, right)
    return f"{left} {node.operator} {right}"


def _type_of(node: Expression, world: World) -> str | None:
    if isinstance(node, Field):
        declared = world.field_type(node)
        return declared.type if declared is not None else None
    return "duration" if isinstance(node, Call) and node.function in ("since", "remaining") else None


def _over(node: Window | Occurrences) -> str:
    over = f" over {seconds(node.over)}" if node.over else ""
    return over + (f" ending {seconds(node.ending)} ago" if node.ending else "")


def _occurrences(node: Occurrences) -> str:
    where = f" where {written(node.where)}" if node.where is not None else ""
    of = f" of {node.of}" if node.of else ""
    return f"{node.function}({node.kind} {node.type}{of}{where}{_over(node)})"


def _aggregate(node: Aggregate) -> str:
    where = f" where {written(node.members.where)}" if node.members.where is not None else ""
    value = f": {written(node.value)}" if node.value is not None else ""
    return f"{node.function}({node.members.type}{where}{value})"


def _foresight(node: Foresight) -> str:
    threshold = f" {node.operator} {node.threshold:g}" if node.threshold is not None else ""
    return f"{node.function}({written(node.value)}{threshold} over {seconds(node.over)})"


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    Constant: lambda node: plain(node.value),
    Field: path_of,
    Call: lambda node: f"{node.function}({', '.join(written(one) for one in node.arguments)})",
    Compare: lambda node: f"{written(node.left)} {node.operator} {written(node.right)}",
    Arithmetic: lambda node: f"({written(node.left)} {node.operator} {written(node.right)})",
    Negative: lambda node: f"-{written(node.operand)}",
    ListOf: lambda node: "[" + ", ".join(written(one) for one in node.elements) + "]",
    Window: lambda node: f"{node.function}({written(node.value)}{_over(node)})",
    Aggregate: _aggregate,
    Occurrences: _occurrences,
    Foresight: _foresight,
    During: lambda node: f"during({node.calendar})",
    Learned: lambda node: f"learned.{node.what}({node.step})",
}
