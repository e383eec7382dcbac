"""Faults: raised when a situation held, closed when it ended; what rests on them is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, Self

import msgspec

from dsl.operators import walk
from dsl.program import SEVERITIES
from engine.accounts import FaultClosed, FaultRaised
from engine.analysis.evaluate import evaluate
from engine.analysis.situations import Situation
from engine.derived.bounds import NO_LEAST
from engine.knowledge.facts import NOTHING, bindings_of, keys_of
from engine.ledger import Ledger, as_json
from engine.renaming import Names, write

_READ = frozenset({"severity", "attempts"})  # columns that change while it is open, and that rules read
RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Fault(msgspec.Struct, eq=False):
    """Its identity is (detection, subject). `offers` are the recoveries that may own it next, in order."""

    id: int
    situation: Situation
    raised_at: float
    name: str
    type: str
    key: str
    category: str
    severity: str
    rank: int
    began_at: float
    message: str = ""
    known: Mapping[str, Any] = NOTHING  # the fact that stands for it, with what is derived from it
    outcome: str | None = None
    attempts: int = 0
    offers: tuple[str, ...] = ()
    given_up: bool = False  # a recovery was tried, and none is left to try
    owned: bool = False  # a recovery took it over, now or before
    inhibited_by: int | None = None
    acknowledged: bool = False
    spent: frozenset[str] = frozenset()  # recoveries that gave up on it in a former life of volexd
    verify_until: float = -inf  # what was under way when volexd ended may have helped until then
    told: frozenset[str] = frozenset()  # channels that were told of it then
    token: int = 0  # what the chaining knows it by; 0: nothing follows from it

    @classmethod
    def of(cls, identity: int, situation: Situation, raised_at: float) -> Self:
        """What a situation raises."""
        watch, fact, severity = situation.watch, situation.fact, situation.severity
        return cls(
            identity, situation, raised_at, watch.name, fact.type, fact.key, watch.detection.category,
            severity, RANKS[severity], situation.since,
        )  # fmt: skip

    def rename(self, names: Names) -> None:
        self.name = names.of("detection", self.name)
        self.key = names.subject(self.type, self.key)
        self.type = names.type(self.type)
        self.offers = tuple(names.of("recovery", name) for name in self.offers)
        self.spent = frozenset(names.of("recovery", name) for name in self.spent)

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


_NOTHING_KNOWN = (None, NO_LEAST)


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
        watch, ledger = situation.watch, self._ledger
        fault = Fault.of(ledger.new_id(), situation, now)
        detection = watch.detection
        if detection.message is not None:
            fault.message = str(evaluate(detection.message, fault.bindings(self._singles), now))
        self.keep(fault)
        row = {
            "rule": fault.name, "subject_type": fault.type, "subject": fault.key, "category": fault.category,
            "severity": fault.severity, "began_at": fault.began_at, "raised_at": now, "message": fault.message,
            "evidence": as_json(self._evidence(fault)), "unconfirmed": False, "attempts": 0,
        }  # fmt: skip
        account = FaultRaised(fault.id, row, detection.head.place, detection.when.text)
        ledger.enter("fault", fault.id, row, account, FaultRaised.count(bool(watch.evidence)), now)
        return fault

    def _evidence(self, fault: Fault) -> dict[str, Any]:
        """What was read, by its name; of several values for one name the first that is known, and no lower bound that says nothing."""
        situation = fault.situation
        watch, values = situation.watch, situation.fact.values
        if watch.form.own_evidence is not None:
            return {name: values.get(field) for name, field in watch.form.own_evidence}
        found: dict[str, Any] = {}
        bindings: Mapping[str, Any] = {}
        for name, subject, path in watch.evidence:
            if found.get(name) in _NOTHING_KNOWN:
                if subject == watch.subject and subject not in situation.bound and subject != "fault":
                    found[name] = walk(values, path)
                else:
                    bindings = bindings or fault.bindings(self._singles)
                    found[name] = walk(bindings.get(subject), path)
        return found

    def rename(self, names: Names, now: float) -> None:
        """Rules are called otherwise: a fault goes by its rule's name, and by what it is about."""
        for fault in self.open.values():
            former = fault.name, fault.key, fault.type
            fault.rename(names)
            write(self._ledger, "fault", fault.id, "rule", former[0], fault.name, now)
            write(self._ledger, "fault", fault.id, "subject", former[1], fault.key, now)
            write(self._ledger, "fault", fault.id, "subject_type", former[2], fault.type, now)

    def close(self, fault: Fault, outcome: str, now: float) -> None:
        fault.outcome = outcome
        del self.open[fault.id], self._by_situation[fault.situation]
        account = FaultClosed(fault.id, outcome, now - fault.raised_at)
        row = {"closed_at": now, "outcome": outcome}
        self._ledger.enter("fault", fault.id, row, account, 1, now)

    def grade(self, fault: Fault, severity: str, now: float) -> None:
        """Another tier of its severity holds."""
        verb = "rose" if RANKS[severity] > fault.rank else "fell"
        self._ledger.explain(fault.id, 1, f"its severity {verb} from {fault.severity} to {severity}", now)
        fault.severity, fault.rank = severity, RANKS[severity]
        self.mark(fault, severity=severity)

    def mark(self, fault: Fault, **values: object) -> None:
        self._ledger.put("fault", fault.id, values, durable=False)
        if not _READ.isdisjoint(values):
            self.tell(fault)
