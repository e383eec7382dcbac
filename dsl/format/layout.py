"""The lines of a body and of a whole clause."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.format.breaking import break_row
from dsl.format.gaps import without_blank_ends
from dsl.format.lines import STEP, Line, own_lines
from dsl.format.outline import Body, Clause
from dsl.format.rows import Row, align_neighbours, aligned_width, inline, is_aligned, on_one_line, rows
from dsl.format.values import value_lines


def clause_lines(row: Row, indent: int, width: int) -> list[Line]:
    """A row of one clause or several. `width` is how wide words are that are aligned."""
    clause = row.only
    if clause is None:
        return [Line(indent, "; ".join(map(on_one_line, row.clauses)), row.behind)]
    head = _head(clause, width)
    lines = [Line(indent, clause.head)]
    if clause.values:
        lines = value_lines(clause, indent, indent + len(head) + 1)
        first = f"{head} {lines[0].code}" if lines[0].code else clause.head
        lines[0] = Line(indent, first, lines[0].comment)
    if clause.body is None:
        return _with_comment(lines, row.behind)
    if not clause.values:
        lines = [Line(indent, head)]
    if clause.body.inline:
        return _with_comment(_behind(lines, inline(clause.body)), row.behind)
    return [*_open_body(_behind(lines, "{"), clause.body, indent), Line(indent, "}", row.behind)]


def body_lines(body: Body, indent: int) -> list[Line]:
    """What stands between the braces, on lines of its own."""
    while _break_once(body, indent):
        pass
    found = rows(body)
    align_neighbours(found, indent)
    width = aligned_width(found)
    lines: list[Line] = []
    for number, row in enumerate(found):
        above = without_blank_ends(row.clauses[0].gap.above, number == 0, False)
        lines += [*own_lines(above, indent), *clause_lines(row, indent, width)]
    return [*lines, *own_lines(without_blank_ends(body.closing.above, not found, True), indent)]


def _break_once(body: Body, indent: int) -> bool:
    """One break in every row that is too long. The columns may be others then, so it is called until nothing is broken."""
    found = rows(body)
    width = aligned_width(found)
    columns = [indent + len(_head(row.clauses[0], width)) + 1 for row in found]
    broken = [break_row(row, indent, column) for row, column in zip(found, columns, strict=True)]
    return any(broken)


def _head(clause: Clause, width: int) -> str:
    return clause.head.ljust(width) if is_aligned(clause) else clause.head


def _open_body(lines: list[Line], body: Body, indent: int) -> list[Line]:
    first = body.clauses[0].gap if body.clauses else body.closing
    return [*_with_comment(lines, first.behind), *body_lines(body, indent + STEP)]


def _behind(lines: Sequence[Line], text: str) -> list[Line]:
    return [*lines[:-1], Line(lines[-1].column, f"{lines[-1].code} {text}")]


def _with_comment(lines: Sequence[Line], comment: str) -> list[Line]:
    return [*lines[:-1], Line(lines[-1].column, lines[-1].code, comment)]
