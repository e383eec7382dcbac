"""Why a rule does nothing about a subject just now: the first thing that stands in its way, and how far it is from doing it.

Only looks: nothing here changes anything. `conditions` says of a condition which part of it is not true, `states` what becomes of a
detection or of an orchestration with a `when`, `recoveries` what a recovery waits for, `work` what automations and alerts wait for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.whynot.conditions import Conditions
from engine.whynot.reason import Reason
from engine.whynot.recoveries import RecoveriesLook
from engine.whynot.states import StatesLook
from engine.whynot.work import WorkLook

if TYPE_CHECKING:
    from dsl.program import Program
    from engine.engine import Engine

__all__ = ["Reason", "whynot"]


def whynot(engine: Engine, rule: str, subject: str, now: float) -> Reason:
    """Of a detection, a recovery, an orchestration, an automation, an alert or maintenance. Raises LookupError in words that name what
    there is."""
    conditions = Conditions(engine, now)
    states = StatesLook(engine, conditions, now)
    recoveries = RecoveriesLook(engine, conditions, states, now)
    work = WorkLook(engine, conditions, now)
    watch = next((one for one in engine.situations.watches if one.rule.head.name == rule), None)
    if watch is not None:
        return states.at(watch, subject)
    if rule in engine.recoveries.plans:
        return recoveries.at(rule, subject)
    found = work.at(rule, subject)
    if found is not None:
        return found
    if any(one.head.name == rule and one.head.off for one in _rules(engine.program)):
        return Reason("no", [(0, "the rule is off")])
    raise LookupError(_no_such_rule(engine, rule))


def _rules(program: Program) -> Iterator[Any]:
    for kind in (
        program.detections, program.recoveries, program.orchestrations, program.automations, program.alerts,
        program.maintenances,
    ):  # fmt: skip
        yield from kind


def _no_such_rule(engine: Engine, rule: str) -> str:
    names = sorted({one.head.name for one in _rules(engine.program)})
    kinds = "detection, recovery, orchestration, automation, alert or maintenance"
    return f"there is no {kinds} called {rule}; there are: {', '.join(names) or 'none'}"
