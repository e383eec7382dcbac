"""Lines of formatted text, and how wide they may be."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

WIDTH = 120
STEP = 4
COMMENTS = 53  # the column, counted from 0, of a comment behind a line that is not longer


class Line(msgspec.Struct, frozen=True):
    """`column` is that of its first character. A line without code is a comment of its own, or blank."""

    column: int
    code: str
    comment: str = ""

    def __str__(self) -> str:
        if not self.code:
            return " " * self.column + self.comment if self.comment else ""
        code = " " * self.column + self.code
        if not self.comment:
            return code
        return code.ljust(COMMENTS) + self.comment if len(code) < COMMENTS else f"{code}  {self.comment}"

    @property
    def end(self) -> int:
        return self.column + len(self.code)


def own_lines(comments: Iterable[str], column: int) -> list[Line]:
    """Comments on lines of their own; "" is a blank line."""
    return [Line(column, "", comment) for comment in comments]
