"""Words that stand beside the code that implements them: a folder of files, each with its `WORD`. A new one is a new file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def words_in(package: ModuleType) -> dict[str, ModuleType]:
    """Word to the module that implements it, in the order of the files."""
    names = (f"{package.__name__}.{entry.name}" for entry in iter_modules(package.__path__))
    modules = (import_module(name) for name in names)
    return {module.WORD.name: module for module in modules if hasattr(module, "WORD")}
