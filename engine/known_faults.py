"""Open faults as facts, `fault`: what `any(fault where …)`, `count(fault)` and `for each fault` range over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

from engine.faults import Fault
from engine.knowledge.facts import WorkingMemory

KIND = "fault"
# So many at once are facts. Rules that raise a fault for each fault would otherwise have no end.
_MOST = 1000


class KnownFaults:
    """`forget(kind, key)` takes a fact away with all that rests on it. `wanted`: whether rules range over faults at all."""

    def __init__(
        self, memory: WorkingMemory, clock: Callable[[], float], forget: Callable[[str, str], None]
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._forget = forget
        self._told: set[int] = set()
        self.wanted = False

    def tell(self, fault: Fault) -> None:
        """It is open, or what rules read of it changed. A fault about a fault is none of those that rules range over."""
        if not self.wanted or fault.outcome is not None or fault.type == KIND:
            return
        if fault.id not in self._told and len(self._told) >= _MOST:
            return
        self._told.add(fault.id)
        fact = self._memory.fact(KIND, str(fault.id))
        fault.known = fact.values
        self._memory.merge(fact, fault.values(), self._clock(), "volexd", inf)

    def rename(self, faults: Iterable[Fault]) -> None:
        """Faults are called otherwise. Nobody is told: under the next program everything is looked at anew."""
        for fault in faults:
            if fault.id in self._told:
                self._memory.fact(KIND, str(fault.id)).values.update(fault.values())

    def want(self, wanted: bool, faults: Iterable[Fault]) -> None:
        """Other rules; `faults` are open."""
        newly, self.wanted = wanted and not self.wanted, wanted
        for fault in list(faults) if newly else ():
            self.tell(fault)

    def gone(self, fault: Fault) -> None:
        if fault.id in self._told:
            self._told.discard(fault.id)
            self._forget(KIND, str(fault.id))
