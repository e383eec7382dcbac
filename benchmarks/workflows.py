"""How well work is arranged: the makespan of graphs on few cores, against what no arrangement can beat.

`make bench-workflows [DATA=DIR]`. Made graphs of 10 to 1,000 steps, and every WfCommons instance below DATA, run by the engine on a virtual
clock: as it is the first time, after three runs taught it how long steps take (each a tenth longer or shorter, by chance), and in plain
topological order. The bound is the longest path, or all the work divided by the cores, whichever is more.
"""

from __future__ import annotations

import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from pathlib import Path
from statistics import geometric_mean

from benchmarks.graphs import Instance, Task, made, recorded
from benchmarks.results import Row, at_most, publish, row
from dsl.expressions import Constant, ListOf
from dsl.parts import Action, Place, RuleHead
from dsl.program import Program
from dsl.work import Automation, Reserve, Retry, Step, Workflow
from engine.effects import Do, Effect, Wake
from engine.engine import Engine
from engine.events import ActionFinished, CapacityKnown, Commanded, Event, ProgramReplaced, TimePassed
from engine.planning.workflows.graph import critical_path

SIZES = (10, 100, 1000)
CORES = (4, 16)
LESSONS = 3
NOISE = 0.1
WANTED = 1.1
PLACE = Place("bench.rules", 1)


class Figures:
    """Makespans of one instance on some cores, over the bound; and the engine's own CPU seconds a step."""

    __slots__ = ("cpu_ms", "learned", "plain", "unknown")

    def __init__(self, unknown: float, learned: float, plain: float, cpu_ms: float) -> None:
        self.unknown = unknown
        self.learned = learned
        self.plain = plain
        self.cpu_ms = cpu_ms


class Machine:
    """The engine, and a world in which every step takes as long as it is said to."""

    def __init__(self, instance: Instance, cores: int) -> None:
        self.now = 0.0
        self.seconds: Mapping[str, float] = {}
        self._engine = Engine()
        self._ending: list[tuple[float, int]] = []
        self._wake: float | None = None
        self._send(ProgramReplaced(0.0, program(instance, cores)))
        self._send(CapacityKnown(0.0, float(cores)))
        self._pass_time()

    def makespan(self, automation: str, seconds: Mapping[str, float]) -> float:
        """Of one run in which the steps take so long."""
        self.seconds = seconds
        begun = self.now
        self._send(Commanded(self.now, "run", automation))
        ended = begun
        while self._ending:
            ended, action = heappop(self._ending)
            self._pass_time(ended)
            self._send(ActionFinished(ended, action, "succeeded"))
        assert not self._engine.work.runs.under_way, "every run ends"
        return ended - begun

    def close(self) -> None:
        self._engine.close()

    def _pass_time(self, until: float = 2.0) -> None:
        while self._wake is not None and self._wake <= until:
            due, self._wake = self._wake, None
            self._send(TimePassed(due))

    def _send(self, event: Event) -> None:
        self.now = max(self.now, event.at)
        for effect in self._engine.step(event):
            self._take(effect)

    def _take(self, effect: Effect) -> None:
        if isinstance(effect, Do):
            command = effect.arguments["command"]
            assert isinstance(command, list)
            heappush(self._ending, (self.now + self.seconds[command[0]], effect.action))
        elif isinstance(effect, Wake):
            self._wake = effect.at


def program(instance: Instance, cores: int) -> Program:
    steps = tuple(_step(task, cores) for task in instance.tasks)
    automations = tuple(
        Automation(
            RuleHead(name, "", PLACE), None, None, "work", (), (), (), Reserve(), strategy, "skip", None, learning
        )
        for name, strategy, learning in (("arranged", "adaptive", True), ("plain", "reliable", False))
    )  # fmt: skip
    return Program(workflows=(Workflow(RuleHead("work", "", PLACE), (), steps),), automations=automations)


def _step(task: Task, cores: int) -> Step:
    action = Action(
        "exec", None, (("command", ListOf((Constant(task.name),))),), 60.0, None, False, "none", PLACE
    )
    timeout = 1e9  # nothing hangs here
    return Step(
        task.name, task.after, action, timeout, Retry(), Reserve(cpu=min(task.cores, cores)), False, "medium", (), None,
        None, PLACE,
    )  # fmt: skip


def bound(instance: Instance, cores: int) -> float:
    """What no arrangement can beat."""
    seconds = {task.name: task.seconds for task in instance.tasks}
    work = sum(task.seconds * min(task.cores, cores) for task in instance.tasks)
    return max(
        critical_path({task.name: task.after for task in instance.tasks}, seconds.__getitem__), work / cores
    )


def figures(instance: Instance, cores: int) -> Figures:
    seconds = {task.name: task.seconds for task in instance.tasks}
    chance = random.Random(instance.name)
    least = bound(instance, cores)
    before = time.process_time()
    machine = Machine(instance, cores)
    try:
        plain = machine.makespan("plain", seconds)
        unknown = machine.makespan("arranged", seconds)
        for _ in range(LESSONS):
            machine.makespan(
                "arranged", {name: s * chance.uniform(1 - NOISE, 1 + NOISE) for name, s in seconds.items()}
            )
        learned = machine.makespan("arranged", seconds)
    finally:
        machine.close()
    cpu_ms = (time.process_time() - before) / (LESSONS + 3) / len(instance.tasks) * 1000
    return Figures(unknown / least, learned / least, plain / least, cpu_ms)


def instances(data: Path | None) -> list[Instance]:
    found: list[Instance] = list(made(SIZES))
    for one in recorded(data) if data is not None else ():
        if isinstance(one, str):
            print(one)
        else:
            found.append(one)
    return found


def rows_of(found: Mapping[tuple[str, int], list[Figures]]) -> list[Row]:
    said: list[tuple[str, Callable[[Figures], float]]] = [
        ("volexd, first run", lambda figure: figure.unknown),
        ("volexd, learned", lambda figure: figure.learned),
        ("topological order", lambda figure: figure.plain),
    ]
    rows = [
        row(who, f"{shape}, {cores} cores", "× bound", [read(one) for one in runs])
        for (shape, cores), runs in found.items()
        for who, read in said
    ]
    cpu = [one.cpu_ms for runs in found.values() for one in runs]
    return [*rows, row("volexd", "the engine's own CPU", "ms a step", cpu)]


def main() -> None:
    named = os.environ.get("DATA")
    data = Path(named) if named else None
    found: dict[tuple[str, int], list[Figures]] = defaultdict(list)
    all_of: dict[str, list[Figures]] = defaultdict(list)
    for instance in instances(data):
        for cores in CORES:
            one = figures(instance, cores)
            found[instance.shape, cores].append(one)
            all_of["recorded" if instance.shape == "recorded" else "made"].append(one)
    judged = all_of.get("recorded") or all_of["made"]
    means = {
        which: {
            "first": geometric_mean([one.unknown for one in runs]),
            "learned": geometric_mean([one.learned for one in runs]),
            "topological": geometric_mean([one.plain for one in runs]),
        }
        for which, runs in all_of.items()
    }
    for which, mean in means.items():
        print(which, " ".join(f"{name} {value:.3f}" for name, value in mean.items()))
    goal = at_most("makespan_vs_bound", geometric_mean([one.learned for one in judged]), WANTED)
    publish("workflows", rows_of(found), [goal], {"geometric_means": means})


if __name__ == "__main__":
    main()
