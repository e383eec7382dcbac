"""Cooldowns and limits: how often a recovery may act. They are keyed by the rule's name, so that no edit is a way round them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dsl.program import Cooldown, Limit
from engine.analysis.values import walk
from engine.analysis.written import duration

OVERALL = "overall"
_A_DAY = 86400.0


class Past(NamedTuple):
    """One attempt: when it began, and in which bucket of each scope it counts."""

    at: float
    buckets: Mapping[str, str]


class Pace:
    """The attempts of one rule on one subject: when the last one ended, and how many failed in a row."""

    __slots__ = ("ended_at", "failures")

    def __init__(self) -> None:
        self.ended_at: float | None = None
        self.failures = 0


class Budgets:
    def __init__(self) -> None:
        self._past: dict[str, list[Past]] = {}
        self._window = _A_DAY
        self._paces: dict[tuple[str, str], Pace] = {}
        self._running: dict[int, tuple[str, Mapping[str, str]]] = {}  # attempt to rule and buckets

    def remember_for(self, seconds: float) -> None:
        """The longest window of any limit; attempts before that count nowhere."""
        self._window = max(seconds, _A_DAY)

    def past(self, rule: str) -> Sequence[Past]:
        return self._past.get(rule, ())

    def began(self, attempt: int, rule: str, at: float, buckets: Mapping[str, str]) -> None:
        past = self._past.setdefault(rule, [])
        past.append(Past(at, buckets))
        while past[0].at < at - self._window:
            past.pop(0)
        self._running[attempt] = (rule, buckets)

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

    def used_up(
        self, rule: str, limits: tuple[Limit, ...], buckets: Mapping[str, str], now: float
    ) -> str | None:
        """The limit over time that another attempt would exceed, in words."""
        for limit in limits:
            if limit.per is not None:
                scope, bucket = bucket_of(limit, buckets)
                count = sum(
                    1
                    for past in self.past(rule)
                    if past.at > now - limit.per and past.buckets.get(scope) == bucket
                )
                if count >= limit.count:
                    return f"its limit of {limit.count} per {duration(limit.per)} {_by(scope, bucket)} is used up"
        return None

    def crowded(self, rule: str, limits: tuple[Limit, ...], buckets: Mapping[str, str]) -> str | None:
        """The limit of attempts at once that is reached, in words."""
        for limit in limits:
            if limit.per is None:
                scope, bucket = bucket_of(limit, buckets)
                count = sum(
                    1 for name, other in self._running.values() if name == rule and other.get(scope) == bucket
                )
                if count >= limit.count:
                    return f"{count} at once {_by(scope, bucket)} is its limit"
        return None


def scope_name(limit: Limit) -> str:
    return ".".join(limit.scope) if limit.scope else OVERALL


def bucket_of(limit: Limit, buckets: Mapping[str, str]) -> tuple[str, str]:
    name = scope_name(limit)
    return name, buckets.get(name, "")


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
