"""Made series as operations have them, with something wrong in some: a second judge for `anomaly()`, beside the labelled ones of NAB.

Each kind is noise, habits and disturbances of one sort of figure; what goes wrong begins at a known sample. Windows are as NAB makes
them: a tenth of the series, shared by its faults, with the onset in the middle. The series of one seed are the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import exp, pi, sin, sqrt

from benchmarks.labelled import Labelled

LENGTH = 4000
EVERY = 300.0
DAY = 288  # samples

Chance = random.Random
Made = tuple[list[float], list[int]]  # values, onsets


def made(seeds: range) -> Iterator[Labelled]:
    for name, make in KINDS.items():
        for seed in seeds:
            values, onsets = make(Chance(f"{name} {seed}"))
            instants = [1.4e9 + number * EVERY for number in range(len(values))]
            yield Labelled(f"{name}/{seed}.csv", instants, values, _windows(len(values), onsets))


def _windows(length: int, onsets: list[int]) -> list[tuple[int, int]]:
    half = int(0.1 * length / max(1, len(onsets))) // 2
    return [(max(0, onset - half), min(length - 1, onset + half)) for onset in onsets]


def _onsets(chance: Chance, *counts: int) -> list[int]:
    """Where faults begin: never in the first fifth, far from each other."""
    count = chance.choice(counts)
    while True:
        found = sorted(chance.randrange(int(0.22 * LENGTH), int(0.93 * LENGTH)) for _ in range(count))
        if all(later - earlier > 0.12 * LENGTH for earlier, later in pairwise(found)):
            return found


def _during(onset: int, length: int) -> range:
    return range(onset, min(LENGTH, onset + length))


def _heavy(chance: Chance) -> float:
    return chance.gauss(0, 1) * (1 if chance.random() < 0.95 else chance.uniform(1, 5))


def _wandering(chance: Chance, memory: float, step: float) -> list[float]:
    value, found = 0.0, []
    for _ in range(LENGTH):
        value = memory * value + chance.gauss(0, step)
        found.append(value)
    return found


def _processor(chance: Chance) -> Made:
    """A noisy level, that shifts or becomes restless."""
    level, noise, onsets = chance.uniform(20, 60), chance.uniform(0.5, 4), _onsets(chance, 1, 2)
    values = [level + noise * _heavy(chance) for _ in range(LENGTH)]
    for onset in onsets:
        shift, factor = chance.choice([(8 * noise, 1), (-8 * noise, 1), (0.0, 4)])
        for place in _during(onset, chance.randrange(30, 400)):
            values[place] = level + (values[place] - level) * factor + shift
    return values, onsets


def _idle(chance: Chance) -> Made:
    """Nearly flat with small peaks now and then; a large one, or a level that stays."""
    level, often = chance.uniform(0.05, 3), chance.uniform(0.002, 0.02)
    height = level * chance.uniform(0.3, 3)
    values = [
        level * chance.gauss(1, 0.02) + (height * chance.uniform(0.3, 1) if chance.random() < often else 0.0)
        for _ in range(LENGTH)
    ]
    onsets = _onsets(chance, 1, 2)
    for onset in onsets:
        length, more = chance.choice(
            [(2, height * chance.uniform(3, 8)), (chance.randrange(50, 300), height * 0.8)]
        )
        for place in _during(onset, length):
            values[place] += more
    return values, onsets


def _scheduled(chance: Chance) -> Made:
    """A job every so often; one that is missing, does not end, or works twice as hard."""
    period, low, high = (
        chance.choice([12, 24, 36, 72, 144, 288]),
        chance.uniform(2, 10),
        chance.uniform(20, 70),
    )
    busy, onsets = max(1, period // chance.choice([4, 6, 12])), _onsets(chance, 1, 2)
    wrong = {onset: chance.choice(["missing", "long", "hard"]) for onset in onsets}
    values = []
    for number in range(LENGTH):
        what = next(
            (how for onset, how in wrong.items() if onset <= number < onset + max(period, 24)), "usual"
        )
        working = (number % period < busy or what == "long") and what != "missing"
        load = high * chance.uniform(0.8, 1) * (1.6 if what == "hard" else 1)
        values.append(chance.gauss(low, low / 10) + (load if working else 0.0))
    return values, onsets


def _disk(chance: Chance) -> Made:
    """Mostly nothing, in between writes of all sizes; a time in which it never rests."""
    often, size, spread = chance.uniform(0.02, 0.3), chance.uniform(10, 16), chance.uniform(0.4, 1.2)
    values = [exp(chance.gauss(size, spread)) if chance.random() < often else 0.0 for _ in range(LENGTH)]
    onsets = _onsets(chance, 1)
    for onset in onsets:
        for place in _during(onset, chance.randrange(12, 80)):
            values[place] = exp(chance.gauss(size + 1.2, spread))
    return values, onsets


def _network(chance: Chance) -> Made:
    """Heavy-tailed, with a backup each day; a flood, or silence."""
    size, spread, backup = chance.uniform(12, 16), chance.uniform(0.1, 0.5), chance.randrange(DAY)
    values = [
        exp(chance.gauss(size, spread))
        + (exp(size + 1.5) * chance.uniform(0.7, 1) if (number - backup) % DAY < 6 else 0.0)
        for number in range(LENGTH)
    ]
    onsets = _onsets(chance, 1, 2)
    for onset in onsets:
        flood = chance.random() < 0.6
        for place in _during(onset, chance.randrange(2, 12) if flood else chance.randrange(24, 200)):
            values[place] = (
                values[place] + exp(size + 2.6) * chance.uniform(0.5, 1) if flood else exp(size - 2)
            )
    return values, onsets


def _requests(chance: Chance) -> Made:
    """Counts with the shape of a day; an outage, or a flood."""
    level, height, phase = chance.uniform(20, 300), chance.uniform(0.3, 0.9), chance.randrange(DAY)
    values = []
    for number in range(LENGTH):
        mean = level * (1 + height * sin(2 * pi * (number - phase) / DAY))
        values.append(float(max(0, round(mean + 1.5 * sqrt(mean) * _heavy(chance)))))
    onsets = _onsets(chance, 1, 2)
    for onset in onsets:
        factor = chance.choice([0.0, 0.1, 2.6, 4.0])
        for place in _during(onset, chance.randrange(6, 100)):
            values[place] = values[place] * factor + (level * 0.8 if factor > 1 else 0.0)
    return values, onsets


def _temperature(chance: Chance) -> Made:
    """Wanders slowly; falls deep."""
    step = chance.uniform(0.5, 1.5)
    values = [80 + value + chance.gauss(0, step * 0.3) for value in _wandering(chance, 0.995, step)]
    onsets = _onsets(chance, 1, 2, 3)
    for onset in onsets:
        depth = chance.uniform(3, 6) * step / sqrt(1 - 0.995**2)
        for place in _during(onset, chance.randrange(40, 200)):
            values[place] -= depth * min(1.0, (place - onset + 1) / 12)
    return values, onsets


def _latency(chance: Chance) -> Made:
    """A level that drifts, with slow requests now and then; all become slower."""
    values = [
        45 * exp(drift + chance.gauss(0, 0.05))
        + (chance.expovariate(1 / 20) if chance.random() < 0.01 else 0.0)
        for drift in _wandering(chance, 0.998, 0.01)
    ]
    onsets = _onsets(chance, 1, 2)
    for onset in onsets:
        factor = chance.uniform(1.6, 2.5)
        for place in _during(onset, chance.randrange(10, 150)):
            values[place] *= factor
    return values, onsets


def _memory(chance: Chance) -> Made:
    """Fills and is collected; a leak, or a process that hangs."""
    period, value, values = chance.randrange(60, 400), 20.0, []
    onsets, leaks = _onsets(chance, 1), chance.random() < 0.5
    for number in range(LENGTH):
        wrong = onsets[0] <= number < onsets[0] + (150 if leaks else 250)
        value += 60 / period * chance.uniform(0.5, 1.5) * ((4 if leaks else 0) if wrong else 1)
        value = value if value < 80 else 20 + chance.uniform(-2, 2)
        values.append(value + chance.gauss(0, 0.5))
    return values, onsets


def _deployed(chance: Chance) -> Made:
    """A level that every deployment moves a little; a collapse, or twice as much."""
    level, noise, values = 50.0, chance.uniform(0.5, 2), []
    for _ in range(LENGTH):
        if chance.random() < 1 / 350:
            level = max(20.0, min(80.0, level + chance.choice([-1, 1]) * chance.uniform(3, 10)))
        values.append(level + chance.gauss(0, noise))
    onsets = _onsets(chance, 1, 2)
    for onset in onsets:
        factor = chance.choice([0.0, 2.2])
        for place in _during(onset, chance.randrange(20, 200)):
            values[place] = values[place] * factor + chance.gauss(0, noise * 0.2)
    return values, onsets


def _nothing(chance: Chance) -> Made:
    """Nothing is wrong at all."""
    kind = chance.randrange(3)
    if kind == 0:
        return [chance.gauss(50, 5) for _ in range(LENGTH)], []
    return ([chance.expovariate(1) for _ in range(LENGTH)] if kind == 1 else _wandering(chance, 0.99, 1)), []


KINDS: dict[str, Callable[[Chance], Made]] = {
    "processor": _processor, "idle": _idle, "scheduled": _scheduled, "disk": _disk, "network": _network, "requests": _requests,
    "temperature": _temperature, "latency": _latency, "memory": _memory, "deployed": _deployed, "nothing": _nothing,
}  # fmt: skip
