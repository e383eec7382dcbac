"""Circles in graphs of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from dsl.proofs.graph import components

_SHOWN = 8  # names of a circle that a message has room for
_FEW = 5


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


def circles(graph: Mapping[str, Iterable[str]]) -> tuple[list[list[str]], set[str]]:
    """Circles that have no name in common, by their first names; and the names without which there is none.

    Of names that all lead to each other a few circles are enough; then all of them are among the names.
    """
    found: list[list[str]] = []
    lost: set[str] = set()
    for part in components(graph):
        names = set(part)
        rest = {name: [one for one in graph[name] if one in names] for name in part}
        for _ in range(_FEW):
            one = circle(rest)
            found += [one] if one else []
            lost.update(one)
            rest = {name: others for name, others in rest.items() if name not in lost}
        lost.update(rest if circle(rest) else ())
    return sorted(found), lost


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
