"""What rules are about."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.engine.oracle import Subject

HOST = ("host", "host")


class Thing(NamedTuple):
    """What a rule may be about: `bound` are facts by variable, or values that are not those of one fact; `inside` the members of a group."""

    subject: Subject
    bound: dict[str, Subject | dict[str, Any]]
    inside: tuple[Subject, ...] = ()

    def by_type(self) -> Thing:
        """As rules know it that are about its faults. Of two things of one type that name says neither."""
        kinds = [part[0] for part in self.bound.values() if isinstance(part, tuple)]
        parts: dict[str, Subject | dict[str, Any]] = {}
        for name, part in self.bound.items():
            if isinstance(part, dict):
                parts[name] = part
            elif kinds.count(part[0]) == 1:
                parts[part[0]] = part
        return self._replace(bound=parts)
