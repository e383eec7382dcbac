"""Findings: what is wrong, where, and the way out. Small frozen values; how they look is the business of `dsl.render`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from dsl.codes import CODES
from dsl.source import Span


class Context(msgspec.Struct, frozen=True, gc=False):
    """Another place that matters: where the name was declared first, where the brace was opened."""

    span: Span
    label: str


class Fix(msgspec.Struct, frozen=True, gc=False):
    """Replacing the text of `span` by `text` mends the finding."""

    span: Span
    text: str


class Finding(msgspec.Struct, frozen=True, gc=False):
    """`message` is a sentence without a full stop; `label` stands at the caret; `help` is the way out."""

    code: str
    severity: str  # error warning info
    message: str
    span: Span
    label: str = ""
    context: tuple[Context, ...] = ()
    help: str = ""
    fix: Fix | None = None

    def in_files(self, names: Mapping[str, str]) -> Finding:
        """The same finding, where files have other names."""

        def renamed(span: Span) -> Span:
            return replace(span, file=names.get(span.file, span.file))

        context = tuple(replace(one, span=renamed(one.span)) for one in self.context)
        fix = self.fix and replace(self.fix, span=renamed(self.fix.span))
        return replace(self, span=renamed(self.span), context=context, fix=fix)


class Mistake(msgspec.Struct, frozen=True, gc=False):
    """A finding inside one block, before the block's place in a file is known: offsets into the block's text."""

    code: str
    message: str
    start: int
    end: int
    label: str = ""
    help: str = ""
    replacement: str | None = None  # of the piece from start to end
    context: tuple[tuple[int, int, str], ...] = ()


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By file, line and column; each once."""
    return tuple(sorted(dict.fromkeys(findings), key=_place))


# Of the names that a whole rule set shares; a step belongs to its workflow.
_NOT_DECLARED = re.compile(r"there is no (?!step\b)")
_MANY = 3  # places that name it: more likely the declaration is misspelt, or missing


def one_for_a_mistake(findings: Iterable[Finding]) -> list[Finding]:
    """Of errors of several kinds in exactly one place the first. And what many places name and nothing declares is one finding, which
    shows the other places."""
    found = list(_one_kind_a_place(in_order(findings)))
    named: dict[str, list[Finding]] = defaultdict(list)
    for one in found:
        if one.code == "V206" and _NOT_DECLARED.match(one.message):
            named[one.message].append(one)
    many = {uses[0]: uses[1:] for uses in named.values() if len(uses) >= _MANY}
    folded = {one for others in many.values() for one in others}
    return [_with_others(one, many.get(one, [])) for one in found if one not in folded]


def _one_kind_a_place(findings: Iterable[Finding]) -> Iterator[Finding]:
    kinds: dict[Span, str] = {}
    for one in findings:
        span = one.span
        marks = (span.line, span.column) != (span.end_line, span.end_column)
        if one.severity != "error" or not marks or kinds.setdefault(span, one.code) == one.code:
            yield one


def _with_others(finding: Finding, others: list[Finding]) -> Finding:
    more = tuple(Context(one.span, "also here") for one in others)
    return replace(finding, context=(*finding.context, *more)) if more else finding


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.span
    return span.file, span.line, span.column, finding.code, finding.message


def so_many(count: int, noun: str) -> str:
    """`no values`, `one value`, `3 values`."""
    return f"one {noun}" if count == 1 else f"{count or 'no'} {noun}s"


def severity_of(code: str) -> str:
    return CODES[code].severity
