"""The workloads, the same for every engine, with the answer that each must give."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

METRICS = ("cpu", "mem")
UPDATES = 100_000
SEEDS = 20_000
INCIDENTS = 20_000
TOGGLES = 50_000
MACHINES = 1000
TIERS = KINDS = 10


# --- W1 and W1k: thresholds ------------------------------------------------------------------------------------------


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


WATCHED = 10  # series with a rule in `among`


def among(count: int, updates: int = UPDATES) -> tuple[W1, list[Update]]:
    """W1 with ten rules among `count` facts, most of which nobody speaks of again; these are the second."""
    source = random.Random(47)
    silent = range(WATCHED, count)
    others = [Update(one // 2, METRICS[one % 2], source.randint(0, 99), -1) for one in silent]
    return w1(WATCHED, updates), others


class W1k(NamedTuple):
    """W1k: "any agent, value above limit": the limits, in no order, and the same updates for all of them."""

    limits: list[int]
    updates: list[Update]
    firings: list[int]


def w1k(count: int, updates: int = UPDATES) -> W1k:
    """`count` rules with limits of their own about whatever agent; as many series as W1 has, and as many firings.

    Uniform values would cross hundreds of limits at once, and what is measured were the firings. So values are as latencies are,
    most of them low and few high: one of ten passes the lowest limit, half of those the next, half of those the next but one.
    """
    source = random.Random(46)
    ascending = [100 + 10 * number for number in range(count)]
    limits = source.sample(ascending, count)
    values = [-1] * count
    found, firings = [], [0]
    for _ in range(updates):
        number = source.randrange(count)
        value, former = _mostly_low(source), values[number]
        values[number] = value
        found.append(Update(number // 2, METRICS[number % 2], value, former))
        firings.append(firings[-1] + crossed(ascending, former, value))
    return W1k(limits, found, firings)


def _mostly_low(source: random.Random) -> int:
    """At most 100, or above by a step of limits, with half the chance for each further one."""
    if source.random() >= 0.1:
        return source.randint(0, 100)
    steps = 0
    while source.random() < 0.5:
        steps += 1
    return 101 + 10 * steps + source.randint(0, 8)


def crossed(ascending: Sequence[int], former: int, value: int) -> int:
    """How many limits lie above the former value or on it, and below the new one."""
    return max(0, bisect_left(ascending, value) - bisect_left(ascending, former))


# --- W2: a join ------------------------------------------------------------------------------------------------------


class Machine(NamedTuple):
    number: int
    tier: int


class Policy(NamedTuple):
    """There is one for each tier and kind."""

    number: int
    tier: int
    kind: int
    enabled: bool


class Incident(NamedTuple):
    number: int
    machine: int
    kind: int


class W2(NamedTuple):
    """`firings[i]`: for how many of the first i incidents the policy of the machine's tier and the incident's kind is enabled."""

    machines: list[Machine]
    policies: list[Policy]
    incidents: list[Incident]
    firings: list[int]


def w2(count: int = INCIDENTS) -> W2:
    """Incident × machine × policy; incidents come one by one, and stay."""
    source = random.Random(43)
    machines = [Machine(number, source.randrange(TIERS)) for number in range(MACHINES)]
    policies = [
        Policy(number, number // KINDS, number % KINDS, source.random() < 0.6)
        for number in range(TIERS * KINDS)
    ]
    enabled = {(policy.tier, policy.kind): policy.enabled for policy in policies}
    incidents, firings = [], [0]
    for number in range(count):
        incident = Incident(number, source.randrange(MACHINES), source.randrange(KINDS))
        incidents.append(incident)
        firings.append(firings[-1] + enabled[machines[incident.machine].tier, incident.kind])
    return W2(machines, policies, incidents, firings)


# --- W3: a chain -----------------------------------------------------------------------------------------------------


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


# --- W4: a negation --------------------------------------------------------------------------------------------------


class Toggle(NamedTuple):
    """The heartbeat of a machine comes or goes."""

    machine: int
    beats: bool


def w4(count: int = TOGGLES) -> tuple[list[Toggle], list[int]]:
    """All machines have a heartbeat at first; `firings[i]`: how many of the first i toggles took one away."""
    source = random.Random(45)
    beats = [True] * MACHINES
    toggles, firings = [], [0]
    for _ in range(count):
        machine = source.randrange(MACHINES)
        beats[machine] = not beats[machine]
        toggles.append(Toggle(machine, beats[machine]))
        firings.append(firings[-1] + (not beats[machine]))
    return toggles, firings
