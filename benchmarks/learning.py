"""`order learned` against the best fixed order, in swarms whose best step changes: time until faults are healed, on the virtual clock.

`make bench-learning`. The same faults, with the same cures, are healed by the real engine once with `order learned` and once with every
order that the classes of risk allow, written down. Regret is the time to heal over that of the best of these, which nobody can know
before. All that is tried is held against the limit and the classes of risk, from outside. Nothing depends on how fast the machine is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import groupby, permutations, product
from math import cos
from random import Random
from statistics import geometric_mean, median

from benchmarks.results import Row, at_most, publish, row
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.source import Source
from engine.effects import Do, Effect, Record, Wake
from engine.engine import Engine
from engine.events import ActionFinished, Event, ProgramReplaced, Reported, TimePassed

SEEDS = 5
FAULTS = 300
ACTS_S = 1.0
WITHIN_S = 30.0
BY_HAND_S = 300.0  # a fault that no step heals is healed by a person

Draw = Callable[[int, Random], frozenset[int]]


@dataclass(frozen=True)
class Step:
    """`kind` is its action, and so its class of risk; after that it heals in so many seconds, if it does."""

    name: str
    kind: str = "exec"
    heals_s: float = 5.0

    def written(self) -> str:
        action = 'log "{}"' if self.kind == "log" else 'exec ["/bin/{}"] {{ affects item.x }}'
        return f"try {self.name} {{ {action.format(self.name)}; verify within {WITHIN_S:g}s }}"


@dataclass(frozen=True)
class World:
    """`cures` draws which steps would heal the fault of that number. `changes`: its best order is not the same all the time."""

    name: str
    steps: tuple[Step, ...]
    cures: Draw
    changes: bool = True
    limit: int = 1000
    per_s: float = 3600.0
    gap_s: float = 600.0

    def rules(self, steps: Sequence[Step], order: str) -> str:
        tries = "; ".join(step.written() for step in steps)
        return (
            "fact item { key name; field x: number }\n"
            "detection ill { for each item; severity error; category agent; when item.x > 5 }\n"
            f"recovery heal {{ on fault ill; order {order}; {tries}; limit {self.limit} per {self.per_s:g}s overall }}\n"
        )

    def orders(self) -> Iterator[list[Step]]:
        """All that a person could have written with the same classes of risk in the same places."""
        parts = [list(part) for _, part in groupby(self.steps, key=lambda step: step.kind)]
        for chosen in product(*map(permutations, parts)):
            yield [step for part in chosen for step in part]


def chances(of: Callable[[int], Sequence[float]]) -> Draw:
    """Each step heals by itself with a chance that may change with the number of the fault."""
    return lambda fault, chance: frozenset(
        number for number, likely in enumerate(of(fault)) if chance.random() < likely
    )


def causes(of: Callable[[int], Sequence[float]]) -> Draw:
    """Each fault has one cause, which one step heals and no other: the steps' chances depend on each other."""
    return lambda fault, chance: frozenset(chance.choices(range(len(of(fault))), of(fault)))


