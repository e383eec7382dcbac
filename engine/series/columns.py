"""What is summed up of an entry once the next one has come: the functions of windows are made of these."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from math import inf
from operator import add
from typing import Any

from engine.series.samples import Column, Samples

Pairs = tuple[tuple[float, float], ...]  # values and their weights, in the order of the values
Moments = tuple[float, float, float, float, float, float]

KEPT_PAIRS = 8  # of an entry of several samples, for quantiles


def number(value: object) -> bool:
    return type(value) in (float, int)


def weight_of(samples: Samples, index: int, begin: float, end: float) -> float:
    """How much the value of an entry weighs between two instants, of which the first is no earlier than its sample."""
    if not samples.interval:
        return max(0.0, end - begin)
    skipped = int((begin - samples.lasts[index]) / samples.interval)
    return float(max(0, samples.repeats(index, end) - skipped))


def full_weight(samples: Samples, index: int) -> float:
    """How much a closed entry weighs."""
    weight = weight_of(samples, index, samples.lasts[index], samples.end(index))
    return weight + samples.counts[index] if samples.interval else weight


def _count(samples: Samples, index: int) -> float:
    """Of a condition only those of which it was true."""
    return 0.0 if samples.values[index] is False else float(samples.counts[index])


def _sum(samples: Samples, index: int) -> float:
    value = samples.values[index]
    return value if samples.counts[index] and number(value) else 0.0


def _weight(samples: Samples, index: int) -> float:
    return full_weight(samples, index) if samples.counts[index] else 0.0


def _weighted(samples: Samples, index: int) -> float:
    value = samples.values[index]
    return full_weight(samples, index) * value if samples.counts[index] and number(value) else 0.0


def _known(samples: Samples, index: int) -> float:
    return max(0.0, samples.end(index) - samples.ats[index])


def _held(samples: Samples, index: int) -> float:
    return _known(samples, index) if samples.values[index] is True else 0.0


def _least(samples: Samples, index: int) -> float:
    value = samples.values[index]
    return value if samples.counts[index] and number(value) else inf


def _most(samples: Samples, index: int) -> float:
    value = samples.values[index]
    return value if samples.counts[index] and number(value) else -inf


def added(before: float, after: float) -> float:
    """What a counter counted between two samples; one that became less began at 0 again."""
    return after - before if after >= before else after


def _rise(samples: Samples, index: int) -> float:
    before, after = samples.values[index], samples.values[index + 1]
    return added(before, after) if number(before) and number(after) else 0.0


def _change(samples: Samples, index: int) -> float:
    return float(samples.counts[index] > 0 and samples.values[index] != samples.values[index + 1])


def _rises(samples: Samples, index: int) -> Mapping[str, float]:
    before, after = samples.values[index], samples.values[index + 1]
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return {}
    return {bound: added(before.get(bound, 0.0), count) for bound, count in after.items()}


def _both(first: Mapping[str, float], second: Mapping[str, float]) -> Mapping[str, float]:
    if not first or not second:
        return first or second
    return {bound: first.get(bound, 0.0) + second.get(bound, 0.0) for bound in {**first, **second}}


def _pairs(samples: Samples, index: int) -> Pairs:
    value = samples.values[index]
    return ((value, full_weight(samples, index)),) if samples.counts[index] and number(value) else ()


def merged_pairs(first: Pairs, second: Pairs) -> Pairs:
    """All of both, or a few evenly chosen ones that share the weight."""
    both = sorted(first + second)
    if len(both) <= KEPT_PAIRS:
        return tuple(both)
    sums = list(accumulate(weight for _, weight in both))
    share = sums[-1] / KEPT_PAIRS
    chosen = (bisect_left(sums, (number + 0.5) * share) for number in range(KEPT_PAIRS))
    return tuple((both[index][0], share) for index in chosen)


NO_MOMENTS: Moments = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def run(samples: Samples, index: int, begin: float, end: float, first: bool) -> Moments:
    """Weight, mean instant, mean value, and the sums of squares t·t, t·x, x·x about them, of a value that stood for a while.

    `first`: with its own sample, at `begin`; without it, only its repetitions.
    """
    value = samples.values[index]
    if not number(value):
        return NO_MOMENTS
    weight = weight_of(samples, index, begin, end)
    if not samples.interval:
        return (weight, (begin + end) / 2, value, weight**3 / 12, 0.0, 0.0) if weight else NO_MOMENTS
    if first:
        weight += 1.0
        at = begin
    else:
        skipped = int((begin - samples.lasts[index]) / samples.interval)
        at = samples.lasts[index] + (skipped + 1) * samples.interval
    if not weight:
        return NO_MOMENTS
    middle = at + (weight - 1) * samples.interval / 2
    return weight, middle, value, samples.interval**2 * (weight**3 - weight) / 12, 0.0, 0.0


def _moments(samples: Samples, index: int) -> Moments:
    if not samples.counts[index]:
        return NO_MOMENTS
    return run(samples, index, samples.lasts[index], samples.end(index), True)


def merged_moments(one: Moments, other: Moments) -> Moments:
    """Of both together, without the loss of digits that sums of squares would bring (Chan, Golub and LeVeque)."""
    if not one[0] or not other[0]:
        return other if not one[0] else one
    weight = one[0] + other[0]
    part = other[0] / weight
    t, x = other[1] - one[1], other[2] - one[2]
    cross = one[0] * part
    return (
        weight,
        one[1] + t * part,
        one[2] + x * part,
        one[3] + other[3] + t * t * cross,
        one[4] + other[4] + t * x * cross,
        one[5] + other[5] + x * x * cross,
    )


def _column(name: str, of: Any, merge: Any = add, zero: Any = 0.0, folds: bool = True) -> Column:
    return Column(name, of, merge, zero, folds)


BY_NAME: Mapping[str, Column] = {
    column.name: column
    for column in (
        _column("count", _count),
        _column("sum", _sum),
        _column("weight", _weight),
        _column("weighted", _weighted),
        _column("known", _known),
        _column("held", _held),
        _column("least", _least, min, inf),
        _column("most", _most, max, -inf),
        _column("rise", _rise),
        _column("changes", _change),
        _column("rises", _rises, _both, {}),
        _column("moments", _moments, merged_moments, NO_MOMENTS),
        _column("pairs", _pairs, merged_pairs, (), folds=False),
    )
}
