"""Graphs of work: made ones, and recorded ones in the format of WfCommons."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Task(NamedTuple):
    """`seconds` on `cores` cores."""

    name: str
    after: tuple[str, ...]
    seconds: float
    cores: float = 1.0


class Instance(NamedTuple):
    """`shape` is what its figures are gathered under."""

    name: str
    shape: str
    tasks: tuple[Task, ...]


# --- made ones -------------------------------------------------------------------------------------------------------


def chain(size: int, chance: random.Random) -> list[Task]:
    return [_task(n, [n - 1] if n else [], chance) for n in range(size)]


def fork(size: int, chance: random.Random) -> list[Task]:
    """One, then all the others, then one."""
    middle = [_task(n, [0], chance) for n in range(1, size - 1)]
    return [_task(0, [], chance), *middle, _task(size - 1, range(1, size - 1), chance)]


def diamond(size: int, chance: random.Random) -> list[Task]:
    """One opens into three, which close into one, again and again."""
    tasks = [_task(0, [], chance)]
    while len(tasks) + 4 <= size:
        last = len(tasks) - 1
        tasks += [_task(last + n, [last], chance) for n in (1, 2, 3)]
        tasks.append(_task(last + 4, [last + 1, last + 2, last + 3], chance))
    return tasks


def layered(size: int, chance: random.Random) -> list[Task]:
    """Layers of random width; each task comes after one to three of the layer before."""
    tasks: list[Task] = []
    before: list[int] = []
    while len(tasks) < size:
        width = min(chance.randint(1, max(2, round(size**0.5) * 2)), size - len(tasks))
        layer = list(range(len(tasks), len(tasks) + width))
        for number in layer:
            count = min(len(before), chance.randint(1, 3))
            tasks.append(_task(number, sorted(chance.sample(before, count)), chance))
        before = layer
    return tasks


SHAPES: Mapping[str, Callable[[int, random.Random], list[Task]]] = {
    "chain": chain,
    "fork": fork,
    "diamond": diamond,
    "layered": layered,
}


def made(sizes: tuple[int, ...]) -> Iterator[Instance]:
    """The same in every run."""
    for shape, build in SHAPES.items():
        for size in sizes:
            yield Instance(f"{shape} {size}", shape, tuple(build(size, random.Random(f"{shape} {size}"))))


def _task(number: int, after: Any, chance: random.Random) -> Task:
    """Most are short and some are long, as work is."""
    return Task(f"t{number}", tuple(f"t{n}" for n in after), round(chance.lognormvariate(2.0, 1.0), 3))


# --- recorded ones -----------------------------------------------------------------------------------------------------


class NotAnInstanceError(Exception):
    """The file holds no workflow as WfCommons records them; the text says what is missing."""


def recorded(directory: Path) -> Iterator[Instance | str]:
    """Every instance below a directory, and a line for every JSON file that is none."""
    for path in sorted(directory.rglob("*.json")):
        try:
            yield instance_of(path.stem, json.loads(path.read_bytes()))
        except (NotAnInstanceError, ValueError) as error:
            yield f"{path.relative_to(directory)} is passed over: {error}"


def instance_of(name: str, document: Any) -> Instance:
    """Schemas 1.2 to 1.5: tasks (once: jobs) with their parents, runtimes beside them or under `execution`."""
    workflow = document.get("workflow") if isinstance(document, dict) else None
    if not isinstance(workflow, dict):
        raise NotAnInstanceError("it has no `workflow`")
    specified = workflow.get("specification", workflow)
    tasks = specified.get("tasks") or specified.get("jobs")
    if not isinstance(tasks, list) or not tasks:
        raise NotAnInstanceError("its workflow has no tasks")
    executed: dict[object, Mapping[str, Any]] = {
        one.get("id"): one for one in workflow.get("execution", {}).get("tasks", ())
    }
    names = {label: f"t{n}" for n, task in enumerate(tasks) for label in _labels(task)}
    found = tuple(_recorded(names, task, executed.get(task.get("id")) or task) for task in tasks)
    return Instance(name, "recorded", found)


def _labels(task: Mapping[str, Any]) -> list[str]:
    """By what its children call it: its id, in older files its name."""
    return [str(task[key]) for key in ("name", "id") if key in task]


def _recorded(names: Mapping[str, str], task: Mapping[str, Any], ran: Mapping[str, Any]) -> Task:
    seconds = next((ran[key] for key in ("runtimeInSeconds", "runtime") if ran.get(key) is not None), None)
    if seconds is None:
        raise NotAnInstanceError(f"task {_labels(task)[-1:]} has no runtime")
    after = tuple(
        dict.fromkeys(names[str(parent)] for parent in task.get("parents", ()) if str(parent) in names)
    )
    cores = float(ran.get("coreCount") or ran.get("cores") or 1.0)
    return Task(names[_labels(task)[-1]], after, max(float(seconds), 0.001), max(cores, 1.0))
