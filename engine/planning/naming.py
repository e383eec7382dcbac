"""Which thing an event names: where its condition says so by the key, the others need not be looked at."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.expressions import And, Compare, Expression, Field
from dsl.parts import Binding, Happening

Path = tuple[str | int, ...]


def path_to_key(happening: Happening, binding: Binding, key_field: str | None) -> Path | None:
    """What of the event must be equal to the key of its subject; None: it may be about any."""
    if happening.where is None or key_field is None:
        return None
    key = Field(binding.name, (key_field,))
    for left, right in _equalities(happening.where):
        for said, named in ((left, right), (right, left)):
            if named == key and isinstance(said, Field) and said.subject == happening.name and said.path:
                return said.path
    return None


def _equalities(condition: Expression) -> Iterator[tuple[Expression, Expression]]:
    if isinstance(condition, And):
        for operand in condition.operands:
            yield from _equalities(operand)
    elif isinstance(condition, Compare) and condition.operator == "==":
        yield condition.left, condition.right
