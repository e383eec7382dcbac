"""How rehearsals went, for people: one line a test; of one that failed, what was expected, what was found, and what happened before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daemon.rehearsal.rehearse import Failure, Rehearsal
from daemon.rehearsal.timeline import around
from engine.analysis.written import duration

_GREEN, _RED, _PLAIN = "\033[32m", "\033[31m", "\033[0m"


def as_text(rehearsals: Sequence[Rehearsal], *, colour: bool) -> str:
    lines = [line for rehearsal in rehearsals for line in _one(rehearsal, colour)]
    return "\n".join([*lines, _summary(rehearsals)]) + "\n"


def _one(rehearsal: Rehearsal, colour: bool) -> Iterator[str]:
    mark, paint = ("✓", _GREEN) if rehearsal.passed else ("✗", _RED)
    mark = f"{paint}{mark}{_PLAIN}" if colour else mark
    yield f"{mark} {rehearsal.case.name}  ({duration(rehearsal.lasted)} in {rehearsal.took * 1000:.0f} ms)"
    for failure in rehearsal.failures:
        yield from _failure(failure)
    if not rehearsal.passed:
        yield "    what happened:"
        yield from (f"    {line}" for line in around(rehearsal.timeline))


def _failure(failure: Failure) -> Iterator[str]:
    yield f"    {failure.place.file}:{failure.place.line}: {failure.expected}"
    yield from (f"        {line}" for line in failure.lines())


def _summary(rehearsals: Sequence[Rehearsal]) -> str:
    failed = sum(not rehearsal.passed for rehearsal in rehearsals)
    passed = len(rehearsals) - failed
    return f"{passed} passed, {failed} failed" if failed else f"{passed} passed"
