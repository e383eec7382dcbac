"""In which order declarations of one kind are resolved that need each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from dsl.circle import around, circles
from dsl.diagnostics import Finding
from dsl.resolve.declarations import name_of
from dsl.resolve.known import Declared, Known
from dsl.resolve.site import Site


def in_sequence(
    known: Known,
    findings: list[Finding],
    declared: Mapping[str, Declared],
    needs: Callable[[Declared], Collection[str]],
    message: str,
    link: str,
) -> tuple[list[Declared], set[str]]:
    """Those declared, each after those that it needs; and the names of those that wait for each other in a circle, which is reported
    (`message`, with the circle as a chain of `link`)."""
    wanted = {name: others for name, one in declared.items() if (others := needs(one))}
    if not wanted:
        return list(declared.values()), set()
    graph = {name: {other for other in wanted.get(name, ()) if other in declared} for name in declared}
    around_all, lost = circles(graph)
    for found in around_all:
        one = declared[found[0]]
        chain = around(found, link) if len(found) > 1 else f"{found[0]}{link}itself"
        site = Site(one.block, known, findings)
        site.report("V211", f"{message}: {chain}", name_of(one.clause), help="one of these has to begin")
    left = {name: others for name, others in graph.items() if name not in lost}
    return [declared[name] for name in _sorted(left)], lost


def _sorted(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Every name after those that it needs, otherwise as they stand."""
    placed: dict[str, None] = {}
    for first in graph:
        waiting = [first]
        while waiting:
            name = waiting[-1]
            missing = [other for other in graph[name] if other in graph and other not in placed]
            if name in placed or not missing:
                placed.setdefault(waiting.pop())
            else:
                waiting.extend(sorted(missing))
    return list(placed)
