"""A record played through the engine: the production engine, on the clock of the record. Nothing is done; actions count as succeeded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from daemon.backtest.record import Record
from daemon.rehearsal.rows import Row, Rows
from dsl.program import Program
from dsl.shadow import promoted
from engine.effects import Do, Effect, Wake
from engine.effects import Record as Stored
from engine.engine import Engine
from engine.events import ActionFinished, Event, Looked, ProgramReplaced, TimePassed

_AT_ONCE = 10_000  # events that may follow from one sample
_TELL_EVERY = 1000  # instants


class NeverEnds(Exception):
    """The rules set each other off without end; the text says when."""


@dataclass(frozen=True, slots=True)
class Played:
    """What would have been recorded; `seconds` is how long the record lasts, `samples` how many were played."""

    rows: Rows
    seconds: float
    samples: int

    def faults(self) -> list[Row]:
        return self.rows.all("fault")

    def actions(self) -> list[Row]:
        return self.rows.all("action")


def play(program: Program, record: Record, progress: Callable[[float], None] = lambda part: None) -> Played:
    """Rules in the shadow act like all others here: nothing is done anyway. `progress` is told how much of the record was played, from
    0 to 1."""
    playing = _Playing(promoted(program), record.began)
    try:
        samples = 0
        for number, event in enumerate(record.events()):
            if event.at >= playing.wake:
                playing.advance(event.at)
            playing.give(event)
            samples += len(event.seen) if isinstance(event, Looked) else 1
            if number % _TELL_EVERY == 0:
                progress(samples / len(record.seen))
        playing.advance(record.ended)
        progress(1.0)
        return Played(playing.rows, record.ended - record.began, samples)
    finally:
        playing.close()


class _Playing:
    def __init__(self, program: Program, began: float) -> None:
        self.rows = Rows(program)
        self._engine = Engine()
        self.wake = inf  # when the engine asked to be woken
        self.give(ProgramReplaced(began, program))

    def close(self) -> None:
        self._engine.close()

    def advance(self, instant: float) -> None:
        """Let time pass, stopping wherever the engine asked to be woken."""
        while self.wake <= instant:
            due, self.wake = self.wake, inf
            self.give(TimePassed(due))

    def give(self, event: Event) -> None:
        effects = self._engine.step(event)
        if effects:
            self._follow(self._taken(event.at, effects))

    def _follow(self, waiting: list[ActionFinished]) -> None:
        """Every action ends at once, and what follows from that is done too."""
        for number, event in enumerate(waiting):
            if number == _AT_ONCE:
                raise NeverEnds(f"these rules set each other off without end at {event.at:.0f} s since 1970")
            waiting += self._taken(event.at, self._engine.step(event))

    def _taken(self, at: float, effects: Sequence[Effect]) -> list[ActionFinished]:
        """The ends of the actions among them."""
        answers = []
        for effect in effects:
            if isinstance(effect, Wake):
                self.wake = inf if effect.at is None else effect.at
            elif isinstance(effect, Stored):
                self.rows.take(effect)
            elif isinstance(effect, Do):
                answers.append(ActionFinished(at, effect.action, "succeeded", "not done: a backtest"))
        return answers
