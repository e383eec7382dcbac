"""Built-in functions of the language, one file each: a new one is a new file here.

A file holds `FUNCTION`, the word as data, and `evaluate`, which gets the instant and the evaluated arguments. An argument may be None
(unknown); unless a file says `TAKES_UNKNOWN`, the result is then unknown without asking it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from dsl.vocabulary.word import FunctionWord


class Function(NamedTuple):
    word: FunctionWord
    evaluate: Callable[..., object]
    takes_unknown: bool
    follows_time: bool  # its value changes while the facts stand still
    is_called: bool  # else it is a name that stands for a value


def _load(name: str) -> Function:
    module = import_module(f"{__name__}.{name}")
    return Function(
        module.FUNCTION,
        module.evaluate,
        getattr(module, "TAKES_UNKNOWN", False),
        getattr(module, "FOLLOWS_TIME", False),
        getattr(module, "IS_CALLED", True),
    )


BY_NAME: Mapping[str, Function] = {
    function.word.name: function for function in (_load(entry.name) for entry in iter_modules(__path__))
}
FUNCTIONS: tuple[FunctionWord, ...] = tuple(
    function.word for function in BY_NAME.values() if function.is_called
)
