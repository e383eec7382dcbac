"""What a lint is, and where the things stand that it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import msgspec

from dsl.diagnostics import Context, Finding, severity_of
from dsl.expressions import Expression
from dsl.proofs.conditions import Stated
from dsl.resolve.declarations import span_of
from dsl.resolve.known import Declared
from dsl.resolve.whole import Resolved
from dsl.source import Span
from dsl.syntax import Clause, Word


class Lint(msgspec.Struct, frozen=True):
    """`needs_all`: it concludes from what is not there, so it runs only when everything was understood.

    After a change it need not look at everything, if it says what it goes by. `each`: at every rule by itself, with what that names and
    what is no rule; of declarations it takes those of `Resolved.declarations`, and what it finds stands in the rule. `sees`: of a rule
    only this. `key`: rules are held against each other only where this is equal, and not None.
    """

    run: Callable[[Resolved], Iterable[Finding]]
    needs_all: bool = True
    each: bool = False
    sees: Callable[[Any], Hashable] | None = None
    key: Callable[[Any], Hashable] | None = None


class ConditionLint(msgspec.Struct, frozen=True):
    """Looks at every condition of the set by itself, with all the nodes in it; all such lints share one walk.

    It runs only when everything was understood.
    """

    look: Callable[[Resolved, Stated, Sequence[Expression]], Iterable[Finding]]


def stated_span(resolved: Resolved, stated: Stated) -> Span:
    """Where the clause of a condition stands."""
    return clause_span(resolved, stated.kind, stated.name, *stated.words)


def finding(
    code: str, message: str, span: Span, *, help: str = "", context: tuple[Context, ...] = ()
) -> Finding:
    return Finding(code, severity_of(code), message, span, context=context, help=help)


def name_span(resolved: Resolved, kind: str, name: str) -> Span:
    """Where a declaration's name stands."""
    declared = resolved.known.of(kind)[name]
    return span_of(declared.block, declared.clause)


def clause_span(resolved: Resolved, kind: str, name: str, *words: str) -> Span:
    """Where a clause of a declaration stands: `clause_span(…, "try", "restart", "verify")`; else the innermost one there is."""
    declared = resolved.known.of(kind)[name]
    found = _inner(declared, list(words))
    if found is declared.clause:
        return span_of(declared.block, declared.clause)
    return declared.block.span(found.start, found.line_end)


def _inner(declared: Declared, words: list[str]) -> Clause:
    """Follows words inwards; a word after `try` or `step` is the name of that."""
    clause = declared.clause
    while words:
        word = words.pop(0)
        name = words.pop(0) if word in ("try", "step") and words else None
        inner = [
            one for one in clause.body or () if one.word == word and (name is None or _is_called(one, name))
        ]
        if not inner:
            break
        clause = inner[0]
    return clause


def _is_called(clause: Clause, name: str) -> bool:
    first = clause.items[0] if clause.items else None
    return isinstance(first, Word) and first.name == name
