"""What a window's function makes of the samples in it, one file each: a new one is a new file here.

A file holds `COLUMNS`, the sums that it needs (engine/series/columns), and `value(view, node)`, None where that is unknown. Further,
where they are not as usual: `AT_ONCE`, what its value is in a window that is known in less than half: "" unknown; "least", the value of
the whole window is at least this; "most", at most; "exact", this. `DRIFTS`: it changes while nothing happens at the window's edges, because
what is known weighs more and more. Its words, as everything that people read of it, stand in the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from dsl.expressions import Window
from engine.series.view import View


class Function(NamedTuple):
    columns: tuple[str, ...]
    value: Callable[[View, Window], object]
    at_once: str
    drifts: bool
    any_value: bool  # not of numbers only


def _load(name: str) -> Function:
    module = import_module(f"{__name__}.{name}")
    return Function(
        module.COLUMNS,
        module.value,
        getattr(module, "AT_ONCE", ""),
        getattr(module, "DRIFTS", False),
        getattr(module, "ANY_VALUE", False),
    )


BY_NAME: Mapping[str, Function] = {entry.name: _load(entry.name) for entry in iter_modules(__path__)}
