"""sum(x where C) of histograms: the observations of all members together, bucket by bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

from dsl.operators import number
from engine.derived.aggregates import Member
from engine.derived.aggregates._exact import ExactSum
from engine.derived.aggregates._known import Numbers

Buckets = dict[str, float]


class Tally(Numbers):
    def __init__(self) -> None:
        super().__init__()
        self._sums: dict[str, ExactSum] = {}
        self._members: dict[str, int] = {}

    def taken(self, value: Any) -> Buckets | None:
        return _buckets(value)

    def enter(self, value: Buckets) -> None:
        for bound, count in value.items():
            self._sums.setdefault(bound, ExactSum()).add(count)
            self._members[bound] = self._members.get(bound, 0) + 1

    def leave(self, value: Buckets) -> None:
        for bound, count in value.items():
            self._sums[bound].add(-count)
            self._members[bound] -= 1
            if not self._members[bound]:
                del self._sums[bound], self._members[bound]

    def value(self) -> Buckets:
        totals = {bound: total.value() for bound, total in self._sums.items()}
        return {bound: total for bound, total in totals.items() if total is not None}


def slow(members: Sequence[Member]) -> Buckets | None:
    meant = [(verdict, _buckets(value)) for verdict, value in members if verdict is not False]
    found = [value for verdict, value in meant if verdict is True and value is not None]
    if 2 * len(found) < len(meant):
        return None
    bounds = dict.fromkeys(bound for value in found for bound in value)
    return {bound: fsum(value[bound] for value in found if bound in value) for bound in bounds}


def _buckets(value: Any) -> Buckets | None:
    """None where it is no histogram."""
    if not isinstance(value, Mapping):
        return None
    counts = {str(bound): number(count) for bound, count in value.items()}
    whole = {bound: float(count) for bound, count in counts.items() if count is not None}
    return whole if len(whole) == len(counts) else None
