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


Account = Line | FaultRaised | FaultClosed
