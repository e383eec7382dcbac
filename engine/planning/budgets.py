"""Cooldowns and limits: how often a recovery may act. They are keyed by the rule's name, so that no edit is a way round them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from dsl.operators import walk
from dsl.program import Cooldown, Limit
from engine.analysis.written import duration
from engine.renaming import Names

OVERALL = "overall"
AGENT = "agent"  # what was done to agents is counted for all rules together
_A_DAY = 86400.0
_CROWD = 1000  # buckets, before those of long ago are looked for


class Pace(msgspec.Struct, gc=False):
    """The attempts of one rule on one subject: when the last one ended, and how many failed in a row."""

    ended_at: float | None = None
    failures: int = 0


class Budgets:
    def __init__(self) -> None:
        # By rule, scope and bucket: when attempts began, in their order.
        self._past: dict[tuple[str, str, str], list[float]] = {}
        self._window = _A_DAY
        self._crowd = _CROWD
        self._paces: dict[tuple[str, str], Pace] = {}
        self._running: dict[int, tuple[str, Mapping[str, str]]] = {}  # attempt to rule and buckets

    def remember_for(self, seconds: float) -> None:
        """The longest window of any limit; attempts before that count nowhere."""
        self._window = max(seconds, _A_DAY)

    def remembered(self) -> int:
        """How many attempts are remembered, each once for every scope in which it counts."""
        return sum(map(len, self._past.values()))

    def began(self, attempt: int, rule: str, at: float, buckets: Mapping[str, str]) -> None:
        for scope, bucket in buckets.items():
            self._count((rule, scope, bucket), at)
        self._running[attempt] = (rule, buckets)
        if len(self._past) > self._crowd:
            self._forget_before(at - self._window)

    def _forget_before(self, instant: float) -> None:
        """Subjects come and go: buckets in which nothing counts any more are dropped, now and then."""
        self._past = {bucket: past for bucket, past in self._past.items() if past[-1] >= instant}
        self._crowd = max(_CROWD, 2 * len(self._past))

    def touched(self, agent: str, at: float) -> None:
        """An action on this agent begins, whichever rule asks for it."""
        self._count((AGENT, AGENT, agent), at)

    def _count(self, key: tuple[str, str, str], at: float) -> None:
        past = self._past.get(key)
        if past is None:
            self._past[key] = [at]
            return
        if past[-1] <= at:
            past.append(at)
        else:
            insort(past, at)
        if past[0] < at - self._window:
            del past[: bisect_left(past, at - self._window)]

    def worn_until(self, agent: str, limits: tuple[Limit, ...], now: float) -> tuple[str, float] | None:
        """The agent's own limit that another action on it would exceed, in words, and from when on it would not."""
        past = self._past.get((AGENT, AGENT, agent), [])
        for limit in limits:
            if limit.per is not None and len(past) - bisect_right(past, now - limit.per) >= limit.count:
                reason = f"the limit of agent {agent} of {limit.count} per {duration(limit.per)} is used up"
                return reason, past[len(past) - limit.count] + limit.per
        return None

    def ended(self, attempt: int, rule: str, subject: str, at: float, failed: bool) -> None:
        self._running.pop(attempt, None)
        pace = self._paces.setdefault((rule, subject), Pace())
        pace.ended_at = at
        pace.failures = pace.failures + 1 if failed else 0

    def cooled_at(self, rule: str, subject: str, cooldown: Cooldown | None) -> float | None:
        """From when on the next attempt may begin; None: at once."""
        pace = self._paces.get((rule, subject))
        if cooldown is None or pace is None or pace.ended_at is None:
            return None
        pause = cooldown.base
        if cooldown.doubling_to is not None:
            pause = min(cooldown.base * 2.0 ** min(max(pace.failures - 1, 0), 60), cooldown.doubling_to)
        return pace.ended_at + pause

    def rename(self, names: Names) -> None:
        """Rules are called otherwise. What a rule of that name used up before counts beside it."""
        past, paces, self._past, self._paces = self._past, self._paces, {}, {}
        for (rule, scope, bucket), instants in past.items():
            key = (names.within(rule, "recovery"), names.variable(scope), names.bucket(scope, bucket))
            self._past[key] = sorted([*self._past.get(key, ()), *instants])
        for (rule, subject), pace in sorted(paces.items(), key=lambda one: one[1].ended_at or 0.0):
            self._paces[names.within(rule, "recovery"), subject] = pace
        self._running = {
            attempt: (names.within(rule, "recovery"), names.buckets(buckets))
            for attempt, (rule, buckets) in self._running.items()
        }

    def paced(self) -> Iterator[tuple[str, str]]:
        """By rule the subjects on which it tried something."""
        return iter(self._paces)

    def spent(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        """By rule, scope and bucket how many attempts are remembered."""
        for bucket, past in self._past.items():
            yield bucket, len(past)

    def used_up(
        self, rule: str, limits: tuple[Limit, ...], buckets: Mapping[str, str], now: float
    ) -> str | None:
        """The limit over time that another attempt would exceed, in words."""
        found = self.free_at(rule, limits, buckets, now)
        return None if found is None else found[0]

    def free_at(
        self, rule: str, limits: tuple[Limit, ...], buckets: Mapping[str, str], now: float
    ) -> tuple[str, float] | None:
        """The same, and from when on it would not exceed it."""
        for limit in limits:
            if limit.per is not None:
                scope = scope_name(limit)
                bucket = buckets.get(scope, "")
                past = self._past.get((rule, scope, bucket), ())
                # Most of them were never so many, however long ago.
                if len(past) >= limit.count <= len(past) - bisect_right(past, now - limit.per):
                    said = f"its limit of {limit.count} per {duration(limit.per)} {_by(scope, bucket)} is used up"
                    return said, past[len(past) - limit.count] + limit.per
        return None

    def crowded(self, rule: str, limits: tuple[Limit, ...], buckets: Mapping[str, str]) -> str | None:
        """The limit of attempts at once that is reached, in words."""
        for limit in limits:
            if limit.per is None:
                scope = scope_name(limit)
                bucket = buckets.get(scope, "")
                count = sum(
                    1 for name, other in self._running.values() if name == rule and other.get(scope) == bucket
                )
                if count >= limit.count:
                    return f"{count} at once {_by(scope, bucket)} is its limit"
        return None


def scope_name(limit: Limit) -> str:
    return ".".join(limit.scope) if limit.scope else OVERALL


def buckets_of(
    limits: tuple[Limit, ...], bindings: Mapping[str, Any], keys: Mapping[str, str]
) -> dict[str, str]:
    """The bucket of each scope under these bindings; what is missing falls into one common bucket.

    `keys` name the bound subjects by their types: `by agent` counts for each agent.
    """
    found = {}
    for limit in limits:
        scope = limit.scope
        if scope is None:
            found[OVERALL] = ""
        elif len(scope) == 1:
            found[scope[0]] = keys.get(scope[0], "")
        else:
            value = walk(bindings.get(scope[0]), scope[1:])
            found[".".join(scope)] = "" if value is None else str(value)
    return found


def _by(scope: str, bucket: str) -> str:
    return scope if scope == OVERALL else f"by {scope} ({bucket or 'none'})"
