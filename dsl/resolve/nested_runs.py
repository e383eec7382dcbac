"""Workflows that run each other: in a circle, the run of one would never come to an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dsl.circle import around, circles
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.resolve.known import Declared, Known
from dsl.resolve.site import Site
from dsl.syntax import Clause, Word
from dsl.work import Automation, Workflow


def report_circles(
    known: Known, findings: list[Finding], workflows: Iterable[Workflow], automations: Iterable[Automation]
) -> None:
    through = {one.head.name: one.workflow for one in automations}
    runs = {flow.head.name: dict(_runs(flow, through)) for flow in workflows}
    graph = {name: set(others) for name, others in runs.items() if others}
    for found in circles(graph)[0]:
        declared = known.of("workflow")[found[0]]
        chain = around(found, " runs ") if len(found) > 1 else f"{found[0]} runs itself"
        place = _place(declared, runs[found[0]][found[1 % len(found)]])
        Site(declared.block, known, findings).report(
            "V211",
            f"workflows run each other in a circle: {chain}",
            (place.start, place.line_end),
            help="one of these has to do without the other",
        )


def _runs(flow: Workflow, through: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """The workflows that its steps run, by themselves or through an automation, each with the step."""
    for step in flow.steps:
        for action in (step.action, *step.undo):
            name = dict(action.arguments).get("name")
            if action.kind == "run" and isinstance(name, Constant):
                called = str(name.value)
                yield through.get(called) or called, step.name


def _place(declared: Declared, step: str) -> Clause:
    """The clause of the step."""
    for clause in declared.clause.body or ():
        first = clause.items[0] if clause.items else None
        if clause.word == "step" and isinstance(first, Word) and first.name == step:
            return clause
    return declared.clause
