"""The virtual world: the real engine, a clock that jumps to what the engine waits for, and actions that succeed and change nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from daemon.rehearsal.reasons import reasons
from daemon.rehearsal.rows import Rows
from daemon.rehearsal.timeline import Line
from dsl.program import Program, Relative
from engine.derived.keys import name_of
from engine.effects import Do, Effect, Explained, Record, Wake
from engine.engine import Engine
from engine.events import (
    ActionFinished,
    Commanded,
    Event,
    Happened,
    Looked,
    ProgramReplaced,
    Reported,
    TimePassed,
)

# 0.1 s + 0.2 s is not 0.3 s in binary: what is due this little later is due now.
_ROUNDING = 1e-6
_MOST_EVENTS = 200_000  # in one test; days of rule time take some thousands
_DEEPEST = 3  # of the lines of `why` that a timeline shows


class NeverEnds(Exception):
    """The rules keep the engine busy without end; the message says at which instant."""


class Stage:
    """One rehearsal. Instants are seconds from its beginning."""

    def __init__(self, program: Program) -> None:
        self.rows = Rows(program)
        self._types = program.fact_types
        self.timeline: list[Line] = []
        self._engine = Engine()
        self._now = 0.0
        self._wake: float | None = None
        self._events = 0
        self._failing: set[str] = set()
        self._seen: list[Reported] = []  # in this instant, and not told yet
        self._known: dict[tuple[str, str], set[str]] = {}
        self._give(ProgramReplaced(0.0, program))
        # Rules without `for each` are about the host: there is always one, of which nothing is known until a test says it.
        self._give(Reported(0.0, "host", "host", {"name": "host"}, "test"))

    def close(self) -> None:
        self._engine.close()

    def advance(self, instant: float) -> None:
        """Let time pass until then, stopping wherever the engine asked to be woken."""
        while self._wake is not None and self._wake <= instant + _ROUNDING:
            self._now, self._wake = max(self._now, self._wake), None
            self._give(TimePassed(self._now))
        self._now = max(self._now, instant)
        self._give(TimePassed(self._now))

    def set(self, kind: str, key: str, values: Mapping[str, object]) -> None:
        """Values are seen now, and stay fresh. They are told with all else that is set before `tell`, as what one look saw."""
        key = self._key(kind, key, values)
        self._known.setdefault((kind, key), set()).update(values)
        told = {name: self._absolute(value) for name, value in values.items()}
        said = {name for one in self._seen if (one.type, one.key) == (kind, key) for name in one.values}
        if not said.isdisjoint(values):
            self.tell()  # one after the other, since both cannot be so at once
        self._seen.append(Reported(self._now, kind, key, told, "test"))

    def tell(self) -> None:
        """What was set is seen."""
        seen, self._seen = tuple(self._seen), []
        if seen:
            self._give(seen[0] if len(seen) == 1 else Looked(self._now, seen))

    def _key(self, kind: str, name: str, values: Mapping[str, object]) -> str:
        """The key of what a test calls so: of several keys, those that were given when it was named first."""
        keys = [one.name for one in self._types[kind].keys] if kind in self._types else []
        if len(keys) > 1 and name not in self.rows.called:
            self.rows.called[name] = name_of(values.get(key) for key in keys) or name
        return self.rows.called.get(name, name) if len(keys) > 1 else name

    def happen(self, kind: str, values: Mapping[str, object]) -> None:
        """An event."""
        told = {name: self._absolute(value) for name, value in values.items()}
        self.rows.happened.append(kind)
        self.tell()
        self._give(Happened(self._now, kind, told, self._now, "test"))

    def _absolute(self, value: object) -> object:
        """A time that is told from now becomes an instant."""
        return self._now + value.seconds if isinstance(value, Relative) else value

    def lose(self, kind: str, key: str) -> None:
        """What was said of the fact is unknown from now on."""
        known = self._known.get((kind, self._key(kind, key, {})), ())
        keys = {one.name for one in self._types[kind].keys} if kind in self._types else set()
        self.set(kind, key, dict.fromkeys(name for name in known if name not in keys))

    def behave(self, kind: str, *, fails: bool) -> None:
        """How actions of this kind end from now on."""
        (self._failing.add if fails else self._failing.discard)(kind)

    def run(self, name: str, arguments: Mapping[str, Any]) -> None:
        """A workflow or an automation, by hand."""
        self.tell()
        self._give(Commanded(self._now, "run", name, "test", arguments))

    def say(self, text: str, *, failed: bool = False) -> None:
        """A line of the timeline that the engine did not write."""
        self.timeline.append(Line(self._now, text, failed=failed))

    def reasons(self, expected: object) -> tuple[str, ...]:
        """What stands in the way of what is expected now."""
        named: str | None = getattr(expected, "subject", None)
        key = None if named is None else self.rows.called.get(named, named)
        return reasons(self._engine, expected, key, self._now)

    def _give(self, event: Event) -> None:
        """Give the engine an event; actions end in the instant in which they begin."""
        waiting: deque[Event] = deque([event])
        while waiting:
            self._events += 1
            if self._events > _MOST_EVENTS:
                raise NeverEnds(
                    f"{_MOST_EVENTS} events until {self._now:g} s: these rules set each other off without end"
                )
            for effect in self._engine.step(waiting.popleft()):
                waiting.extend(self._carry_out(effect))

    def _carry_out(self, effect: Effect) -> tuple[Event, ...]:
        match effect:
            case Wake(at):
                self._wake = at
            case Explained():
                for row in effect.rows():
                    self._explained(self.rows.take(row))
            case Record():
                self.rows.take(effect)
            case Do(action):
                return (self._outcome(action),)
        return ()

    def _outcome(self, action: int) -> ActionFinished:
        row = self.rows.row("action", action)
        fails = row is not None and not self._failing.isdisjoint(self.rows.kinds(row))
        return ActionFinished(
            self._now, action, *(("failed", "as the test says") if fails else ("succeeded", ""))
        )

    def _explained(self, values: Mapping[str, Any]) -> None:
        """The story of a fault is told once, as the fault's; actions, and what would be done, that no fault asked for have their own."""
        action, fault = (self.rows.row(table, values["subject_id"]) for table in ("action", "fault"))
        shadow = self.rows.row("shadow_action", values["subject_id"])
        others = (row for row in (action, shadow) if row is not None)
        alone = any(row["fault_id"] is None and row.get("shadow_id") is None for row in others)
        if (fault or alone) and values["depth"] <= _DEEPEST:
            self.timeline.append(Line(values["at"], values["line"], values["depth"]))
