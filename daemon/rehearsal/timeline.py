"""What happened in a rehearsal, for people: instant and line, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.analysis.written import duration

BEFORE, AFTER = 14, 5  # lines shown around the first failure


class Line(NamedTuple):
    """`depth` indents what follows from the line above; `failed` marks an expectation that was not met."""

    at: float
    text: str
    depth: int = 0
    failed: bool = False


def around(lines: Sequence[Line]) -> Iterator[str]:
    """The lines about the first failure, as text; what is left out is said."""
    first = next((place for place, line in enumerate(lines) if line.failed), len(lines) - 1)
    start, end = max(0, first - BEFORE), first + AFTER + 1
    if start:
        yield f"        … {start} earlier"
    for line in lines[start:end]:
        mark = "✗" if line.failed else " "
        yield f"{duration(line.at):>9} {mark} {'  ' * line.depth}{line.text}"
    if len(lines) > end:
        yield f"        … {len(lines) - end} later"
