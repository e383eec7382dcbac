"""What `why` tells, as data. Most of it is never read: its sentences are written out where rows are stored, or when somebody asks.

An account holds only what does not change any more, so it says the same whenever it is written out. How many lines it has is
known when it is made, for each has an id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from dsl.parts import Place
from engine.analysis.written import duration, written

REASONS = {
    "cleared": "the symptom went",
    "suppressed": "its `unless` became true",
    "withdrawn": "its subject or its rule is gone",
}


class Told(NamedTuple):
    """A line of `why`: about which fault, recovery, attempt, action or run, and how deep below its first line."""

    subject: int
    depth: int
    line: str


class Line(msgspec.Struct, frozen=True, gc=False, tag=True):
    """One that was written out when it happened."""

    subject: int
    depth: int
    line: str

    def lines(self) -> Iterator[Told]:
        yield Told(self.subject, self.depth, self.line)


class FaultRaised(msgspec.Struct, frozen=True, gc=False, tag=True):
    """`row` is the fault's, as it was recorded."""

    fault: int
    row: Mapping[str, Any]
    place: Place
    condition: str

    @staticmethod
    def count(with_evidence: bool) -> int:
        return 4 if with_evidence else 3

    def lines(self) -> Iterator[Told]:
        row = self.row
        title = f"fault {row['rule']} on {row['subject_type']} {row['subject']} ({row['severity']}, {row['category']})"
        message = f": {row['message']}" if row["message"] else ""
        yield Told(self.fault, 0, f"{title}{message}")
        yield Told(self.fault, 1, f"raised by detection {row['rule']} ({self.place.file}:{self.place.line})")
        lasted = row["raised_at"] - row["began_at"]
        held = f", held for {duration(lasted)}" if lasted > 0 else ""
        yield Told(self.fault, 1, f"because {self.condition or 'its condition'} was true{held}")
        evidence = json.loads(row["evidence"])
        if evidence:
            seen = ", ".join(f"{name} was {written(value)}" for name, value in evidence.items())
            yield Told(self.fault, 2, seen)


class FaultClosed(msgspec.Struct, frozen=True, gc=False, tag=True):
    """`lasted`: seconds for which it was open."""

    fault: int
    outcome: str
    lasted: float

    def lines(self) -> Iterator[Told]:
        yield Told(self.fault, 1, f"{self.outcome} after {duration(self.lasted)}: {REASONS[self.outcome]}")


class TakenOver(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A recovery owns a fault from now on."""

    fault: int
    rule: str
    place: Place

    def lines(self) -> Iterator[Told]:
        title = f"recovery {self.rule} ({self.place.file}:{self.place.line})"
        yield Told(self.fault, 1, f"{title} takes it over")


class AttemptBegan(msgspec.Struct, frozen=True, gc=False, tag=True):
    fault: int
    number: int
    step: str

    def lines(self) -> Iterator[Told]:
        yield Told(self.fault, 2, f"attempt {self.number}: step {self.step}")


class AttemptEnded(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Told of the attempt, and of its fault."""

    attempt: int
    fault: int
    number: int
    step: str
    outcome: str
    reason: str

    def lines(self) -> Iterator[Told]:
        ended = f"{self.outcome}: {self.reason}"
        yield Told(self.attempt, 0, f"attempt {self.number} ({self.step}) {ended}")
        yield Told(self.fault, 3, ended)


class RecoveryEnded(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Told of the recovery, and of its fault, which has a name and is about a `subject`."""

    recovery: int
    fault: int
    rule: str
    name: str
    subject: str
    outcome: str
    reason: str

    def lines(self) -> Iterator[Told]:
        ended = f"{self.outcome}: {self.reason}"
        yield Told(self.recovery, 0, f"recovery {self.rule} of {self.name} on {self.subject} {ended}")
        yield Told(self.fault, 2, f"recovery {self.rule} {ended}")


class Intended(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An action is about to be done. `kind` is its word, `target` the agent that it acts upon."""

    action: int
    kind: str
    target: str | None
    reason: str

    def lines(self) -> Iterator[Told]:
        yield Told(self.action, 0, f"{_done_to(self.kind, self.target)}: {self.reason}")


class ActionBegan(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Told of its fault. `text` is how it is written in its rule."""

    fault: int
    action: int
    kind: str
    target: str | None
    text: str

    def lines(self) -> Iterator[Told]:
        yield Told(self.fault, 3, f"action {self.action}: {self.text or _done_to(self.kind, self.target)}")


class ActionEnded(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Told of its fault. `detail` is what it said."""

    fault: int
    kind: str
    outcome: str
    detail: str

    def lines(self) -> Iterator[Told]:
        yield Told(self.fault, 3, how_it_ended(self.kind, self.outcome, self.detail))


def _done_to(kind: str, target: str | None) -> str:
    return f"{kind} {target}" if target else kind


def how_it_ended(kind: str, outcome: str, detail: str) -> str:
    """An action, in words."""
    said = f" ({detail})" if detail else ""
    return f"{kind} {outcome.replace('_', ' ')}{said}"


Account = (
    Line
    | FaultRaised
    | FaultClosed
    | TakenOver
    | AttemptBegan
    | AttemptEnded
    | RecoveryEnded
    | Intended
    | ActionBegan
    | ActionEnded
)
