"""One file as an editor sees it: its text, its declarations, and places in it as offsets and as positions of the protocol."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsprotocol.types import Position, Range

from daemon.editor.words import words
from dsl.blocks import Block, cut
from dsl.source import Source, Span

Units = Callable[[str], int]  # how long a text is in the units in which an editor counts columns


@dataclass(frozen=True, slots=True)
class Placed:
    """A declaration and the offset in the page at which it begins."""

    block: Block
    start: int


class Page:
    """`text` has line ends of one letter; lines and columns of what the editor holds are the same."""

    def __init__(self, source: Source, uri: str, units: Units) -> None:
        self.name = source.name
        self.text = source.text
        self.uri = uri
        self._units = units
        self._starts = [0, *(at + 1 for at, letter in enumerate(source.text) if letter == "\n")]
        self.blocks = tuple(self._placed(cut(source, words().families["file"]).blocks))

    def offset(self, position: Position) -> int:
        if position.line >= len(self._starts):
            return len(self.text)
        line = self._line(position.line)
        column = min(position.character, len(line))
        while column and self._units(line[:column]) > position.character:
            column -= 1
        return self._starts[position.line] + column

    def position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset) - 1
        return Position(line, self._units(self.text[self._starts[line] : offset]))

    def range(self, start: int, end: int) -> Range:
        return Range(self.position(start), self.position(end))

    def range_of(self, span: Span) -> Range:
        """Of a place in this page, which may have become shorter since."""
        start = self._at(span.line, span.column)
        return self.range(start, max(start, self._at(span.end_line, span.end_column)))

    @property
    def whole(self) -> Range:
        return self.range(0, len(self.text))

    def block_at(self, offset: int) -> Placed | None:
        """The declaration in which an offset stands, or directly behind its end."""
        found = None
        for placed in self.blocks:
            if placed.start > offset:
                break
            found = placed
        return found

    def _at(self, line: int, column: int) -> int:
        if line > len(self._starts):
            return len(self.text)
        return self._starts[line - 1] + min(column - 1, len(self._line(line - 1)))

    def _line(self, number: int) -> str:
        start = self._starts[number]
        end = self._starts[number + 1] - 1 if number + 1 < len(self._starts) else len(self.text)
        return self.text[start:end]

    def _placed(self, blocks: tuple[Block, ...]) -> Iterator[Placed]:
        return (Placed(block, self._starts[block.line - 1]) for block in blocks)
