"""Graphs of steps: {step: what it comes after}. Pure functions; every change gives a new graph, or says why it would be none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

Graph = Mapping[str, tuple[str, ...]]
Cost = Callable[[str], float]


class NoGraphError(Exception):
    """The change would leave no valid graph; the text says why."""


def checked(graph: Graph) -> Graph:
    """The graph, if every step that one comes after is there and nothing comes after itself. Raises NoGraphError."""
    for step, after in graph.items():
        for name in after:
            if name not in graph:
                raise NoGraphError(f"step {step} would come after {name}, which is not there")
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise NoGraphError(f"{' before '.join(error.args[1])} would be a circle") from None
    return graph


def topological(graph: Graph) -> list[str]:
    """Every step behind what it comes after; as written where that leaves a choice."""
    done: set[str] = set()
    order: list[str] = []
    waiting = {step: len(set(after)) for step, after in graph.items()}
    following = dependants(graph)
    ready = [step for step, count in waiting.items() if count == 0]
    while ready:
        step = ready.pop(0)
        order.append(step)
        done.add(step)
        for name in following[step]:
            waiting[name] -= 1
            if waiting[name] == 0:
                ready.append(name)
    return order


def dependants(graph: Graph) -> dict[str, list[str]]:
    """What comes directly after each step."""
    found: dict[str, list[str]] = {step: [] for step in graph}
    for step, after in graph.items():
        for name in dict.fromkeys(after):
            found[name].append(step)
    return found


def lengths(graph: Graph, cost: Cost) -> dict[str, float]:
    """For each step, the longest path from its beginning to the end of the graph."""
    following = dependants(graph)
    found: dict[str, float] = {}
    for step in reversed(topological(graph)):
        found[step] = cost(step) + max((found[name] for name in following[step]), default=0.0)
    return found


def critical_path(graph: Graph, cost: Cost) -> float:
    """The longest path through the graph: no number of cores makes it faster."""
    return max(lengths(graph, cost).values(), default=0.0)


def inserted(graph: Graph, step: str, after: Iterable[str], before: Iterable[str]) -> Graph:
    """With a new step behind `after` and in front of `before`. Raises NoGraphError."""
    if step in graph:
        raise NoGraphError(f"there is a step {step} already")
    later = set(before)
    for name in later:
        if name not in graph:
            raise NoGraphError(f"there is no step {name} to come before")
    changed = {name: (*earlier, step) if name in later else tuple(earlier) for name, earlier in graph.items()}
    return checked({**changed, step: tuple(after)})


def removed(graph: Graph, step: str) -> Graph:
    """Without a step: what came after it comes after what it came after."""
    if step not in graph:
        raise NoGraphError(f"there is no step {step}")
    inherited = graph[step]
    return checked(
        {
            name: tuple(dict.fromkeys(new for old in after for new in (inherited if old == step else (old,))))
            for name, after in graph.items()
            if name != step
        }
    )


def leaves(graph: Graph) -> list[str]:
    following = dependants(graph)
    return [step for step in graph if not following[step]]
