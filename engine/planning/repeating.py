"""Whether an action was done, and when it is done again: `expect` over the reply, `retry 3 backoff 2s doubling to 1m`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from dsl.expressions import Expression
from dsl.parts import Retry
from engine.alarms import Alarm
from engine.analysis.evaluate import evaluate


class Ended(msgspec.Struct, frozen=True):
    """How an action went, as in `ActionFinished`."""

    outcome: str
    detail: str = ""
    reply: Any = None


class Expectation(NamedTuple):
    """What must be true of the reply, under what was bound when the action began."""

    condition: Expression
    bindings: Mapping[str, Any]


class Tries(msgspec.Struct):
    """One action and all its tries: `current` is the try under way, None in a pause before the next one."""

    count: int = 0
    current: int | None = None
    pause: Alarm | None = None
    cancelled: bool = False

    def may_go_on(self, retry: Retry, ended: Ended) -> bool:
        """Not when it was ended on purpose: then nobody wants it any more."""
        again = ended.outcome not in ("succeeded", "cancelled")
        return again and not self.cancelled and self.count <= retry.count


def judged(ended: Ended, expectation: Expectation, now: float) -> Ended:
    """With an `expect` only that decides, of whatever was replied; without a reply it failed as it did."""
    if ended.outcome not in ("succeeded", "failed") or ended.reply is None:
        return ended
    if evaluate(expectation.condition, {**expectation.bindings, "reply": ended.reply}, now) is True:
        return msgspec.structs.replace(ended, outcome="succeeded")
    said = f"{ended.detail}; " if ended.detail else ""
    detail = f"{said}what it expects of the reply is not true"
    return msgspec.structs.replace(ended, outcome="failed", detail=detail)


def pause_before(retry: Retry, tries: int) -> float:
    """Seconds to wait after so many tries."""
    if retry.doubling_to is None:
        return retry.backoff
    return min(retry.backoff * 2.0 ** min(max(tries - 1, 0), 60), retry.doubling_to)


Refusal = Callable[[], str | None]


def nothing_against_it() -> str | None:
    """The refusal of those who always want an action done again."""
    return None
