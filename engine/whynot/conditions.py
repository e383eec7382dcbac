"""Which part of a condition is not true, with the values that it read, and what each of these lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dsl.expressions import And, Compare, Constant, Expression, Field, Foresight, Not, Or, nodes_of
from dsl.operators import number
from engine.analysis.evaluate import evaluate
from engine.analysis.spoken import as_written
from engine.analysis.written import duration, instant, plain, written
from engine.derived.bounds import NO_LEAST
from engine.derived.calendars import next_turn
from engine.derived.plan import IT, JOINED
from engine.knowledge.facts import Fact
from engine.whynot.reason import Line, verdict_of

if TYPE_CHECKING:
    from engine.engine import Engine

Bindings = Mapping[str, Any]
_OPPOSITE = {">=": "<", ">": "<=", "==": "!=", "<": ">=", "<=": ">", "!=": "=="}
_BOUNDS = "<>"  # behind the name of a slot


class Conditions:
    def __init__(self, engine: Engine, now: float) -> None:
        self._engine = engine
        self._now = now
        self._plan = engine.derivation.plan

    def true(self, node: Expression, bindings: Bindings) -> object:
        return evaluate(node, bindings, self._now)

    def text(self, node: Expression) -> str:
        return as_written(node, self._plan.texts)

    def failing(
        self, node: Expression, bindings: Bindings, fact: Fact | None, depth: int
    ) -> tuple[str, list[Line]]:
        """The first part that stands in the way, with its values. `fact` is what the condition is about."""
        verdict = self.true(node, bindings)
        if isinstance(node, And) and _bounded(node) is None:
            part = next(part for part in node.operands if self.true(part, bindings) is not True)
            return self.failing(part, bindings, fact, depth)
        bounded = _bounded(node)
        if isinstance(node, Or) and bounded is None:
            return self._none_of(node, bindings, fact, depth)
        if isinstance(node, Field) and (held := self._held(node, fact, depth)) is not None:
            return held
        shown = bounded or node
        said = f"{self.text(shown)} is {'unknown' if verdict is None else 'false'}"
        return verdict_of(verdict), [
            (depth, said),
            *((depth + 1, line) for line in self.values(shown, bindings, fact)),
        ]

    def _none_of(self, node: Or, bindings: Bindings, fact: Fact | None, depth: int) -> tuple[str, list[Line]]:
        found = [self.failing(part, bindings, fact, depth + 1) for part in node.operands]
        lines = [line for _, part in found for line in part]
        verdicts = {verdict for verdict, _ in found}
        worst = "waits" if "waits" in verdicts else verdict_of(self.true(node, bindings))
        return worst, [(depth, "none of these is true"), *lines]

    def _held(self, node: Field, fact: Fact | None, depth: int) -> tuple[str, list[Line]] | None:
        """A tier of a severity, which must be true for a while."""
        held = self._plan.held.get(_slot(node) or "")
        if held is None or fact is None:
            return None
        bindings = {**self._engine.situations.singles, IT: fact.values}
        if self.true(held.condition, bindings) is not True:
            return self.failing(held.condition, bindings, fact, depth)
        since = self._engine.derivation.held_since(held.slot, fact)
        lasted = self._now - since if since is not None else 0.0
        text = f"{self.text(node)} has been true for {duration(lasted)}, and must be so for {duration(held.hold)}"
        return "waits", [(depth, f"{text}: {duration(held.hold - lasted)} left")]

    # --- values ------------------------------------------------------------------------------------------------------

    def values(self, node: Expression, bindings: Bindings, fact: Fact | None) -> Iterator[str]:
        """What it reads, and for numbers how far they are from what is asked for."""
        seen = set()
        for part in nodes_of(node):
            if isinstance(part, Field) and (name := self.text(part)) not in seen:
                if self.true(part, bindings) == NO_LEAST:
                    continue  # a lower bound that says nothing; the upper one stands beside it
                seen.add(name)
                yield from self._value(part, name, bindings, fact)
        inner = node.operand if isinstance(node, Not) else node
        if isinstance(inner, Compare) and inner.operator in ("<", "<=", ">", ">="):
            left = number(self.true(inner.left, bindings))
            right = number(self.true(inner.right, bindings))
            if left is not None and right is not None:
                yield f"{plain(abs(left - right))} {'below' if left < right else 'above'} what is compared with"

    def _value(self, node: Field, name: str, bindings: Bindings, fact: Fact | None) -> Iterator[str]:
        slot = _slot(node)
        if slot in self._plan.calendars:
            yield from self._calendar(slot, name)
            return
        value = self.true(node, bindings)
        if slot in self._plan.readers and (bounds := self._bounds(node, name, bindings)):
            yield bounds
            return
        yield f"{name} is {written(value)}"
        if value is None and slot in self._plan.followed:
            yield from self._window(slot, self._fact_of(node, fact))
        elif value is None and slot is None:
            yield from self._unknown(node, self._fact_of(node, fact))

    def _calendar(self, slot: str, name: str) -> Iterator[str]:
        calendar = self._plan.calendars[slot]
        is_open = self._engine.situations.singles.get(slot) is True
        turns = next_turn(calendar, self._now)
        if turns is None:
            yield f"{name} is {written(is_open)}, and does not turn within a year"
        else:
            verb = "closes" if is_open else "opens next"
            yield f"{name} is {written(is_open)}: it {verb} at {instant(turns)}, in {duration(turns - self._now)}"

    def _bounds(self, node: Field, name: str, bindings: Bindings) -> str:
        """An aggregate of which members are not known; empty, where all are."""
        *front, last = (node.subject, *node.path)
        ends: list[object] = []
        for mark in _BOUNDS:
            end = [*front, f"{str(last).rstrip(_BOUNDS)}{mark}"]
            ends.append(self.true(Field(str(end[0]), tuple(end[1:])), bindings))
        least, most = ends
        if least is None or most is None or least == most:
            return ""
        return f"{name} is between {written(least)} and {written(most)}: of some members it is unknown whether they count"

    def _window(self, slot: str, fact: Fact | None) -> Iterator[str]:
        """How much of the window is known, and how much has to be."""
        followed = self._plan.followed[slot]
        if isinstance(followed.node, Foresight):
            yield "it has not seen enough of this value yet to judge it"
            return
        known = self._engine.derivation.known_of(slot, fact) if fact is not None else None
        if known is None:
            yield "nothing was sampled in it"
        elif known < followed.node.over / 2:
            need = followed.node.over / 2
            yield (
                f"its window of {duration(followed.node.over)} is known for {duration(known)}, and must be for"
                f" {duration(need)}: {duration(need - known)} of samples are missing"
            )

    def _unknown(self, node: Field, fact: Fact | None) -> Iterator[str]:
        """Why a field is unknown: never said, or stale; and what is wrong with its source."""
        if fact is None or not node.path:
            return
        field, at = str(node.path[0]), fact.stale.get(str(node.path[0]))
        about = f"{fact.type} {fact.key}"
        if field in fact.values and fact.values[field] is None:
            yield f"what is said of {about} leaves its {field} unknown"
        elif field in fact.values:
            yield f"{about} has {written(fact.values[field])} as its {field}"
        elif at is not None:
            yield f"{field} of {about} is stale since {instant(at)}, for {duration(self._now - at)}"
        else:
            yield f"nobody has said the {field} of {about} so far"
        probe = self._engine.memory.get("probe", fact.source)
        if probe is not None and probe.values.get("ok") is False:
            yield f"probe {fact.source} fails: {written(probe.values.get('last_error'))}"

    def _fact_of(self, node: Field, fact: Fact | None) -> Fact | None:
        """Whose field it is: of what the condition is about, of a part of a join, or of the one host."""
        if fact is None or node.subject in (IT, JOINED):
            part = fact.parts.get(str(node.path[0])) if fact is not None and node.path else None
            return part or fact
        if node.subject in self._engine.situations.singles and node.subject != fact.type:
            return next(iter(self._engine.memory.all(node.subject)), None)
        return fact.parts.get(node.subject, fact)


def _bounded(node: Expression) -> Compare | None:
    """The comparison as it was written, of one that is decided by the bounds of what it compares (see `derived.bounds`)."""
    if not any(part == Constant(None) for part in nodes_of(node)):
        return None
    found = next((part for part in nodes_of(node) if isinstance(part, Compare)), None)
    if found is None or not isinstance(node, Not):
        return found
    return Compare(_OPPOSITE[found.operator], found.left, found.right, found.order)


def _slot(node: Field) -> str | None:
    """The slot that it reads, if it reads one."""
    last = str(node.path[-1]) if node.path else node.subject
    return last.rstrip(_BOUNDS) if last.startswith("#") else None
