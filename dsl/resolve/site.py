"""Where a resolver works: one block, what is known of the whole set, and the list that findings go to."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from dsl.blocks import Block
from dsl.diagnostics import Context, Finding, Mistake
from dsl.program import Place
from dsl.resolve.known import Known
from dsl.source import Span
from dsl.syntax import Clause, Node


class Site(msgspec.Struct, frozen=True):
    block: Block
    known: Known
    findings: list[Finding]

    def report(
        self,
        code: str,
        message: str,
        where: Node | tuple[int, int],
        *,
        label: str = "",
        help: str = "",
        replacement: str | None = None,
        context: tuple[Context, ...] = (),
    ) -> None:
        start, end = (where.start, where.end) if isinstance(where, Node) else where
        found = self.block.finding(Mistake(code, message, start, end, label, help, replacement))
        self.findings.append(replace(found, context=context))

    def report_later(self, form: str, what: str, where: Node | tuple[int, int]) -> None:
        """Part of the language that this version does not run."""
        message = f"`{form}` ({what}) is part of the language, but this version does not run it yet"
        help_ = "take it out for now; it is refused so that it is not ignored"
        self.report("V190", message, where, help=help_)

    def span(self, where: Node | tuple[int, int]) -> Span:
        start, end = (where.start, where.end) if isinstance(where, Node) else where
        return self.block.span(start, end)

    def head(self, clause: Clause) -> tuple[int, int]:
        """The clause's word."""
        return clause.start, clause.word_end

    def place(self, node: Node) -> Place:
        return Place(self.block.source, self.block.line_of(node.start))

    def text(self, start: int, end: int) -> str:
        """What was written there, on one line, without comments."""
        return one_line(self.block.text[start:end])


def one_line(text: str) -> str:
    lines = (
        line.split(" #", 1)[0].strip() if '"' not in line and "'" not in line else line.strip()
        for line in text.split("\n")
    )
    return " ".join(line for line in lines if line)
