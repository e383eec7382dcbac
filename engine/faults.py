"""Faults: raised when a situation held, closed when it ended; what rests on them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any

from dsl.operators import walk
from dsl.program import SEVERITIES
from engine.analysis.evaluate import evaluate
from engine.analysis.situations import Situation
from engine.analysis.watch import Evidence
from engine.analysis.written import duration, written
from engine.knowledge.facts import NOTHING, bindings_of, keys_of
from engine.ledger import Ledger, as_json

_READ = frozenset({"severity", "attempts"})  # columns that change while it is open, and that rules read
_REASONS = {
    "cleared": "the symptom went",
    "suppressed": "its `unless` became true",
    "withdrawn": "its subject or its rule is gone",
}


class Fault:
    """Its identity is (detection, subject). `offers` are the recoveries that may own it next, in order."""

    __slots__ = (
        "acknowledged",
        "attempts",
        "began_at",
        "category",
        "given_up",
        "id",
        "inhibited_by",
        "key",
        "known",
        "message",
        "name",
        "offers",
        "outcome",
        "owned",
        "raised_at",
        "rank",
        "severity",
        "situation",
        "spent",
        "token",
        "told",
        "type",
        "verify_until",
    )  # fmt: skip

    def __init__(self, identity: int, situation: Situation, raised_at: float) -> None:
        detection = situation.watch.detection
        self.id = identity
        self.situation = situation
        self.name = situation.watch.name
        self.type = situation.fact.type
        self.key = situation.fact.key
        self.category = detection.category
        self.severity = situation.severity
        self.rank = SEVERITIES.index(self.severity)
        self.began_at = situation.since
        self.raised_at = raised_at
        self.message = ""
        self.known: Mapping[str, Any] = NOTHING  # the fact that stands for it, with what is derived from it
        self.outcome: str | None = None
        self.attempts = 0
        self.offers: list[str] = []
        self.given_up = False  # a recovery was tried, and none is left to try
        self.owned = False  # a recovery took it over, now or before
        self.inhibited_by: int | None = None
        self.acknowledged = False
        self.spent: set[str] = set()  # recoveries that gave up on it in a former life of volexd
        self.verify_until = -inf  # what was under way when volexd ended may have helped until then
        self.told: set[str] = set()  # channels that were told of it then
        self.token = 0  # what the chaining knows it by

    def values(self) -> dict[str, Any]:
        """What rules read of it as `fault`."""
        return {
            "id": self.id,
            "name": self.name,
            "subject": self.key,
            "category": self.category,
            "severity": self.severity,
            "since": self.raised_at,
            "attempts": self.attempts,
            "message": self.message,
        }

    def read(self) -> dict[str, Any]:
        """The same, with what is derived from it."""
        return {**self.known, **self.values()}

    def bindings(self, singles: Mapping[str, Any]) -> dict[str, Any]:
        """What a rule that follows from it binds: the fault, and the subject by its type's and by its variable's name."""
        situation = self.situation
        subject = bindings_of(situation.fact, situation.watch.subject)
        return {**singles, **subject, **situation.bound, "fault": self.read()}

    def keys(self) -> dict[str, str]:
        """By which scopes it can be counted: `by agent`."""
        return keys_of(self.situation.fact, self.situation.watch.subject)


def _seen(evidence: Iterable[Evidence], bindings: Mapping[str, Any]) -> dict[str, Any]:
    """What was read, by its name; of several values for one name the first that is known."""
    found: dict[str, Any] = {}
    for name, subject, path in evidence:
        if found.get(name) is None:
            found[name] = walk(bindings.get(subject), path)
    return found


class Faults:
    """The open faults."""

    def __init__(self, ledger: Ledger, singles: Mapping[str, Any]) -> None:
        self.open: dict[int, Fault] = {}
        self._by_situation: dict[Situation, Fault] = {}
        self._ledger = ledger
        self._singles = singles
        self.tell: Callable[[Fault], None] = lambda fault: None  # called when what rules read of one changed

    def of(self, situation: Situation) -> Fault | None:
        """The open fault that a situation raised."""
        return self._by_situation.get(situation)

    def keep(self, fault: Fault) -> None:
        """It is open from now on."""
        self.open[fault.id] = fault
        self._by_situation[fault.situation] = fault

    def raise_from(self, situation: Situation, now: float) -> Fault:
        """The condition held long enough."""
        fault = Fault(self._ledger.new_id(), situation, now)
        bindings = fault.bindings(self._singles)
        detection = situation.watch.detection
        if detection.message is not None:
            fault.message = str(evaluate(detection.message, bindings, now))
        self.keep(fault)
        evidence = _seen(situation.watch.evidence, bindings)
        self._ledger.record(
            "fault", fault.id, durable=True, rule=fault.name, subject_type=fault.type, subject=fault.key,
            category=fault.category, severity=fault.severity, began_at=fault.began_at, raised_at=now,
            message=fault.message, evidence=as_json(evidence), unconfirmed=False, attempts=0,
        )  # fmt: skip
        self._explain(fault, evidence, now)
        return fault

    def _explain(self, fault: Fault, evidence: Mapping[str, Any], now: float) -> None:
        explain = self._ledger.explain
        detection = fault.situation.watch.detection
        place = detection.head.place
        line = f"fault {fault.name} on {fault.type} {fault.key} ({fault.severity}, {fault.category})"
        explain(fault.id, 0, f"{line}: {fault.message}" if fault.message else line, now)
        explain(fault.id, 1, f"raised by detection {fault.name} ({place.file}:{place.line})", now)
        held = f", held for {duration(now - fault.began_at)}" if now > fault.began_at else ""
        explain(fault.id, 1, f"because {detection.when.text or 'its condition'} was true{held}", now)
        if evidence:
            read = ", ".join([f"{name} was {written(value)}" for name, value in evidence.items()])
            explain(fault.id, 2, read, now)

    def close(self, fault: Fault, outcome: str, now: float) -> None:
        fault.outcome = outcome
        del self.open[fault.id], self._by_situation[fault.situation]
        self._ledger.record("fault", fault.id, durable=True, closed_at=now, outcome=outcome)
        line = f"{outcome} after {duration(now - fault.raised_at)}: {_REASONS[outcome]}"
        self._ledger.explain(fault.id, 1, line, now)

    def grade(self, fault: Fault, severity: str, now: float) -> None:
        """Another tier of its severity holds."""
        verb = "rose" if SEVERITIES.index(severity) > fault.rank else "fell"
        self._ledger.explain(fault.id, 1, f"its severity {verb} from {fault.severity} to {severity}", now)
        fault.severity, fault.rank = severity, SEVERITIES.index(severity)
        self.mark(fault, severity=severity)

    def mark(self, fault: Fault, **values: object) -> None:
        self._ledger.record("fault", fault.id, durable=False, **values)
        if not _READ.isdisjoint(values):
            self.tell(fault)
