"""Findings as text: one format, one file with `FORMAT`; a new one is a new file here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from dsl.render.format import Format


@cache
def formats() -> dict[str, Format]:
    """Name to format."""
    names = [entry.name for entry in iter_modules(__path__) if entry.name != "format"]
    found = [import_module(f"{__name__}.{name}").FORMAT for name in names]
    return {one.name: one for one in found}
