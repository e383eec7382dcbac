"""Lines that are too long are broken, one break at a time, until what can be broken fits.

The order: a body in braces is opened; a list is broken behind a comma; a condition before `or`, else before `and`; a calculation before
`+` and `-`, else before `*` and `/`; the widest pair of brackets is opened. What has a comment behind it, or one above that silences
findings, is left as long as it is: the comment was written for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsl.format.gaps import NEW_LINE, Gap
from dsl.format.lines import WIDTH
from dsl.format.outline import CLOSING, OPENING, Body, Clause, Piece
from dsl.format.rows import Row, inline, on_one_line
from dsl.format.values import Segment, segments, text_of

_NO_BEGINNING = "mod"  # a line that begins with a word begins a clause


def break_row(row: Row, indent: int, column: int) -> bool:
    """Breaks it once if it is too long; whether it did. `column` is where the values of its clause begin."""
    if row.only:
        return _break_clause(row.only, row.behind, indent, column)
    held = row.behind or _silences(row.clauses[0].gap)
    if held or indent + len("; ".join(map(on_one_line, row.clauses))) <= WIDTH:
        return False
    for clause in row.clauses[1:]:
        clause.gap = NEW_LINE
    return True


def _break_clause(clause: Clause, behind: str, indent: int, column: int) -> bool:
    tail = ""
    if _silences(clause.gap):
        return False
    if clause.body is not None:
        tail = inline(clause.body) if clause.body.inline else "{"
        behind = behind if clause.body.inline else _behind_brace(clause.body)
    found = segments(clause, indent, column) if clause.values else []
    for segment, after in zip(found, [*found, None][1:], strict=True):
        comment = clause.values[after.start].gap.behind if after else behind
        text = text_of(clause.values[segment.start : segment.end])
        end = segment.column + len(text) + (len(tail) + 1 if tail and not after else 0)
        held = comment or _silences(clause.values[segment.start].gap)
        if end > WIDTH and not held:
            if not after and _open_body(clause.body):
                return True
            if _break_values(clause.values[segment.start : segment.end], segment):
                return True
    if not found and not behind and column + len(tail) > WIDTH:
        return _open_body(clause.body)
    return False


def _silences(gap: Gap) -> bool:
    """Whether the comment above is for the next line and no other."""
    return bool(gap.above) and "volexd:" in gap.above[-1].lower()


def _behind_brace(body: Body) -> str:
    return body.clauses[0].gap.behind if body.clauses else body.closing.behind


def _open_body(body: Body | None) -> bool:
    if body is None or not body.inline or not body.clauses:
        return False
    body.inline = False
    body.closing = NEW_LINE
    for clause in body.clauses:
        clause.gap = NEW_LINE
    return True


def _break_values(pieces: Sequence[Piece], segment: Segment) -> bool:
    lowest = min(piece.depth for piece in pieces)
    return (
        _break_at_comma(pieces, segment.column, lowest)
        or _break_before(pieces, "OR", lowest)
        or _break_before(pieces, "AND", lowest)
        or _break_before(pieces, "ADD", lowest)
        or _break_before(pieces, "MULTIPLY", lowest)
        or _open_widest(pieces, lowest)
    )


def _break_at_comma(pieces: Sequence[Piece], column: int, depth: int) -> bool:
    """Behind the last comma that still fits, so that lines are filled."""
    places = [i for i, piece in enumerate(pieces[:-1]) if piece.kind == "COMMA" and piece.depth == depth]
    if not places:
        return False
    fitting = [place for place in places if column + len(text_of(pieces[: place + 1])) <= WIDTH]
    pieces[(fitting[-1] if fitting else places[0]) + 1].gap = NEW_LINE
    return True


def _break_before(pieces: Sequence[Piece], kind: str, depth: int) -> bool:
    places = [
        piece
        for piece in pieces[1:]
        if piece.kind == kind and piece.depth == depth and piece.text != _NO_BEGINNING
    ]
    for piece in places:
        piece.gap = NEW_LINE
    return bool(places)


def _open_widest(pieces: Sequence[Piece], depth: int) -> bool:
    """Puts what stands in the widest pair of brackets on lines of its own."""
    pairs = [(end - start, start, end) for start, end in _pairs(pieces, depth) if end - start > 1]
    if not pairs:
        return False
    _, start, end = max(pairs, key=lambda pair: len(text_of(pieces[pair[1] : pair[2]])))
    pieces[start + 1].gap = pieces[end].gap = NEW_LINE
    return True


def _pairs(pieces: Sequence[Piece], depth: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    opened: int | None = None
    for index, piece in enumerate(pieces):
        if piece.depth != depth:
            continue
        if piece.kind in OPENING:
            opened = index
        elif piece.kind in CLOSING and opened is not None:
            pairs.append((opened, index))
            opened = None
    return pairs
