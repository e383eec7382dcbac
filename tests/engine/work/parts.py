"""Work by hand: short names for the dataclasses of `dsl.work`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsl import program as p
from dsl import work as w
from dsl.expressions import Constant, Expression, ListOf
from tests.engine.programs import FACT_TYPES, PLACE, action, condition, head, value

TYPES = FACT_TYPES | {
    name: p.FactType(name, "", (p.FactField("name", "text"),), (), builtin=True)
    for name in ("automation", "workflow")
}
NEVER = w.Retry()


def do(*words: Any) -> p.Action:
    """A program with these words; the first is what the world calls it."""
    return action("exec", command=ListOf(tuple(value(word) for word in words)))


def post(url: Any, target: p.Selector | None = None) -> p.Action:
    return action("http", target, method="post", url=url)


def step(
    name: str, *after: str, does: p.Action | None = None, timeout: float = 60.0, retry: w.Retry = NEVER,
    reserve: w.Reserve | None = None, optional: bool = False, priority: str = "medium",
    undo: Sequence[p.Action] = (), passes: Expression | None = None, each: p.Binding | None = None,
) -> w.Step:  # fmt: skip
    return w.Step(
        name, after, does or do(name), timeout, retry, reserve or w.Reserve(), optional, priority, tuple(undo),
        condition(passes), each, PLACE,
    )  # fmt: skip


def workflow(
    name: str, *steps: w.Step, parameters: Sequence[str] = (), learning: bool = True, **more: Any
) -> w.Workflow:
    return w.Workflow(head(name, **more), tuple((p, "any") for p in parameters), steps, learning)


def every(seconds: float, offset: float = 0.0, **more: Any) -> w.Schedule:
    return w.Schedule("every", every=seconds, offset=offset, **more)


def automation(
    name: str, runs: str | None = None, *actions: p.Action, schedule: w.Schedule | None = None,
    only_if: Expression | None = None, after: Sequence[str] = (), reserve: w.Reserve | None = None,
    strategy: str = "adaptive", overlap: str = "skip", deadline: float | None = None, learning: bool = True,
    arguments: Sequence[tuple[str, Any]] = (), **more: Any,
) -> w.Automation:  # fmt: skip
    return w.Automation(
        head(name, **more), schedule, only_if, runs, tuple((n, value(v)) for n, v in arguments), actions,
        tuple(after), reserve or w.Reserve(), strategy, overlap, deadline, learning,
    )  # fmt: skip


def orchestration(
    name: str, *then: p.Action, when: Expression | None = None, hold: float = 0.0, on: w.Moment | None = None,
    each: p.Binding | None = None, only_if: Expression | None = None, unless: Expression | None = None,
    afterwards: Sequence[p.Action] = (), measure: w.Measure | None = None, limits: Sequence[p.Limit] = (), **more: Any,
) -> w.Orchestration:  # fmt: skip
    return w.Orchestration(
        head(name, **more), each, condition(when, hold), on, only_if, condition(unless), then, tuple(afterwards),
        measure, tuple(limits),
    )  # fmt: skip


def adaptation(
    name: str, when: Expression, *then: w.Adjustment, of: str | None = None, hold: float = 0.0, **more: Any
) -> w.Adaptation:
    return w.Adaptation(head(name, **more), of, p.Condition(when, hold, "its condition"), then)


def maintenance(
    name: str, schedule: w.Schedule, lasting: float, covers: p.Selector | None, *actions: p.Action
) -> w.Maintenance:
    return w.Maintenance(head(name), schedule, lasting, covers, actions)


def run(name: str) -> p.Action:
    return action("run", name=name)


def steer(verb: str, kind: str, name: str | None = None, where: Expression | None = None) -> p.Action:
    """pause, resume, cancel."""
    return action(verb, p.Selector(kind, None if name is None else Constant(name), where))


_PARTS: dict[type, str] = {
    p.Agent: "agents",
    p.Detection: "detections",
    p.Recovery: "recoveries",
    w.Workflow: "workflows",
    w.Automation: "automations",
    w.Orchestration: "orchestrations",
    w.Adaptation: "adaptations",
    w.Maintenance: "maintenances",
}


def program(*parts: Any) -> p.Program:
    """Rules stand in the order given."""
    found: dict[str, list[Any]] = {name: [] for name in _PARTS.values()}
    for part in parts:
        found[_PARTS[type(part)]].append(part)
    return p.Program(fact_types=TYPES, **{name: tuple(rules) for name, rules in found.items()})
