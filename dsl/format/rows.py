"""What stands on one line of a body, and in which columns the rows of a body are aligned."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dsl.format.lines import WIDTH
from dsl.format.outline import OPENING, Body, Clause, is_unbroken
from dsl.format.values import text_of

# Words whose braces hold a part of its own of the rule: they stand out, and are not aligned with the settings around them.
_SET_APART = frozenset({"try", "otherwise", "step"})
_LONGEST_ALIGNED = 10  # a longer word would push the values of all others away from their words
_TIME = len("at 10s")  # what the moments of a test take; a longer one pushes its own line only


class Row(msgspec.Struct, frozen=True):
    """One clause, or several on one line with `;` between them. `behind` is the comment behind the last one, `below` are comments that
    follow a declaration and belong to its text."""

    clauses: Sequence[Clause]
    behind: str
    below: tuple[str, ...] = ()

    @property
    def only(self) -> Clause | None:
        """The clause of a row that has one."""
        return self.clauses[0] if len(self.clauses) == 1 else None


def rows(body: Body) -> list[Row]:
    together: list[list[Clause]] = []
    for clause in body.clauses:
        if together and not clause.gap.breaks and all(map(is_unbroken, (*together[-1], clause))):
            together[-1].append(clause)
        else:
            together.append([clause])
    gaps = [*(group[0].gap for group in together[1:]), body.closing]
    return [Row(group, gap.behind) for group, gap in zip(together, gaps, strict=True)] if together else []


def on_one_line(clause: Clause) -> str:
    written = [clause.head]
    if clause.values:
        written.append(text_of(clause.values))
    if clause.body is not None:
        written.append(inline(clause.body))
    return " ".join(written)


def inline(body: Body) -> str:
    return "{ " + "; ".join(map(on_one_line, body.clauses)) + " }" if body.clauses else "{}"


# --- columns ------------------------------------------------------------------------------------------------------------


def aligned_width(found: Sequence[Row]) -> int:
    """How wide the words are behind which the values of a body begin."""
    return max((_width(row.only.head) for row in found if row.only and is_aligned(row.only)), default=0)


def _width(head: str) -> int:
    return _TIME if head.startswith("at ") else len(head)


def is_aligned(clause: Clause) -> bool:
    if clause.head in _SET_APART or len(clause.head) > _LONGEST_ALIGNED:
        return False
    return bool(clause.values or clause.body) and not _ends_open(clause)


def _ends_open(clause: Clause) -> bool:
    """Whether the first line of the clause ends with an opening bracket."""
    first = next(
        (index for index, piece in enumerate(clause.values) if index and piece.gap.breaks), len(clause.values)
    )
    if first < len(clause.values):
        return clause.values[first - 1].kind in OPENING
    return clause.body is not None and not clause.body.inline


def align_neighbours(found: Sequence[Row], indent: int) -> None:
    """Pads the names of neighbours of one kind: the braces of `try a { … }`, the signs of `let a = …` stand below each other."""
    run: list[Clause] = []
    for row in found:
        clause = row.only
        if run and (clause is None or clause.head != run[0].head or clause.gap.above):
            _pad(run, indent)
            run = []
        if clause is not None and has_name(clause, indent):
            run.append(clause)
        elif run:
            _pad(run, indent)
            run = []
    _pad(run, indent)


def has_name(clause: Clause, indent: int) -> bool:
    """Whether it is one line of the form `try NAME { … }` or `let NAME = …`."""
    if not is_unbroken(clause) or not clause.values or clause.values[0].kind != "WORD":
        return False
    if len(clause.values) == 1:
        return clause.body is not None and (indent == 0 or clause.head in _SET_APART)
    return clause.head == "let" and clause.values[1].kind == "EQUALS"


def _pad(run: Sequence[Clause], indent: int) -> None:
    """Nothing is padded where a line would become too long by it."""
    width = max((len(clause.values[0].text) for clause in run), default=0)
    missing = [width - len(clause.values[0].text) for clause in run]
    if all(indent + len(on_one_line(c)) + m <= WIDTH for c, m in zip(run, missing, strict=True)):
        for clause in run:
            clause.values[0].text = clause.values[0].text.ljust(width)
