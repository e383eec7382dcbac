"""Programs by hand: short names for the values of `dsl.program`, so that a test shows only what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dsl import program as p
from dsl.expressions import (
    And,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    ListOf,
    Not,
    Or,
    Template,
)

PLACE = p.Place("a.rules", 1)


# --- expressions ---------------------------------------------------------------------------------------------------


def field(path: str) -> Field:
    """`field("agent.labels.tier")`."""
    subject, *rest = path.split(".")
    return Field(subject, tuple(rest))


def value(plain: Any) -> Expression:
    return plain if isinstance(plain, msgspec.Struct) else Constant(plain)


def compare(path: str | Expression, operator: str, right: Any) -> Compare:
    left = field(path) if isinstance(path, str) else path
    return Compare(operator, left, value(right))


def equals(path: str | Expression, right: Any) -> Compare:
    return compare(path, "==", right)


def since(path: str) -> Call:
    return Call("since", (field(path),))


def known(path: str) -> Call:
    return Call("known", (field(path),))


def both(*operands: Expression) -> And:
    return And(operands)


def either(*operands: Expression) -> Or:
    return Or(operands)


def negated(operand: Expression) -> Not:
    return Not(operand)


def text(*parts: str | Expression) -> Template:
    return Template(parts)


DOWN = equals("agent.status", "down")
UP = equals("agent.status", "up")


# --- what is watched -----------------------------------------------------------------------------------------------

FACT_TYPES = {
    name: p.FactType(name, "", (p.FactField("name", "text"),), (), builtin=True)
    for name in ("agent", "host", "stream", "disk", "metric")
}


def agent(
    name: str, *, needs: Sequence[str] = (), labels: Sequence[tuple[str, object]] = (), health: bool = False,
    ready: bool = False, starts_within: float = 10.0, actions: Sequence[p.AgentAction] = (),
    limits: Sequence[p.Limit] = (), every: float = 5.0,
) -> p.Agent:  # fmt: skip
    check = p.Check("http", (), every, 2.0)
    return p.Agent(
        name, "", None, check if health else None, check if ready else None, starts_within,
        tuple(needs), tuple(labels), tuple(actions), tuple(limits), PLACE,
    )  # fmt: skip


# --- rules -----------------------------------------------------------------------------------------------------------


def head(name: str, **more: Any) -> p.RuleHead:
    return p.RuleHead(name, more.pop("title", ""), more.pop("place", PLACE), **more)


def condition(expression: Expression | None, hold: float = 0.0) -> p.Condition | None:
    return None if expression is None else p.Condition(expression, hold)


def detection(
    name: str, when: Expression, *, of: str | None = "agent", hold: float = 0.0, where: Expression | None = None,
    until: Expression | None = None, until_hold: float = 0.0, unless: Expression | None = None,
    severity: str = "critical", category: str = "agent", settle: float = 0.0, message: Expression | None = None,
    notices: Sequence[p.Notice] = (), **more: Any,
) -> p.Detection:  # fmt: skip
    binding = None if of is None else p.Binding(of, of, where)
    return p.Detection(
        head(name, **more), binding, severity, category, p.Condition(when, hold), condition(until, until_hold),
        condition(unless), message, tuple(notices), (), settle,
    )  # fmt: skip


def action(kind: str, target: p.Selector | None = None, timeout: float = 60.0, **arguments: Any) -> p.Action:
    pairs = tuple((name, value(given)) for name, given in arguments.items())
    return p.Action(kind, target, pairs, timeout, None, False, "none", PLACE)


def restart(name: str | None = None) -> p.Action:
    """Of the bound agent, or of the one named."""
    return action("restart", p.Selector("agent", None if name is None else Constant(name)))


def execute(*words: Any) -> p.Action:
    return action("exec", command=ListOf(tuple(value(word) for word in words)))


def notify(channel: str, said: str = "given up") -> p.Action:
    return action("notify", channel=channel, text=said)


def step(name: str, *actions: p.Action, within: float = 60.0, verify: Expression | None = None) -> p.Try:
    return p.Try(name, actions, p.Verify(verify, within))


def recovery(
    name: str, of: str | Sequence[str], *tries: p.Try, where: Expression | None = None,
    otherwise: Sequence[p.Action] = (), cooldown: p.Cooldown | None = None,
    limits: Sequence[p.Limit] = (p.Limit(1000, 3600.0, None),), keeps: Sequence[p.Keep] = (), **more: Any,
) -> p.Recovery:  # fmt: skip
    detections = (of,) if isinstance(of, str) else tuple(of)
    return p.Recovery(
        head(name, **more), detections, where, tries, tuple(otherwise), cooldown, tuple(limits), tuple(keeps)
    )


def program(*parts: p.Agent | p.Detection | p.Recovery) -> p.Program:
    """Rules stand in the order given."""
    return p.Program(
        fact_types=FACT_TYPES,
        agents=tuple(part for part in parts if isinstance(part, p.Agent)),
        detections=tuple(part for part in parts if isinstance(part, p.Detection)),
        recoveries=tuple(part for part in parts if isinstance(part, p.Recovery)),
    )
