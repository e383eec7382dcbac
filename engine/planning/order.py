"""`order learned`: which step of a recovery is tried first (meaning 19).

Steps change places only with their neighbours of the same class of risk (`dsl.risk`). Among these, the one goes first that heals soonest,
failures counted: expected seconds of a try, divided by the chance that it heals. That is the order with the least expected time of a
sequence of independent tries which ends with the first success (L. G. Mitten, An analytic solution to the least cost testing sequence
problem, Journal of Industrial Engineering 11, 1960). Why chance and cost are estimated as they are: docs/design.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dsl.program import Agent, Recovery, Try
from dsl.risk import Risks
from engine.analysis.written import duration
from engine.derived.meaning import Meanings
from engine.knowledge.healing import Healing, Key, Tried
from engine.ledger import Ledger, as_json
from engine.renaming import Names

ENOUGH = 3  # faults, before which the written order stands
_LATER = 0.25  # what a try after others failed counts: it was made where they do not help, and says less of where they were not tried
_DOUBT = 1.0  # successes, and as many failures, that every step is believed to have had; they cost what the quickest one does


class Steps(NamedTuple):
    """Of a recovery with `order learned`, the steps as written: under what they are remembered, and the parts in which they may change
    places."""

    names: tuple[str, ...]
    keys: tuple[Key, ...]
    parts: tuple[range, ...]

    def under(self, names: Names) -> Steps:
        """The same when the recovery is called otherwise."""
        return self._replace(keys=tuple((names.of("recovery", rule), meaning) for rule, meaning in self.keys))


class Order(NamedTuple):
    """In which order one run tries them: `places` are those in which they are written. `reason` says why."""

    steps: Steps
    places: tuple[int, ...]
    reason: str

    def under(self, names: Names) -> Order:
        return self._replace(steps=self.steps.under(names))

    def names(self) -> list[str]:
        return [self.steps.names[place] for place in self.places]


class Orders:
    def __init__(self, ledger: Ledger, clock: Callable[[], float]) -> None:
        self.healing = Healing(ledger)
        self._plans: dict[str, Recovery] = {}  # those with `order learned`
        self._steps: dict[str, Steps] = {}  # of those that were asked for: of many recoveries few ever are
        self._read: tuple[Risks, Meanings] | None = None
        self._begun: dict[tuple[int, str], list[str]] = {}  # by fault and recovery: orders of a former life
        self._ledger = ledger
        self._clock = clock

    def take_plans(self, plans: Iterable[Recovery], agents: Iterable[Agent], meanings: Meanings) -> None:
        """The recoveries of a new program."""
        self._plans = {plan.head.name: plan for plan in plans if plan.order == "learned"}
        self._steps = {}
        self._read = (Risks(agents), meanings) if self._plans else None
        self._show_all()

    def rename(self, names: Names) -> None:
        """Recoveries are called otherwise."""
        self.healing.rename(names)
        self._steps = {names.of("recovery", name): steps.under(names) for name, steps in self._steps.items()}
        self._begun = {
            (fault, names.of("recovery", rule)): order for (fault, rule), order in self._begun.items()
        }

    def keys(self) -> set[Key]:
        """Under what the steps in force are remembered, where anything is known of their recoveries."""
        return {key for steps in self._steps.values() for key in steps.keys}

    def _steps_of(self, rule: str) -> Steps | None:
        """None: it is no recovery with `order learned`."""
        if rule not in self._steps and rule in self._plans and self._read is not None:
            self._steps[rule] = _steps(self._plans[rule], *self._read)
        return self._steps.get(rule)

    # --- which order ---------------------------------------------------------------------------------------------------

    def choose(self, rule: str, fault: int) -> Order | None:
        """For a recovery that did nothing yet; None where it is the written one, come what may."""
        steps = self._steps_of(rule)
        if steps is None:
            return None
        begun = self._begun.get((fault, rule))
        former = _as_begun(steps, begun) if begun is not None else None
        return former or self._learned(steps)

    def _learned(self, steps: Steps) -> Order:
        places: list[int] = []
        reasons: list[str] = []
        for part in steps.parts:
            ordered, reason = self._of_part(steps, part)
            places += ordered
            reasons += [reason] if reason else []
        return Order(steps, tuple(places), "; ".join(reasons) or "no two steps of it may change places")

    def _of_part(self, steps: Steps, part: range) -> tuple[Iterable[int], str]:
        if len(part) == 1:
            return part, ""
        newest = self.healing.newest(steps.keys[place] for place in part)
        tries = {place: self.healing.tries(steps.keys[place], newest) for place in part}
        taught = len({tried.fault for one in tries.values() for tried in one})
        if taught < ENOUGH:
            return part, f"{_listed(steps, part)} as written: {taught} of {ENOUGH} faults have taught so far"
        ordered = _soonest_first(tries)
        numbers = ", ".join(f"{steps.names[place]} {_numbers(tries[place])}" for place in ordered)
        return ordered, f"{_listed(steps, ordered)}, learned from the last {taught} faults: {numbers}"

    # --- what became of it -----------------------------------------------------------------------------------------------

    def begun(self, run: int, fault: int, rule: str, order: Order) -> None:
        """A run began its first attempt: its order is written down, with the reason, and stays."""
        self._begun.pop((fault, rule), None)
        self._ledger.put("recovery", run, {"step_order": as_json(order.names())}, durable=True)
        self._ledger.explain(fault, 2, f"order: {order.reason}", self._clock())

    def ended(self, order: Order, place: int, step: Try, seconds: float, outcome: str) -> None:
        """An attempt ended so many seconds after it began; `place` is where in the order it was."""
        if outcome not in ("succeeded", "failed"):
            return  # what was not needed gets no credit
        steps, now = order.steps, self._clock()
        part = next(part for part in steps.parts if place in part)
        keys = [steps.keys[other] for other in part]
        healed, first = outcome == "succeeded", place == part.start
        # However soon a step failed, it used up an attempt: that costs as much as to wait for it in vain.
        cost = seconds if healed else max(seconds, step.verify.within)
        tried = Tried(self.healing.newest(keys) + first, first, healed, cost)
        self.healing.learn(steps.keys[order.places[place]], step.name, tried, now)
        self._show(steps)

    def _show(self, steps: Steps) -> None:
        places = self._learned(steps).places
        for part in steps.parts:
            newest = self.healing.newest(steps.keys[place] for place in part)
            for place in part:
                self.healing.show(steps.keys[place], newest, steps.names[place], places.index(place) + 1)

    def _show_all(self) -> None:
        if not self.healing.records:
            return
        known = [self._steps_of(rule) for rule in dict.fromkeys(rule for rule, _ in self.healing.records)]
        self.healing.set_aside(self.keys())
        for steps in known:
            if steps is not None:
                self._show(steps)

    # --- after a restart -------------------------------------------------------------------------------------------------

    def restore(self, learned: Iterable[Mapping[str, Any]], recoveries: Iterable[Mapping[str, Any]]) -> None:
        """What was known, and in which order the recoveries of open faults began: they go on in it."""
        for row in learned:
            if row["kind"] == "recovery":
                self.healing.restore(row)
        for row in recoveries:
            names = row.get("step_order")
            if names:
                self._begun[row["fault_id"], row["rule"]] = json.loads(names)
        self._show_all()


def _steps(plan: Recovery, risks: Risks, meanings: Meanings) -> Steps:
    names = tuple(step.name for step in plan.tries)
    keys = tuple((plan.head.name, meanings.digest(_meaning(step))) for step in plan.tries)
    return Steps(names, keys, risks.swappable(plan))


def _meaning(step: Try) -> tuple[object, ...]:
    """What it does, and how it is seen that it helped; its name is a title."""
    return step.actions, step.verify, step.undo, step.retry


def _as_begun(steps: Steps, names: list[str]) -> Order | None:
    """The order that a former life began with, where these steps may stand in it."""
    if sorted(names) != sorted(steps.names):
        return None
    places = tuple(steps.names.index(name) for name in names)
    if any(sorted(places[part.start : part.stop]) != list(part) for part in steps.parts):
        return None
    return Order(steps, places, f"{', '.join(names)}, as it began before volexd ended")


def _soonest_first(tries: Mapping[int, list[Tried]]) -> list[int]:
    """Steps that are equally good stay as they are written."""
    quickest = min(_cost(one) / _weight(one) for one in tries.values() if one)
    return sorted(tries, key=lambda place: -_healings_a_second(tries[place], quickest))


def _healings_a_second(tries: list[Tried], quickest: float) -> float:
    """What was never tried, or long ago, is believed to heal half of the time, and as quickly as the best: so it is found out."""
    healed = sum(_counts(one) for one in tries if one.healed)
    return (healed + _DOUBT) / max(_cost(tries) + 2 * _DOUBT * quickest, 1e-9)


def _weight(tries: list[Tried]) -> float:
    return sum(map(_counts, tries))


def _cost(tries: list[Tried]) -> float:
    return sum(_counts(one) * one.seconds for one in tries)


def _counts(tried: Tried) -> float:
    return 1.0 if tried.first else _LATER


def _listed(steps: Steps, places: Iterable[int]) -> str:
    return ", ".join(steps.names[place] for place in places)


def _numbers(tries: list[Tried]) -> str:
    """`healed 7 of 8, and 1 of 2 after others, 6s a try`."""
    if not tries:
        return "was not tried"
    first, later = ([one for one in tries if one.first is which] for which in (True, False))
    said = [f"healed {_of(first)}"] if first else []
    said += (
        [f"healed {_of(later)} after others" if not first else f"{_of(later)} after others"] if later else []
    )
    return f"{' and '.join(said)} ({duration(_cost(tries) / _weight(tries))} a try)"


def _of(tries: list[Tried]) -> str:
    return f"{sum(one.healed for one in tries)} of {len(tries)}"
