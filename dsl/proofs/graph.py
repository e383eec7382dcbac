"""Strongly connected parts of a graph of names, without recursion: a set of rules may be long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def components(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The parts that have a circle in them: several names that lead to each other, or one that leads to itself (Tarjan, linear)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    inside: set[str] = set()
    stack: list[str] = []
    found: list[list[str]] = []
    for root in graph:
        if root in number:
            continue
        _enter(root, number, low, inside, stack)
        path = [(root, iter(graph[root]))]
        while path:
            name, following = path[-1]
            for after in following:
                if after not in graph:
                    continue
                if after not in number:
                    _enter(after, number, low, inside, stack)
                    path.append((after, iter(graph[after])))
                    break
                if after in inside:
                    low[name] = min(low[name], number[after])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[name])
                if low[name] == number[name]:
                    part = _leave(name, inside, stack)
                    if len(part) > 1 or name in graph[name]:
                        found.append(part)
    return found


def _enter(
    name: str, number: dict[str, int], low: dict[str, int], inside: set[str], stack: list[str]
) -> None:
    number[name] = low[name] = len(number)
    inside.add(name)
    stack.append(name)


def _leave(name: str, inside: set[str], stack: list[str]) -> list[str]:
    part = []
    while True:
        one = stack.pop()
        inside.discard(one)
        part.append(one)
        if one == name:
            return part[::-1]
