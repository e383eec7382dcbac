"""Why a fault or a recovery that a test expects is not there: what `volexd whynot` would say in that instant."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.program import ExpectFault, ExpectRecovery
from engine.engine import Engine
from engine.whynot import whynot

_MOST_SUBJECTS = 3  # of an expectation that names none


def reasons(engine: Engine, expected: object, key: str | None, now: float) -> tuple[str, ...]:
    """Lines, indented as they follow from each other; none where nothing stands in the way of what was expected.

    `key` is that of the subject that the expectation names.
    """
    match expected:
        case ExpectFault(name=str(rule), present=True):
            return tuple(_of_rule(engine, rule, key, now))
        case ExpectRecovery(name=rule):
            return tuple(_lines(engine, rule, "", now))
    return ()


def _of_rule(engine: Engine, rule: str, key: str | None, now: float) -> Iterator[str]:
    watch = next((one for one in engine.situations.watches if one.rule.head.name == rule), None)
    keys = [key] if key is not None or watch is None else [fact.key for fact in engine.memory.all(watch.type)]
    for each in keys[:_MOST_SUBJECTS]:
        lines = list(_lines(engine, rule, each or "", now))
        if len(keys) > 1 and lines:
            yield f"{each}:"
            lines = [f"  {line}" for line in lines]
        yield from lines


def _lines(engine: Engine, rule: str, subject: str, now: float) -> Iterator[str]:
    try:
        reason = whynot(engine, rule, subject, now)
    except LookupError as error:
        yield str(error.args[0])
        return
    if reason.verdict != "acts":
        yield from (f"{'  ' * depth}{line}" for depth, line in reason.lines)
