"""The parts that rules of every kind are made of: places, conditions, selectors, actions, limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.expressions import Expression

PRIORITIES = ("low", "medium", "high", "critical")
SEVERITIES = ("info", "warning", "error", "critical")
CATEGORIES = ("agent", "resource", "performance", "communication")
STATUSES = ("starting", "up", "degraded", "down", "stopped")
RISKS = ("none", "reconnect", "reload", "restart", "redeploy", "delete")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the file's name as the operator knows it, and the line from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A state that begins and ends. `text` is as the operator wrote it; it is no part of the meaning."""

    expression: Expression
    hold: float = 0.0
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Binding:
    """`for each TYPE [as NAME] [where C]`. Without one a rule's subject is the one host."""

    type: str
    name: str
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Selector:
    """`KIND [NAME] [where C]`: `agent`, `agent vault`, `stream where stream.connected`.

    Without a name and a where it means the rule's own bound subject of that kind.
    """

    kind: str
    name: Expression | None = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `kind` is the action word (`restart`, `exec`, …) or the name of an agent's own action.

    `affects` are the fact fields it may change (`agent.status`); None says that nothing was declared.
    """

    kind: str
    target: Selector | None
    arguments: tuple[tuple[str, Expression], ...]
    timeout: float
    affects: tuple[str, ...] | None
    repeatable: bool
    risk: str
    place: Place = field(compare=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RuleHead:
    """What every kind of rule has."""

    name: str
    title: str
    place: Place = field(compare=False)
    priority: str = "medium"
    tags: tuple[str, ...] = ()
    owner: str = ""
    runbook: str = ""
    shadow: bool = False
    off: bool = False
    text: str = field(default="", compare=False)  # the block as written


@dataclass(frozen=True, slots=True)
class Limit:
    """`per` seconds is a sliding window, None is `at once`; `scope` is a path over the bindings, None is `overall`."""

    count: int
    per: float | None
    scope: tuple[str, ...] | None
