"""A world around the engine, on a virtual clock: it answers actions, keeps the rows, and passes time exactly as `Wake` asks.

Whatever a test is about, every step is held against what must be true of any step (`_believe`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dsl.program import Program
from engine.effects import Cancel, Do, Effect, Explained, Inferred, Record, Wake
from engine.engine import Engine
from engine.events import (
    ActionFinished,
    Commanded,
    Event,
    HealthObserved,
    ProgramReplaced,
    Reported,
    Restored,
    TimePassed,
    UnitObserved,
    Withdrawn,
)

Row = dict[str, Any]


class Behaviour(NamedTuple):
    """How an action goes: after so many seconds, with that outcome."""

    takes: float = 0.1
    outcome: str = "succeeded"
    detail: str = ""


class World:
    """`at(t)` passes time up to t. Actions succeed after 0.1 s, unless `behaves` says otherwise; None: never answered."""

    def __init__(self, program: Program | None = None, at: float = 0.0) -> None:
        self.engine = Engine()
        self.now = at
        self.rows: dict[str, dict[int, Row]] = {}
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.done: list[Do] = []
        self.inferred: list[Inferred] = []
        self.behaves: dict[str, Behaviour | None] = {}
        self.wake_at: float | None = None
        self._answers: list[tuple[float, int, Behaviour]] = []
        if program is not None:
            self.load(program)

    # --- what happens --------------------------------------------------------------------------------------------------

    def send(self, event: Event) -> list[Effect]:
        self.events.append(event)
        if isinstance(event, TimePassed):
            self.wake_at = None  # the alarm rang
        effects = self.engine.step(event)
        self._believe(effects)
        self.effects += effects
        for effect in effects:
            self._take(effect)
        return effects

    def load(self, program: Program) -> list[Effect]:
        return self.send(ProgramReplaced(self.now, program))

    def report(
        self, kind: str, key: str, *, fresh_for: float | None = None, source: str = "", **values: Any
    ) -> None:
        self.send(Reported(self.now, kind, key, values, source, fresh_for))

    def status(self, agent: str, status: str | None, **more: Any) -> None:
        """Say an agent's status as if it had been sampled."""
        self.report("agent", agent, status=status, **more)

    def withdraw(self, kind: str, key: str) -> None:
        self.send(Withdrawn(self.now, kind, key))

    def unit(self, agent: str, running: bool | None, pid: int | None = None, detail: str = "") -> None:
        self.send(UnitObserved(self.now, agent, running, pid, detail))

    def health(
        self, agent: str, ok: bool | None, *, check: str = "health", began: float | None = None, **more: Any
    ) -> None:
        self.send(HealthObserved(self.now, agent, check, ok, self.now if began is None else began, **more))

    def command(self, command: str, subject: str | int, by: str = "ann") -> None:
        self.send(Commanded(self.now, command, str(subject), by))

    def finish(self, action: int, outcome: str = "succeeded", detail: str = "") -> None:
        self.send(ActionFinished(self.now, action, outcome, detail))

    def restored(self, **rows: Any) -> None:
        self.send(Restored(self.now, **rows))

    def at(self, instant: float) -> World:
        """Pass time up to this instant; what is due on the way happens at its own instant."""
        while (due := self._next_due()) is not None and due <= instant:
            self.now = max(self.now, due)
            if self._answers and self._answers[0][0] <= self.now:
                _, action, behaviour = self._answers.pop(0)
                self.finish(action, behaviour.outcome, behaviour.detail)
            else:
                self.send(TimePassed(self.now))
        self.now = instant
        return self

    def close(self) -> None:
        self.engine.close()

    def _next_due(self) -> float | None:
        dues = [answer[0] for answer in self._answers[:1]]
        if self.wake_at is not None:
            dues.append(self.wake_at)
        return min(dues, default=None)

    def _take(self, effect: Effect) -> None:
        match effect:
            case Record():
                self.rows.setdefault(effect.table, {}).setdefault(effect.id, {"id": effect.id}).update(
                    effect.values
                )
            case Explained():
                for record in effect.rows():
                    self._take(record)
            case Wake():
                self.wake_at = effect.at
            case Inferred():
                self.inferred.append(effect)
            case Do():
                self.done.append(effect)
                behaviour = self.behaves.get(effect.kind, Behaviour())
                if behaviour is not None:
                    self._answers.append((self.now + behaviour.takes, effect.action, behaviour))
                    self._answers.sort()

    # --- what must be true of any step ------------------------------------------------------------------------------------

    def _believe(self, effects: list[Effect]) -> None:
        intents = set()
        for effect in effects:
            match effect:
                case Record(table="action") if (
                    "intended_at" in effect.values and "outcome" not in effect.values
                ):
                    assert effect.durable, "an intent is on disk before it is done"
                    intents.add(effect.id)
                case Do():
                    assert effect.action in intents, "what is done was recorded first"
                    intents.remove(effect.action)
                case Cancel():
                    assert effect.action in self.rows.get("action", {})
        assert not intents, "what is recorded as intended is done"
        assert [e for e in effects if isinstance(e, Wake)] in ([], effects[-1:]), "one alarm, told last"

    # --- what became of it --------------------------------------------------------------------------------------------------

    def table(self, name: str, **like: Any) -> list[Row]:
        """Rows in the order of their ids, those with these values."""
        rows = self.rows.get(name, {}).values()
        return [row for row in rows if all(row.get(column) == wanted for column, wanted in like.items())]

    def faults(self, **like: Any) -> list[Row]:
        return self.table("fault", **like)

    def fault(self, rule: str, subject: str | None = None) -> Row:
        """The newest of that rule."""
        return self.table("fault", rule=rule, **({} if subject is None else {"subject": subject}))[-1]

    def open_faults(self) -> set[tuple[str, str]]:
        return {(row["rule"], row["subject"]) for row in self.table("fault") if row.get("outcome") is None}

    def did(self, kind: str | None = None) -> list[tuple[float, str, str | None]]:
        """When which action was begun on what."""
        rows = self.table("action") if kind is None else self.table("action", kind=kind)
        return [(row["intended_at"], row["kind"], row["target"]) for row in rows]

    def why(self, subject: int) -> list[str]:
        return [row["line"] for row in self.table("derivation", subject_id=subject)]


def columns(row: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in names)
