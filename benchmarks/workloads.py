"""The workloads, the same for every engine, with the answer that each must give."""

from __future__ import annotations

import random
from typing import NamedTuple

METRICS = ("cpu", "mem")
UPDATES = 100_000
SEEDS = 20_000


class Threshold(NamedTuple):
    """W1: "metric of agent above limit"."""

    agent: int
    metric: str
    above: int


class Update(NamedTuple):
    """A new value, and the one it replaces (-1: none)."""

    agent: int
    metric: str
    value: int
    former: int


class W1(NamedTuple):
    """`firings[i]`: how often a threshold was crossed upwards by the first i updates."""

    rules: list[Threshold]
    updates: list[Update]
    firings: list[int]


def w1(count: int, updates: int = UPDATES) -> W1:
    """`count` rules, each about a metric of its own; updates spread evenly over them."""
    source = random.Random(42)
    rules = [Threshold(number // 2, METRICS[number % 2], source.randint(50, 95)) for number in range(count)]
    values = [-1] * count
    found, firings = [], [0]
    for _ in range(updates):
        number = source.randrange(count)
        value, former = source.randint(0, 99), values[number]
        values[number] = value
        rule = rules[number]
        found.append(Update(rule.agent, rule.metric, value, former))
        firings.append(firings[-1] + (former <= rule.above < value))
    return W1(rules, found, firings)


class Seed(NamedTuple):
    """W3: something was detected."""

    number: int
    agent: int
    kind: int


def w3(count: int = SEEDS) -> tuple[list[Seed], list[int]]:
    """Each seed fires three times: detection to fault, fault to recovery, outcome and retraction."""
    source = random.Random(44)
    seeds = [Seed(number, source.randrange(1000), source.randrange(10)) for number in range(count)]
    return seeds, [3 * number for number in range(count + 1)]
