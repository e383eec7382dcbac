"""What a detection is about that is raised on faults of others: what these are about, which may be of several types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from dsl.parts import Binding, Moment
from dsl.program import Detection, Program, Recovery

RAISED_ON_FAULTS = ("fault", "exhausted")


def is_raised_on_faults(rule: Detection) -> bool:
    return rule.on is not None and rule.on.kind in RAISED_ON_FAULTS


class Abouts:
    """Of a program. What is bound is called by its type, as rules know it that are about faults; a join keeps its own names."""

    def __init__(self, program: Program) -> None:
        self._detections: Mapping[str, Detection] = {
            one.head.name: one for one in program.detections if not one.head.off
        }
        self._recoveries: Mapping[str, Recovery] = {one.head.name: one for one in program.recoveries}

    def of(self, rule: Detection) -> list[Binding | None]:
        """Each once; None is the host, which such a fault is about where nothing else can be told."""
        found: dict[Binding | None, None] = {}
        seen: set[str] = set()
        waiting = [rule.head.name]
        while waiting:
            name = waiting.pop()
            one = rule if name == rule.head.name else self._detections.get(name)
            if one is None or name in seen:
                continue
            seen.add(name)
            if one.on is not None and is_raised_on_faults(one):
                waiting += list(self._waits_for(one.on))[::-1]
            else:
                found[_by_type(one.binding)] = None
        return list(found) or [None]

    def _waits_for(self, moment: Moment) -> Iterable[str]:
        """The detections whose faults may be such a moment."""
        if moment.kind == "fault":
            return moment.names or self._detections
        return [name for recovery in self._first_owners(moment.names) for name in self._owned(recovery)]

    def _owned(self, recovery: Recovery) -> Iterable[str]:
        return recovery.detections or self._detections

    def _first_owners(self, names: Iterable[str]) -> list[Recovery]:
        """These recoveries, or those that had the faults before they took them over."""
        found: dict[str, Recovery] = {}
        waiting = list(names)
        while waiting:
            recovery = self._recoveries.get(waiting.pop())
            if recovery is not None and recovery.head.name not in found:
                found[recovery.head.name] = recovery
                waiting += recovery.exhausted
        return [one for one in found.values() if not one.exhausted]


def _by_type(binding: Binding | None) -> Binding | None:
    if binding is None:
        return None
    return replace(binding, name=binding.name if binding.joined else binding.type, where=None)
