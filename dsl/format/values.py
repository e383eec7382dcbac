"""How the values of a clause are written: spaces between tokens, and where the lines begin on which they stand."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dsl.format.lines import STEP, Line, own_lines
from dsl.format.outline import CLOSING, OPENING, Clause, Piece

_OPERATORS = frozenset({"AND", "OR", "COMPARE", "ADD", "MULTIPLY", "EQUALS"})
_TIGHT_BEFORE = CLOSING | {"COMMA"}
_TIGHT_BEHIND = OPENING | {"MINUS"}


class Segment(msgspec.Struct, frozen=True):
    """The values of a clause that stand on one line: `pieces[start:end]`."""

    start: int
    end: int
    column: int


def text_of(pieces: Sequence[Piece]) -> str:
    written: list[str] = []
    before = ""
    for piece in pieces:
        tight = not before or before in _TIGHT_BEHIND or piece.kind in _TIGHT_BEFORE
        written.append(piece.text if tight else " " + piece.text)
        before = piece.kind
    return "".join(written)


def segments(clause: Clause, indent: int, column: int) -> list[Segment]:
    """`indent` is that of the clause, `column` where its values begin."""
    pieces = clause.values
    starts = [0, *(index for index, piece in enumerate(pieces) if index and piece.gap.breaks)]
    opened: list[int] = []  # for every open bracket, the column of the line that opens it
    anchor = column
    found: list[Segment] = []
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        continues = pieces[start].gap.breaks
        at = _column(pieces, start, opened, indent, anchor) if continues else column
        found.append(Segment(start, end, at))
        line_column = at if continues else indent
        for piece in pieces[start:end]:
            if piece.kind in CLOSING:
                opened.pop()
            elif piece.kind in OPENING:
                opened.append(line_column)
        if start == 0:
            anchor = _behind_equals(pieces[:end], column)
    return found


def _column(pieces: Sequence[Piece], start: int, opened: Sequence[int], indent: int, anchor: int) -> int:
    """Where a line begins that continues the one before it."""
    first = pieces[start]
    leading = 0
    while start + leading < len(pieces) and pieces[start + leading].kind in CLOSING:
        leading += 1
    if leading:
        return opened[-leading]
    if opened:
        return opened[-1] + STEP
    if first.kind not in _OPERATORS:
        return anchor
    hanging = anchor - len(first.text) - 1
    return hanging if hanging > indent else indent + STEP


def _behind_equals(pieces: Sequence[Piece], column: int) -> int:
    """What continues an assignment is measured against its right side."""
    for index, piece in enumerate(pieces):
        if piece.kind == "EQUALS" and piece.depth == 0:
            return column + len(text_of(pieces[: index + 1])) + 1
    return column


def value_lines(clause: Clause, indent: int, column: int) -> list[Line]:
    """One line for each segment, comments between them included; the first begins with its values, without the clause's word. It is
    empty where a line ends behind the word, as one may before `=`."""
    lines = [Line(column, "")] if clause.values[0].gap.breaks else []
    for segment in segments(clause, indent, column):
        first = clause.values[segment.start]
        if first.gap.breaks:
            lines[-1] = Line(lines[-1].column, lines[-1].code, first.gap.behind)
            inside = segment.column + STEP if first.kind in CLOSING else segment.column
            lines += own_lines(first.gap.above, inside)
        lines.append(Line(segment.column, text_of(clause.values[segment.start : segment.end])))
    return lines
