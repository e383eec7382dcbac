"""Which thing an event names: where its condition says so by the key, the others need not be looked at."""

from __future__ import annotations

from dsl.expressions import Field
from dsl.parts import Binding, Happening
from engine.analysis.form import Path, conjuncts


def path_to_key(happening: Happening, binding: Binding, key_field: str | None) -> Path | None:
    """What of the event must be equal to the key of its subject; None: it may be about any."""
    if happening.where is None or key_field is None:
        return None
    key = Field(binding.name, (key_field,))
    for part in conjuncts(happening.where):
        for said, named in ((part.left, part.right), (part.right, part.left)):
            if (
                part.operator == "=="
                and named == key
                and isinstance(said, Field)
                and said.subject == happening.name
                and said.path
            ):
                return said.path
    return None
