"""How well `time_until()` tells when a limit is reached, and how often it cries wolf.

`make bench-forecast`. Made traces of which the truth is known without noise: growth to a limit, seen at half and at four fifths of the way,
disturbed as operations disturb it. The error is the factor by which the remaining time is wrong, the median over all traces; beside it the
lines that others draw: least squares over the window, and Holt's two exponential means.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from math import inf, isfinite, pi, sin
from typing import NamedTuple

from benchmarks.results import Goal, Row, at_least, at_most, publish, row
from dsl.expressions import Constant, Foresight
from engine.series.series import Series

TRACES = 100
EVERY = 60.0
WINDOW = 360  # samples, six hours
LIMIT = 100.0
PLACES = (0.5, 0.8)
WORST = 1.5  # the factor that is still useful


class Trace(NamedTuple):
    """What is seen up to now, and in how many samples the truth reaches the limit (infinite: never)."""

    seen: list[float]
    remaining: float


Truth = Callable[[float], float]


def _crossing(truth: Truth, now: int) -> float:
    """By small steps, from now on."""
    return next((step / 4 for step in range(1, 40 * WINDOW) if truth(now + step / 4) >= LIMIT), inf)


def _trace(
    chance: random.Random,
    place: float,
    truth_of: Callable[[random.Random, float], Truth],
    spikes: bool = False,
    noisy: bool = False,
) -> Trace:
    """A trace that began at 20 and is at `place` of the way to the limit, if nothing disturbs it, after a whole window."""
    slope = 80 * place / WINDOW
    truth = truth_of(chance, slope)
    noise = chance.uniform(0.2, 1.0) * (8 if noisy else 1)
    seen = [truth(step) + chance.gauss(0, noise) for step in range(WINDOW)]
    if spikes:
        seen = [value + (chance.uniform(10, 60) if chance.random() < 0.05 else 0.0) for value in seen]
    return Trace(seen, _crossing(truth, WINDOW - 1))


def _straight(chance: random.Random, slope: float) -> Truth:
    return lambda step: 20 + slope * step


def _bent(chance: random.Random, slope: float) -> Truth:
    """The leak began, or became faster, on the way."""
    begun, before = chance.uniform(0.3, 0.7) * WINDOW, chance.choice([0.0, 0.3])
    after = (slope * WINDOW - before * slope * begun) / (WINDOW - begun)
    return lambda step: 20 + slope * before * min(step, begun) + after * max(0.0, step - begun)


def _stepped(chance: random.Random, slope: float) -> Truth:
    when, height = chance.uniform(0.2, 0.7) * WINDOW, chance.choice([-1, 1]) * chance.uniform(5, 15)
    return lambda step: 20 + slope * step + (height if step >= when else 0.0) - height


def _sawtooth(chance: random.Random, slope: float) -> Truth:
    """Restarted once or twice on the way, it leaks again."""
    resets = sorted(chance.uniform(0.1, 0.65) * WINDOW for _ in range(chance.choice([1, 2])))
    steeper = slope * WINDOW / (WINDOW - resets[-1])

    def truth(step: float) -> float:
        return 20 + steeper * (step - max([0.0, *(reset for reset in resets if reset <= step)]))

    return truth


def _seasonal(chance: random.Random, slope: float) -> Truth:
    """Growth under a cycle, three of which the window holds."""
    height, phase = chance.uniform(2, 10), chance.uniform(0, 2 * pi)
    return lambda step: 20 + slope * step + height * sin(phase + 6 * pi * step / WINDOW)


def _noise(chance: random.Random, slope: float) -> Truth:
    level = chance.uniform(60, 95)
    return lambda step: level


KINDS: dict[str, Callable[[random.Random, float], Truth]] = {
    "clean": _straight, "noisy": _straight, "spikes": _straight, "slope change": _bent, "level step": _stepped, "sawtooth": _sawtooth,
    "cycle and trend": _seasonal,
}  # fmt: skip


# --- who foretells ------------------------------------------------------------------------------------------------------------


def volexd(seen: Sequence[float]) -> float | None:
    """Samples until the limit."""
    node = Foresight("time_until", Constant(0.0), "x", EVERY * WINDOW, 0.0, ">=", LIMIT)
    series = Series([node], EVERY)
    for number, value in enumerate(seen):
        series.sampled(number * EVERY, min(value, LIMIT - 1e-6))  # not there yet, whatever a spike says
    found = series.values((len(seen) - 1) * EVERY)[0]
    return found / EVERY if isinstance(found, float) else None


def least_squares(seen: Sequence[float]) -> float | None:
    middle, mean = (len(seen) - 1) / 2, statistics.fmean(seen)
    slope = sum((step - middle) * (value - mean) for step, value in enumerate(seen)) / sum(
        (step - middle) ** 2 for step in range(len(seen))
    )
    return _ahead(mean + slope * middle, slope)


def holt(seen: Sequence[float]) -> float | None:
    """With the smoothing that Prometheus' documentation shows."""
    level, slope = seen[0], seen[1] - seen[0]
    for value in seen[1:]:
        before = level
        level = 0.1 * value + 0.9 * (level + slope)
        slope = 0.02 * (level - before) + 0.98 * slope
    return _ahead(level, slope)


