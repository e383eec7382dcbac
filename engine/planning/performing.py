"""Actions one after another: those of one clause on all its targets at the same time, and the first clause that fails ends it.

What the engine does by itself (run, pause, resume, cancel) is done here and written down like every other action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from dsl.parts import Action
from engine.planning.acting import INSIDE, Acting, Cause, Deed, Ended, ImpossibleError
from engine.planning.answers import Answers
from engine.planning.turns import Turns
from engine.renaming import Names


class Result(NamedTuple):
    action: int
    deed: Deed
    ended: Ended


class Performance:
    """A list of actions under way. `outcome` is None until it ended: succeeded, failed, cancelled."""

    __slots__ = (
        "bindings", "blocked", "cancelled", "cause", "done", "holder", "outcome", "reason", "rest", "results", "turns"
    )  # fmt: skip

    def __init__(
        self, actions: tuple[Action, ...], bindings: Mapping[str, Any], cause: Cause, holder: str,
        done: Callable[[Performance], None],
    ) -> None:  # fmt: skip
        self.rest = list(actions)
        self.bindings = bindings
        self.cause = cause
        self.holder = holder
        self.done = done
        self.turns = Turns([])
        self.blocked = ""  # why what waits for its turn must not begin any more
        self.results: list[Result] = []
        self.outcome: str | None = None
        self.reason = ""
        self.cancelled = ""

    @property
    def executed(self) -> int:
        return len(self.results)


class Performing:
    """`obstacle` says why an agent must not be touched just now."""

    def __init__(self, acting: Acting, answers: Answers, obstacle: Callable[[Deed], str | None]) -> None:
        self._acting = acting
        self._answers = answers
        self._obstacle = obstacle
        self._under_way: dict[Performance, None] = {}

    def rename(self, names: Names) -> None:
        """Rules are called otherwise: what they hold and do from now on is done under the new names."""
        for performance in self._under_way:
            cause, holder = performance.cause, names.within(performance.holder)
            kind = holder.partition(" ")[0]
            performance.holder = holder
            performance.rest = names.actions(performance.rest)
            performance.cause = msgspec.structs.replace(cause, rule=names.of(kind, cause.rule), holder=holder)

    def begin(
        self, actions: tuple[Action, ...], bindings: Mapping[str, Any], cause: Cause, holder: str,
        done: Callable[[Performance], None],
    ) -> Performance:  # fmt: skip
        """`done` is called when all ended; at once, if there is nothing to wait for."""
        performance = Performance(
            actions, bindings, msgspec.structs.replace(cause, holder=holder), holder, done
        )
        self._under_way[performance] = None
        self._next(performance)
        return performance

    def foreseen(self, actions: tuple[Action, ...], bindings: Mapping[str, Any]) -> tuple[list[Deed], str]:
        """What would be begun, as far as it can be known before, and why it would not go on; nothing is done."""
        found: list[Deed] = []
        for action in actions:
            try:
                deeds = self._acting.deeds((action,), bindings)
            except ImpossibleError as error:
                return found, str(error)
            blocked = next((reason for deed in deeds if (reason := self._obstacle(deed))), None)
            if blocked is not None:
                return found, blocked
            found += deeds
        return found, "" if found else "nothing would be done: there is nobody to do it to"

    def cancel(self, performance: Performance, reason: str) -> None:
        """Nothing more begins; what is under way is ended, and `done` follows."""
        performance.cancelled = reason
        for action in list(performance.turns.running):
            self._acting.cancel(action)

    def _next(self, performance: Performance) -> None:
        self._take_turns(performance)
        while performance.outcome is None and not performance.turns.running:
            if performance.cancelled:
                self._end(performance, "cancelled", performance.cancelled)
            elif reason := _failure(performance):
                self._end(performance, "failed", reason)
            elif performance.rest:
                self._do(performance, performance.rest.pop(0))
            else:
                self._end(performance, "succeeded", "")

    def _take_turns(self, performance: Performance) -> None:
        """Begin what may begin now; after a failure nothing more does."""
        if performance.outcome is not None or performance.cancelled or _failure(performance):
            return
        for deed in performance.turns.next():
            performance.blocked = self._obstacle(deed) or ""
            if performance.blocked:
                return
            self._begin(performance, deed)

    def _do(self, performance: Performance, action: Action) -> None:
        try:
            if action.kind in INSIDE:
                self._steer(performance, action)
                return
            deeds = self._acting.deeds((action,), performance.bindings)
        except ImpossibleError as error:
            self._end(performance, "failed", str(error))
            return
        blocked = next((reason for deed in deeds if (reason := self._obstacle(deed))), None)
        if blocked is not None:
            self._end(performance, "failed", blocked)
            return
        performance.turns = Turns(deeds)
        self._take_turns(performance)

    def _begin(self, performance: Performance, deed: Deed) -> None:
        identity = self._acting.begin(
            deed, performance.cause, lambda ended: self._ended(performance, identity, ended),
            lambda: self._obstacle(deed),
        )  # fmt: skip
        performance.turns.running[identity] = deed

    def _ended(self, performance: Performance, identity: int, ended: Ended) -> None:
        deed = performance.turns.running.pop(identity)
        performance.results.append(Result(identity, deed, ended))
        if deed.kind == "http" and deed.target is not None:
            self._answers.tell(performance.cause.rule, deed.target, ended.outcome == "succeeded", ended)
        self._next(performance)

    def _steer(self, performance: Performance, action: Action) -> None:
        bindings, cause = performance.bindings, performance.cause
        for deed, ended in self._acting.steering.steer(action, bindings, cause, performance.holder):
            identity = self._acting.note(deed, cause, ended)
            performance.results.append(Result(identity, deed, ended))

    def _end(self, performance: Performance, outcome: str, reason: str) -> None:
        performance.outcome, performance.reason = outcome, reason
        del self._under_way[performance]
        performance.done(performance)


def _failure(performance: Performance) -> str:
    """Why it fails; empty, as long as it does not."""
    failed = next((r for r in performance.results if r.ended.outcome != "succeeded"), None)
    return performance.blocked if failed is None else _said(failed)


def _said(result: Result) -> str:
    on = f" {result.deed.target}" if result.deed.target else ""
    detail = f" ({result.ended.detail})" if result.ended.detail else ""
    return f"{result.deed.kind}{on} {result.ended.outcome.replace('_', ' ')}{detail}"
