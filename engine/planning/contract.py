"""The state of a recovery under way: which step of which contract, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from dsl.program import Recovery, Try
from engine.alarms import Alarm
from engine.faults import Fault
from engine.planning.turns import Turns


class State(Enum):
    WAITING = "waiting"  # something stands in the way of the next attempt
    ACTING = "acting"
    VERIFYING = "verifying"
    DECIDING = "deciding"  # an attempt failed: the chaining says what follows
    ENDED = "ended"


class Lock(NamedTuple):
    """A thing that only one recovery may act on at a time."""

    kind: str
    key: str


class Attempt:
    """One step tried once."""

    __slots__ = (
        "acted_at", "deadline", "failure", "id", "locks", "number", "step", "symptom_gone_at", "turns"
    )  # fmt: skip

    def __init__(self, identity: int, step: Try, number: int, locks: tuple[Lock, ...], turns: Turns) -> None:
        self.id = identity
        self.step = step
        self.number = number
        self.locks = locks
        self.turns = turns
        self.failure = ""  # of an action; what is under way beside it is waited for
        self.acted_at: float | None = None
        self.deadline: Alarm | None = None
        self.symptom_gone_at: float | None = None


class Run:
    """One recovery that owns one fault. It ends under the text under which it began."""

    __slots__ = (
        "alarm",
        "attempt",
        "attempts",
        "buckets",
        "fault",
        "id",
        "obstacle",
        "place",
        "plan",
        "reason",
        "released_at",
        "state",
        "subject",
    )  # fmt: skip

    def __init__(self, identity: int, plan: Recovery, fault: Fault, buckets: Mapping[str, str]) -> None:
        self.id = identity
        self.plan = plan
        self.fault = fault
        self.state = State.WAITING
        self.place = 0  # of the step that is tried next
        self.attempt: Attempt | None = None
        self.attempts = 0
        self.reason = ""
        self.obstacle = ""  # the reason told last for not beginning
        self.alarm: Alarm | None = None
        self.released_at: float | None = None  # when a failed need stopped standing in the way
        self.buckets = buckets
        self.subject = Lock(fault.type, fault.key)

    @property
    def holder(self) -> str:
        """By what name it holds pauses: each subject by itself."""
        return f"recovery {self.plan.head.name} on {self.fault.key}"

    def values(self) -> dict[str, object]:
        """What rules read of it as `recovery`."""
        step = self.plan.tries[min(self.place, len(self.plan.tries) - 1)]
        return {
            "id": self.id,
            "name": self.plan.head.name,
            "state": self.state.value,
            "step": step.name,
            "attempt": self.attempts,
            "reason": self.reason,
        }