def _ahead(level: float, slope: float) -> float | None:
    if level >= LIMIT:
        return 0.0
    return (LIMIT - level) / slope if slope > 0 else inf


PEERS: dict[str, Callable[[Sequence[float]], float | None]] = {
    "volexd": volexd, "least squares": least_squares, "Holt": holt,
}  # fmt: skip


# --- the figures --------------------------------------------------------------------------------------------------------------


def factor(told: float | None, truth: float) -> float | None:
    """By how much the remaining time is wrong; None where nothing was told."""
    if told is None:
        return None
    if not isfinite(told) or told <= 0:
        return inf
    return max(told / truth, truth / told)


def errors(
    kind: str, place: float, foretell: Callable[[Sequence[float]], float | None]
) -> list[float | None]:
    chance = random.Random(f"{kind} {place}")
    found = []
    for _ in range(TRACES):
        trace = _trace(chance, place, KINDS[kind], spikes=kind == "spikes", noisy=kind == "noisy")
        if isfinite(trace.remaining):
            found.append(factor(foretell(trace.seen), trace.remaining))
    return found


def false_crossings(foretell: Callable[[Sequence[float]], float | None]) -> float:
    """Of traces that go nowhere, the part said to reach the limit within ten windows."""
    chance = random.Random("flat")
    told = [foretell(_trace(chance, 0.0, _noise).seen) for _ in range(TRACES)]
    return sum(one is not None and 0 < one < 10 * WINDOW for one in told) / TRACES


def main() -> None:
    rows: list[Row] = []
    worst, silent, told = 0.0, 0, 0
    for kind in KINDS:
        for place in PLACES:
            for who, foretell in PEERS.items():
                found = errors(kind, place, foretell)
                known = [value for value in found if value is not None]
                middle = statistics.median(known) if known else inf
                note = f"{len(found) - len(known)} of {len(found)} unknown"
                rows.append(Row(who, f"{kind}, at {place:.0%}", middle, "times wrong", [middle], note))
                if who == "volexd":
                    worst, silent, told = (
                        max(worst, middle),
                        silent + len(found) - len(known),
                        told + len(found),
                    )
    wolves = {who: false_crossings(foretell) for who, foretell in PEERS.items()}
    rows += [row(who, "flat noise, false crossings", "of 1", [value]) for who, value in wolves.items()]
    begun = time.process_time()
    errors("clean", 0.5, volexd)
    micros = (time.process_time() - begun) / TRACES / WINDOW * 1e6
    rows.append(row("volexd", "CPU, with the fitting", "µs a sample", [micros]))
    goals: list[Goal] = [
        at_most("time_until_worst_factor", worst, WORST),
        at_most("false_crossings", wolves["volexd"], 0.02),
        at_least("told", 1 - silent / told, 0.8),
    ]
    publish("forecast", rows, goals)


if __name__ == "__main__":
    main()
