"""What can be read inside a workflow: its parameters, the run, its steps, the host."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from dsl import types
from dsl.program import PRIORITIES
from dsl.resolve.known import Known, Thing, Things
from dsl.resolve.scope import Scope, binding
from dsl.types import one_of

STEP_STATUSES = (
    "waiting",
    "ready",
    "running",
    "succeeded",
    "failed",
    "skipped",
    "cancelled",
    "undone",
    "interrupted",
)
RUN_STATUSES = ("queued", "running", "succeeded", "failed", "cancelled", "interrupted")
RESERVED = ("host", "swarm", "steps", "step", "run", "answer", "answers")  # names that no parameter can have

STEP = Thing(
    "step",
    {
        "name": types.TEXT,
        "kind": one_of(("exec", "http", "run", "wait", "approve")),
        "status": one_of(STEP_STATUSES),
        "duration": types.DURATION,
        "attempt": types.NUMBER,
        "error": types.TEXT,
        "output": types.ANY,
        "priority": one_of(PRIORITIES),
        "optional": types.FLAG,
    },
)
_RUN = Thing("run", {"workflow": types.TEXT, "status": one_of(RUN_STATUSES), "duration": types.DURATION})


def run_scope(
    known: Known, parameters: Iterable[tuple[str, str]], steps: Things, workflow: str | None = None
) -> Scope:
    """`parameters` are names and types; `steps` those that can be read; `workflow` is the one whose steps they are."""
    scope = replace(binding(known, {}), workflow=workflow)
    scope = scope.with_variable("run", _RUN).with_variable("steps", steps)
    for name, kind in parameters:
        scope = scope.with_variable(name, types.named(kind))
    return scope


def readable(steps: Iterable[str]) -> Things:
    return Things("step", dict.fromkeys(sorted(steps), STEP))


def before(step: str, earlier: Collection[str], all_steps: Collection[str]) -> Things:
    """The steps that are done when this one begins; the others may not be."""
    return Things(
        "step", dict.fromkeys(sorted(earlier), STEP), all_steps, f"the step `{step}` does not come after it"
    )
