"""Circles in graphs of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

_SHOWN = 8  # names of a circle that a message has room for


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """The names of one circle, each leading to the next, the first by name first; none if there is no circle.

    `graph` is name to the names it leads to; those that are not in it themselves lead nowhere.
    """
    inside = {name: [one for one in sorted(graph[name]) if one in graph] for name in sorted(graph)}
    try:
        TopologicalSorter(inside).prepare()
    except CycleError as error:
        around = [str(name) for name in reversed(error.args[1][1:])]
        at = around.index(min(around))
        return [*around[at:], *around[:at]]
    return []


def around(circle: list[str], joint: str) -> str:
    """`a needs b needs a`."""
    whole = [*circle, circle[0]]
    return joint.join(whole if len(whole) <= _SHOWN else [*whole[: _SHOWN - 2], "…", circle[0]])


def reached(graph: Mapping[str, Iterable[str]], start: Iterable[str]) -> set[str]:
    """Everything that the names lead to over any number of steps, the names themselves included."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.get(name, ()))
    return found
