"""The oracle of detection: at every moment every condition is evaluated on every fact. Slow, obvious, and without an index.

It knows detections only: values that go stale, holds, `until`, `unless`, `where`, and without `until` the time to settle (meanings
1, 2, 3, 11). Conditions that follow time are no matter of this one.
"""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

from dsl.expressions import Expression
from dsl.program import Detection
from engine.analysis.evaluate import evaluate
from tests.engine.world import World

Subject = tuple[str, str]  # type, key


class Fault(NamedTuple):
    rule: str
    subject: str
    began_at: float
    raised_at: float
    closed_at: float | None
    outcome: str | None
    unconfirmed: bool
    severity: str


def seen(world: World) -> set[Fault]:
    """The faults that the engine raised."""
    return {
        Fault(
            row["rule"], row["subject"], row["began_at"], row["raised_at"], row.get("closed_at"), row.get("outcome"),
            row["unconfirmed"], row["severity"],
        )
        for row in world.faults()
    }  # fmt: skip


class Open:
    """What is known of one detection and one subject, while its condition holds or its fault is open."""

    def __init__(self, since: float, severity: str) -> None:
        self.since = since
        self.severity = severity
        self.raised_at: float | None = None
        self.ending_since: float | None = None
        self.unconfirmed = False
        self.passed_over = False  # when it was to be raised, `only if` was not true


class Oracle:
    def __init__(self, detections: list[Detection]) -> None:
        self.detections = {detection.head.name: detection for detection in detections}
        self.facts: dict[Subject, dict[str, tuple[Any, float]]] = {}  # name to value, stale at
        self.live: dict[tuple[str, Subject], Open] = {}
        self.closed: list[Fault] = []
        self.now = 0.0

    # --- what happens ----------------------------------------------------------------------------------------------------

    def report(self, at: float, subject: Subject, values: dict[str, Any], fresh_for: float | None) -> None:
        self.pass_time(at)
        stale_at = inf if fresh_for is None else at + fresh_for
        known = self.facts.setdefault(subject, {})
        known.update({name: (value, stale_at) for name, value in values.items()})
        self._look()

    def withdraw(self, at: float, subject: Subject) -> None:
        self.pass_time(at)
        self.facts.pop(subject, None)
        for key in [key for key in self.live if key[1] == subject]:
            self._end(key, "withdrawn")
        self._look()

    def pass_time(self, to: float) -> None:
        while (due := min(self._dues(), default=inf)) <= to:
            self.now = due
            self._look()
        self.now = to

    def faults(self) -> set[Fault]:
        still = {
            Fault(rule, key, live.since, live.raised_at, None, None, live.unconfirmed, live.severity)
            for (rule, (_, key)), live in self.live.items()
            if live.raised_at is not None
        }
        return still | set(self.closed)

    # --- the meanings ------------------------------------------------------------------------------------------------------

    def _dues(self) -> list[float]:
        """Every instant at which something may turn that did not before now."""
        stale = [stale_at for fact in self.facts.values() for _, stale_at in fact.values()]
        holds = [
            live.since + self.detections[rule].when.hold
            for (rule, _), live in self.live.items()
            if live.raised_at is None
        ]
        ends = [
            live.ending_since + self._patience(rule)
            for (rule, _), live in self.live.items()
            if live.ending_since is not None
        ]
        return [due for due in (*stale, *holds, *ends) if self.now < due < inf]

    def _patience(self, rule: str) -> float:
        detection = self.detections[rule]
        return detection.until.hold if detection.until else detection.settle

    def _look(self) -> None:
        for subject in self.facts:
            for rule, detection in self.detections.items():
                if detection.binding is None or detection.binding.type == subject[0]:
                    self._look_at(rule, detection, subject)

    def _look_at(self, rule: str, detection: Detection, subject: Subject) -> None:
        live = self.live.get((rule, subject))
        if live is None:
            self._perhaps_begins(rule, detection, subject)
        elif live.raised_at is None:
            self._pending(rule, detection, subject, live)
        else:
            self._open(rule, detection, subject, live)

    def _perhaps_begins(self, rule: str, detection: Detection, subject: Subject) -> None:
        if self._holds(detection, subject):
            live = self.live[rule, subject] = Open(self.now, detection.severity)
            self._pending(rule, detection, subject, live)

    def _pending(self, rule: str, detection: Detection, subject: Subject, live: Open) -> None:
        if not self._holds(detection, subject):
            del self.live[rule, subject]
        elif not live.passed_over and self.now >= live.since + detection.when.hold:
            if self._value(detection.only_if, subject, True) is True:
                live.severity = self._severity(detection, subject, live.severity)
                self._raise(rule, subject, live)
            else:
                live.passed_over = True

    def _raise(self, rule: str, subject: Subject, live: Open) -> None:
        live.raised_at = self.now

    def _holds(self, detection: Detection, subject: Subject) -> bool:
        where = detection.binding.where if detection.binding else None
        return (
            self._value(where, subject, True) is True
            and self._when(detection, subject) is True
            and not self._blocked(detection, subject)
        )

    def _blocked(self, detection: Detection, subject: Subject) -> bool:
        return detection.unless is not None and self._value(detection.unless.expression, subject) is True

    def _open(self, rule: str, detection: Detection, subject: Subject, live: Open) -> None:
        where = detection.binding.where if detection.binding else None
        if self._value(where, subject, True) is False:
            self._end((rule, subject), "withdrawn")
            return
        if self._blocked(detection, subject):
            self._end((rule, subject), "suppressed")
            return
        verdict = self._when(detection, subject)
        live.unconfirmed = verdict is None
        live.severity = self._severity(detection, subject, live.severity)
        ends = (
            self._value(detection.until.expression, subject) is True if detection.until else verdict is False
        )
        if not ends or verdict is True:  # where `until` overlaps `when`, the fault is still there
            live.ending_since = None
        elif live.ending_since is None:
            live.ending_since = self.now
        if live.ending_since is not None and self.now >= live.ending_since + self._patience(rule):
            self._end((rule, subject), "cleared")
            self._perhaps_begins(rule, detection, subject)

    def _end(self, key: tuple[str, Subject], outcome: str) -> None:
        live = self.live.pop(key)
        if live.raised_at is not None:
            self.closed.append(
                Fault(
                    key[0],
                    key[1][1],
                    live.since,
                    live.raised_at,
                    self.now,
                    outcome,
                    live.unconfirmed,
                    live.severity,
                )
            )

    def _when(self, detection: Detection, subject: Subject) -> Any:
        return self._value(detection.when.expression, subject)

    def _severity(self, detection: Detection, subject: Subject, former: str) -> str:
        """Another than it was, where tiers say so."""
        return former

    def _value(self, expression: Expression | None, subject: Subject, missing: Any = None) -> Any:
        if expression is None:
            return missing
        return evaluate(
            expression, {kind: self._values((kind, key)) for kind, key in self._bound(subject)}, self.now
        )

    def _bound(self, subject: Subject) -> list[Subject]:
        return [("host", "host"), subject]

    def _values(self, subject: Subject) -> dict[str, Any]:
        known = self.facts.get(subject, {})
        fresh = {name: value for name, (value, stale_at) in known.items() if stale_at > self.now}
        return {**fresh, "name": subject[1]} if subject in self.facts else {}
