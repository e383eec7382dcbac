"""V601: a name in CamelCase among names_with_underscores of the same kind in the same file, as after pasting from elsewhere.

Only in such company: a file that was taken over from another system, whose names are all of the other form, keeps them in peace.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from dsl.checks.lint import Lint, finding
from dsl.diagnostics import Finding
from dsl.resolve.declarations import span_of
from dsl.resolve.known import Declared
from dsl.resolve.whole import Resolved

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _run(resolved: Resolved) -> Iterator[Finding]:
    for kind, declared in resolved.known.declared.items():
        if kind != "test":  # its name is a sentence
            for neighbours in _by_file(declared.values()).values():
                yield from _unlike(kind, neighbours)


def _by_file(declared: Iterable[Declared]) -> dict[str, list[Declared]]:
    found: dict[str, list[Declared]] = defaultdict(list)
    for one in declared:
        found[one.block.source].append(one)
    return found


def _unlike(kind: str, neighbours: list[Declared]) -> Iterator[Finding]:
    others = [one for one in neighbours if one.name != one.name.lower()]
    if 0 < len(others) < len(neighbours) / 2:
        for one in others:
            name = _HUMP.sub("_", one.name).lower()
            message = f"the {kind} `{one.name}` is written unlike the other names here"
            yield finding("V601", message, span_of(one.block, one.clause), help=f"they would say `{name}`")


def _nothing(rule: object) -> None:
    """Only names and their files count, and of those that came, went or moved it is told anyway."""


CHECK = Lint(_run, needs_all=False, sees=_nothing)
