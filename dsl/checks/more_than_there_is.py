"""V420: work that reserves more than the machine has."""

from collections.abc import Iterator

from dsl.capacity import Capacity
from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved
from dsl.work import Reserve

_GIB = 1024.0**3


def _run(resolved: Resolved) -> Iterator[Finding]:
    if resolved.capacity is None:
        return
    for path, reserve in _reserves(resolved):
        for what in _too_much(reserve, resolved.capacity):
            span = clause_span(resolved, *path, "reserve")
            help_ = "it would wait for ever: reserve less, or run it where there is more"
            yield finding("V420", f"this reserves {what}", span, help=help_)


def _reserves(resolved: Resolved) -> Iterator[tuple[tuple[str, ...], Reserve]]:
    """Where it stands (kind, name, and words inwards), and what is reserved."""
    for automation in resolved.program.automations:
        yield ("automation", automation.head.name), automation.reserve
    for workflow in resolved.program.workflows:
        for step in workflow.steps:
            yield ("workflow", workflow.head.name, "step", step.name), step.reserve
    for adaptation in resolved.program.adaptations:
        for change in adaptation.then:
            if change.new is not None:
                yield ("adaptation", adaptation.head.name, "then"), change.new.reserve


def _too_much(reserve: Reserve, capacity: Capacity) -> Iterator[str]:
    if capacity.cpu is not None and reserve.cpu > capacity.cpu:
        yield f"{reserve.cpu:g} cores, and there are {capacity.cpu:g}"
    if capacity.memory is not None and reserve.memory > capacity.memory:
        yield f"{_gib(reserve.memory)} GiB of memory, and there are {_gib(capacity.memory)}"
    for name, count in reserve.slots:
        most = count if capacity.slots is None else capacity.slots.get(name, 1)
        if count > most:
            yield f"{count} of `{name}`, and there is {most}: `work.slots` of the configuration says how many"


def _gib(size: float) -> str:
    return f"{round(size / _GIB, 1):.12g}"


CHECK = Lint(_run, needs_all=False, each=True)
