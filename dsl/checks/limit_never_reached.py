"""V437: a limit that the cooldown, or another limit, never lets be reached."""

from collections.abc import Iterator, Sequence
from math import ceil

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.parts import Limit
from dsl.program import Cooldown
from dsl.proofs.blast import text_of
from dsl.proofs.wording import seconds
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for recovery in resolved.program.recoveries:
        subjects = {resolved.known.subjects[name] for name in recovery.detections}
        yield from _of(resolved, "recovery", recovery.head.name, recovery.limits, recovery.cooldown, subjects)
    for orchestration in resolved.program.orchestrations:
        yield from _of(resolved, "orchestration", orchestration.head.name, orchestration.limits, None, set())


def _of(
    resolved: Resolved, kind: str, name: str, limits: Sequence[Limit], cooldown: Cooldown | None,
    subjects: set[str | None],
) -> Iterator[Finding]:  # fmt: skip
    for at, limit in enumerate(limits):
        others = [
            other for place, other in enumerate(limits) if place != at and (other != limit or place < at)
        ]
        tighter = next((other for other in others if _allows_no_more(other, limit)), None)
        if tighter is not None:
            why = f"`{text_of(tighter)}` allows no more than that anyway"
        elif cooldown is not None and subjects == {_subject(limit)} and _cools(cooldown, limit):
            why = f"there is a cooldown of {seconds(cooldown.base)} between two attempts"
        else:
            continue
        span = clause_span(resolved, kind, name, "limit")
        message = f"`{text_of(limit)}` is never reached: {why}"
        yield finding("V437", message, span, help="take it out, or make it tighter")


def _subject(limit: Limit) -> str | None:
    return limit.scope[0] if limit.scope is not None and len(limit.scope) == 1 else None


def _cools(cooldown: Cooldown, limit: Limit) -> bool:
    """Whether the pauses between the attempts on one subject let no more of them begin."""
    return limit.per is not None and cooldown.base > 0 and ceil(limit.per / cooldown.base) <= limit.count


def _allows_no_more(other: Limit, limit: Limit) -> bool:
    """Whether the other limit never lets so many attempts begin that this one counts for anything."""
    if other.scope not in (None, limit.scope):
        return False
    if limit.per is None or other.per is None:
        return limit.per is None and other.per is None and other.count <= limit.count
    return other.count * ceil(limit.per / other.per) <= limit.count


CHECK = Lint(_run, needs_all=False, each=True)
