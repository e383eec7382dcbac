"""`inhibited by fault …`: another open fault explains this one, so nothing is done about it and nobody is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dsl.program import Selector
from engine.analysis.evaluate import evaluate
from engine.faults import Fault, Faults


class Inhibition:
    """For causes that are no needs. The condition of a selector reads the other fault as `fault`, and this one's subject."""

    def __init__(self, faults: Faults, singles: Mapping[str, Any], clock: Callable[[], float]) -> None:
        self._faults = faults
        self._singles = singles
        self._clock = clock

    def by(self, fault: Fault, selectors: Sequence[Selector]) -> Fault | None:
        """The open fault that its detection's `inhibited by` selects. One that was given up explains nothing any more."""
        bindings = fault.bindings(self._singles)
        for other in self._faults.open.values():
            if other is not fault and not other.given_up:
                seen = {**bindings, "fault": other.read()}
                if any(self._selects(selector, other, seen) for selector in selectors):
                    return other
        return None

    def _selects(self, selector: Selector, other: Fault, seen: Mapping[str, Any]) -> bool:
        now = self._clock()
        if selector.name is not None and evaluate(selector.name, seen, now) != other.name:
            return False
        return selector.where is None or evaluate(selector.where, seen, now) is True
