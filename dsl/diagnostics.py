"""Findings: what is wrong, where, and the way out. Small frozen values; how they look is the business of `dsl.render`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dsl.codes import CODES
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class Context:
    """Another place that matters: where the name was declared first, where the brace was opened."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Replacing the text of `span` by `text` mends the finding."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
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


@dataclass(frozen=True, slots=True)
class Mistake:
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


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.span
    return span.file, span.line, span.column, finding.code, finding.message


def so_many(count: int, noun: str) -> str:
    """`no values`, `one value`, `3 values`."""
    return f"one {noun}" if count == 1 else f"{count or 'no'} {noun}s"


def severity_of(code: str) -> str:
    return CODES[code].severity
