"""A recovery made ready, and the state of one under way: which step of which contract, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from dsl.expressions import Field, nodes_of
from dsl.program import Recovery, Try
from engine.alarms import Alarm
from engine.faults import Fault
from engine.planning.acting import Deed
from engine.planning.order import Order
from engine.planning.turns import Turns


class Ready(NamedTuple):
    """What of a recovery is the same for every fault, worked out when it is needed first. None: it reads what is bound.

    `scope` is what its buckets are in an attempt's row.
    """

    buckets: dict[str, str] | None
    scope: str
    deeds: Sequence[list[Deed] | None]  # of each step


NOTHING_READY = Ready(None, "", ())


def guarded_by(plan: Recovery) -> set[str]:
    """What its `only if` and `unless` read."""
    guards = [plan.only_if, plan.unless.expression if plan.unless else None]
    nodes = [node for guard in guards if guard is not None for node in nodes_of(guard)]
    return {node.subject for node in nodes if isinstance(node, Field)}


class State(Enum):
    WAITING = "waiting"  # something stands in the way of the next attempt
    ACTING = "acting"
    VERIFYING = "verifying"
    DECIDING = "deciding"  # an attempt failed: the chaining says what follows
    ENDED = "ended"


WAITING, ACTING, VERIFYING, DECIDING, ENDED = State  # a member of an enumeration is slow to find by its class


class Lock(msgspec.Struct, frozen=True, gc=False):
    """A thing that only one recovery may act on at a time."""

    kind: str
    key: str


class Attempt(msgspec.Struct, eq=False):
    """One step tried once. `failure` is that of an action; what is under way beside it is waited for."""

    id: int
    step: Try
    number: int
    locks: tuple[Lock, ...]
    turns: Turns
    began_at: float = 0.0
    failure: str = ""
    acted_at: float | None = None
    deadline: Alarm | None = None
    symptom_gone_at: float | None = None


class Run(msgspec.Struct, eq=False):
    """One recovery that owns one fault. It ends under the text under which it began.

    `subject` is what the fault is about, `place` how many steps were tried before the next one, `order` the one that was learned (None:
    as written), `obstacle` the reason told last for not beginning. `released_at`: when a failed need stopped standing in the way.
    """

    id: int
    plan: Recovery
    fault: Fault
    subject: Lock
    buckets: Mapping[str, str]
    state: State = State.WAITING
    place: int = 0
    order: Order | None = None
    attempt: Attempt | None = None
    attempts: int = 0
    reason: str = ""
    obstacle: str = ""
    alarm: Alarm | None = None
    released_at: float | None = None
    ready: Ready = NOTHING_READY

    @property
    def at(self) -> int:
        """Where the step that is tried next is written."""
        return self.place if self.order is None else self.order.places[self.place]

    @property
    def step(self) -> Try:
        """The one that is tried next."""
        return self.plan.tries[self.at]

    @property
    def holder(self) -> str:
        """By what name it holds pauses: each subject by itself."""
        return f"recovery {self.plan.head.name} on {self.fault.key}"

    def values(self) -> dict[str, object]:
        """What rules read of it as `recovery`."""
        return {
            "id": self.id,
            "name": self.plan.head.name,
            "state": self.state.value,
            "step": self.step.name,
            "attempt": self.attempts,
            "reason": self.reason,
        }