def turns(every: int, *states: Sequence[float]) -> Callable[[int], Sequence[float]]:
    return lambda fault: states[fault // every % len(states)]


TWO = (Step("one"), Step("two"))
THREE = (*TWO, Step("three"))
WORLDS = (
    World("the best step changes", TWO, chances(turns(75, (0.9, 0.2), (0.2, 0.9)))),
    World(
        "three steps take turns", THREE, chances(turns(60, (0.9, 0.3, 0.2), (0.2, 0.9, 0.3), (0.3, 0.2, 0.9)))
    ),
    World("slowly", TWO, chances(lambda n: (0.5 + 0.45 * cos(n / 50), 0.5 - 0.45 * cos(n / 50)))),
    World("another becomes better", TWO, chances(lambda n: (0.6, 0.1 if n < 100 else 0.95))),
    World("one cause each, in turns", THREE, causes(turns(100, (5, 3, 2), (2, 3, 5)))),
    World(
        "a milder step before them",
        (Step("note", "log"), *TWO),
        chances(turns(75, (0.1, 0.9, 0.2), (0.1, 0.2, 0.9))),
    ),
    World(
        "under a tight limit", TWO, chances(turns(75, (0.9, 0.2), (0.2, 0.9))), limit=3, per_s=600, gap_s=200
    ),
    World("written rightly, and it stays so", TWO, chances(lambda n: (0.9, 0.3)), changes=False),
    World("written wrongly, and it stays so", TWO, chances(lambda n: (0.3, 0.9)), changes=False),
    World("as good as each other", TWO, chances(lambda n: (0.6, 0.6)), changes=False),
    World("one cause each", TWO, causes(lambda n: (8, 2)), changes=False),
    World(
        "quick and seldom, slow and often",
        (Step("one", heals_s=25.0), Step("two", heals_s=3.0)),
        chances(lambda n: (0.95, 0.6)),
        changes=False,
    ),
)


@dataclass
class Told:
    """What became of it: how long the faults lasted that some step would have healed, and what was tried when."""

    seconds: float = 0.0
    attempts: list[tuple[float, int, str]] = field(default_factory=list)  # instant, recovery, step


class Swarm:
    """The engine, and an item that falls ill."""

    def __init__(self, program: Program, heals_s: Mapping[str, float]) -> None:
        self.told = Told()
        self._now = 0.0
        self._heals_s = heals_s
        self._cures: frozenset[str] = frozenset()
        self._engine = Engine()
        self._step_of = ""
        self._ill_since: float | None = None
        self._due: list[tuple[float, int, Event]] = []
        self._count = 0
        self._wake: float | None = None
        self._send(ProgramReplaced(0.0, program))

    def falls_ill(self, at: float, cures: frozenset[str]) -> None:
        """Passes time until the fault is closed."""
        self._cures, self._ill_since = cures, max(at, self._now)
        self._later(self._ill_since, 9.0)
        while self._ill_since is not None or self._due:
            self._next()

    def close(self) -> None:
        self._engine.close()

    def _next(self) -> None:
        if self._wake is not None and (not self._due or self._wake < self._due[0][0]):
            due, self._wake = self._wake, None
            self._send(TimePassed(due))
        else:
            self._send(heappop(self._due)[2])

    def _later(self, at: float, x: float) -> None:
        self._put(Reported(at, "item", "p", {"name": "p", "x": x}))

    def _put(self, event: Event) -> None:
        self._count += 1
        heappush(self._due, (event.at, self._count, event))

    def _send(self, event: Event) -> None:
        self._now = max(self._now, event.at)
        for effect in self._engine.step(event):
            self._take(effect)

    def _take(self, effect: Effect) -> None:
        if isinstance(effect, Wake):
            self._wake = effect.at
        elif isinstance(effect, Do):
            ended = self._now + ACTS_S
            self._put(ActionFinished(ended, effect.action, "succeeded"))
            if self._step_of in self._cures:
                self._later(ended + self._heals_s[self._step_of], 1.0)
        elif isinstance(effect, Record):
            self._read(effect.table, effect.values)

    def _read(self, table: str, values: Mapping[str, object]) -> None:
        if table == "attempt" and "step" in values:
            self._step_of = str(values["step"])
            self.told.attempts.append((self._now, int(str(values["recovery_id"])), self._step_of))
        elif table == "recovery" and values.get("outcome") == "exhausted":
            self._later(self._now + BY_HAND_S, 1.0)
        elif table == "fault" and values.get("outcome") is not None and self._ill_since is not None:
            # what no step would have healed lasts as long in any order
            self.told.seconds += self._now - self._ill_since if self._cures else 0.0
            self._ill_since = None


def played(
    world: World, steps: Sequence[Step], order: str, faults: Sequence[tuple[float, frozenset[str]]]
) -> Told:
    found = check([Source("bench.rules", world.rules(steps, order))], vocabulary())
    assert found.program is not None, found.findings
    swarm = Swarm(found.program, {step.name: step.heals_s for step in steps})
    try:
        for gap, cures in faults:
            swarm.falls_ill(swarm._now + gap, cures)
    finally:
        swarm.close()
    return swarm.told


def faults_of(world: World, seed: int) -> list[tuple[float, frozenset[str]]]:
    """When each comes after the one before, and what would heal it: the same for every order."""
    chance = Random(f"{world.name} {seed}")
    return [
        (
            chance.expovariate(1 / world.gap_s),
            frozenset(world.steps[number].name for number in world.cures(fault, chance)),
        )
        for fault in range(FAULTS)
    ]


@dataclass(frozen=True)
class Figures:
    """Of one world and seed: seconds a fault until it is healed, and attempts a fault."""

    learned: float
    written: float
    best: float
    worst: float
    tries: float
    tries_best: float
    beyond: int
    moved: int

    @property
    def regret(self) -> float:
        return self.learned / self.best


def figures(world: World, seed: int) -> Figures:
    faults = faults_of(world, seed)
    fixed = [played(world, steps, "written", faults) for steps in world.orders()]
    learned = played(world, world.steps, "learned", faults)
    best = min(fixed, key=lambda told: told.seconds)
    return Figures(
        learned.seconds / FAULTS, fixed[0].seconds / FAULTS, best.seconds / FAULTS,
        max(told.seconds for told in fixed) / FAULTS, len(learned.attempts) / FAULTS, len(best.attempts) / FAULTS,
        beyond(world, learned), moved(world, learned),
    )  # fmt: skip


def beyond(world: World, told: Told) -> int:
    """How many attempts began when as many as the limit allows had begun within its time."""
    began = [at for at, _, _ in told.attempts]
    return sum(later - first < world.per_s for first, later in zip(began, began[world.limit :], strict=False))


def moved(world: World, told: Told) -> int:
    """How many recoveries tried a step where one of another class of risk is written."""
    kind = {step.name: step.kind for step in world.steps}
    written = [step.kind for step in world.steps]
    tried = [[kind[step] for _, _, step in run] for _, run in groupby(told.attempts, key=lambda one: one[1])]
    return sum(kinds != written[: len(kinds)] for kinds in tried)


def rows_of(world: World, runs: Sequence[Figures]) -> list[Row]:
    said: list[tuple[str, Callable[[Figures], float]]] = [
        ("volexd, order learned", lambda one: one.learned),
        ("best fixed order", lambda one: one.best),
        ("as written", lambda one: one.written),
        ("worst fixed order", lambda one: one.worst),
    ]
    return [row(who, world.name, "s to heal", [read(one) for one in runs]) for who, read in said]


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    found = {world: [figures(world, seed) for seed in range(seeds)] for world in WORLDS}
    regrets = {world: median(one.regret for one in runs) for world, runs in found.items()}
    everything = [one for runs in found.values() for one in runs]
    changing = geometric_mean([regrets[world] for world in WORLDS if world.changes])
    goals = [
        at_most("regret_changing", changing, 1.0),
        at_most("regret_worst", max(regrets.values()), 1.1),
        at_most("beyond_budget", sum(one.beyond for one in everything), 0),
        at_most("across_classes", sum(one.moved for one in everything), 0),
    ]
    more = {
        "faults": FAULTS,
        "seeds": seeds,
        "regret": {world.name: regret for world, regret in regrets.items()},
        "tries_a_fault": {
            world.name: {
                "learned": median(one.tries for one in runs),
                "best": median(one.tries_best for one in runs),
            }
            for world, runs in found.items()
        },
    }
    rows = [row for world, runs in found.items() for row in rows_of(world, runs)]
    publish("learning", rows, goals, more)
    for world, regret in regrets.items():
        print(f"{world.name}: {regret:.3f} of the best fixed order")


if __name__ == "__main__":
    main()
