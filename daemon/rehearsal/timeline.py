"""What happened in a rehearsal, for people: instant and line, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from daemon.reports.text import plain
from engine.analysis.written import duration

BEFORE, AFTER, MOST = 14, 3, 60  # lines shown before the first failure, after the last, and in all


class Line(NamedTuple):
    """`depth` indents what follows from the line above; `failed` marks an expectation that was not met."""

    at: float
    text: str
    depth: int = 0
    failed: bool = False


def around(lines: Sequence[Line]) -> Iterator[str]:
    """The lines about the failures, as text; what is left out is said."""
    failed = [place for place, line in enumerate(lines) if line.failed] or [len(lines) - 1]
    start = max(0, failed[0] - BEFORE)
    end = min(failed[-1] + AFTER + 1, start + MOST)
    if start:
        yield f"        … {start} earlier"
    for line in lines[start:end]:
        mark = "✗" if line.failed else " "
        yield f"{duration(line.at):>9} {mark} {'  ' * line.depth}{plain(line.text)}"
    if len(lines) > end:
        yield f"        … {len(lines) - end} later"
