"""Lints over a resolved rule set. One lint, one file with `CHECK`: a new one is a new file here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from dsl.checks.lint import ConditionLint, Lint
from dsl.diagnostics import Finding
from dsl.expressions import nodes_of
from dsl.proofs.conditions import conditions
from dsl.resolve.whole import Resolved


@cache
def lints() -> tuple[Lint | ConditionLint, ...]:
    names = [entry.name for entry in iter_modules(__path__) if entry.name != "lint"]
    return tuple(import_module(f"{__name__}.{name}").CHECK for name in names)


def run(resolved: Resolved) -> Iterator[Finding]:
    """Everything the lints find; those that conclude from what is not there stay silent while something could not be read."""
    for lint in lints():
        if isinstance(lint, Lint) and (resolved.complete or not lint.needs_all):
            yield from lint.run(resolved)
    if resolved.complete:
        yield from _of_conditions(resolved)


def _of_conditions(resolved: Resolved) -> Iterator[Finding]:
    looking = [lint for lint in lints() if isinstance(lint, ConditionLint)]
    for stated in conditions(resolved.program):
        nodes = nodes_of(stated.condition)
        for lint in looking:
            yield from lint.look(resolved, stated, nodes)
