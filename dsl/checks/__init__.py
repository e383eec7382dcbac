"""Lints over a resolved rule set. One lint, one file with `CHECK`: a new one is a new file here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from dsl.checks.lint import ConditionLint, Lint
from dsl.diagnostics import Finding
from dsl.expressions import nodes_of
from dsl.judged import judge, since
from dsl.memory import Memory
from dsl.proofs.conditions import conditions
from dsl.resolve.whole import Resolved


@cache
def lints() -> Mapping[str, Lint | ConditionLint]:
    names = [entry.name for entry in iter_modules(__path__) if entry.name != "lint"]
    return {name: import_module(f"{__name__}.{name}").CHECK for name in names}


def run(resolved: Resolved, memory: Memory) -> list[Finding]:
    """Everything the lints find; those that conclude from what is not there stay silent while something could not be read."""
    part = since(resolved, memory)
    changed = resolved if part is None else part.resolved
    found: list[Finding] = []
    alone: list[Finding] = []
    silent = []
    for name, lint in lints().items():
        if isinstance(lint, ConditionLint) or (lint.needs_all and not resolved.complete):
            continue
        said: list[Finding] = []
        if lint.each:
            said.extend(lint.run(changed))
            alone += said
        elif part is None or part.concerns(name, lint):
            said.extend(lint.run(resolved))
        found += said
        silent += [] if said else [name]
    if resolved.complete:
        of_conditions = list(_of_conditions(changed))
        found += of_conditions
        alone += of_conditions
    comparing = [
        (name, one) for name, one in lints().items() if isinstance(one, Lint) and one.key is not None
    ]
    judge(resolved, memory, part, alone, silent, comparing)
    return found


def _of_conditions(resolved: Resolved) -> Iterator[Finding]:
    looking = [lint for lint in lints().values() if isinstance(lint, ConditionLint)]
    for stated in conditions(resolved.program):
        nodes = nodes_of(stated.condition)
        for lint in looking:
            yield from lint.look(resolved, stated, nodes)
