"""A program and its events: how volexd is driven in every workload in which nothing has to be answered."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from benchmarks.measuring import Load, measure
from dsl.program import Program
from engine.effects import Effect, Record
from engine.engine import Engine
from engine.events import Event, ProgramReplaced, Reported, Withdrawn

INTERVAL = 1e-3  # seconds of the engine's time between two events


def raised(effects: Sequence[Effect]) -> int:
    """A rule fires for the peers; here a fault is raised."""
    return sum(1 for e in effects if type(e) is Record and e.table == "fault" and "raised_at" in e.values)


def begun(program: Program, before: Sequence[Event] = ()) -> Engine:
    """An engine with this program that has been told these events."""
    engine = Engine()
    engine.step(ProgramReplaced(0.0, program))
    for event in before:
        engine.step(event)
    return engine


def run(
    program: Program,
    events: Sequence[Event],
    firings: Sequence[int],
    *,
    before: Sequence[Event] = (),
    as_json: bool,
) -> None:
    """`before` is what is known when the measured events begin."""
    texts = [msgspec.json.encode(event) for event in events] if as_json else []
    fired = 0

    def ready() -> Load:
        step = begun(program, before).step
        decode = msgspec.json.Decoder(Reported | Withdrawn).decode
        encode = msgspec.json.Encoder().encode

        def take(number: int) -> None:
            nonlocal fired
            effects = step(events[number])
            if effects:
                fired += raised(effects)

        def take_json(number: int) -> None:
            nonlocal fired
            effects = step(decode(texts[number]))
            if effects:
                encode(effects)
                fired += raised(effects)

        return Load(take_json if as_json else take, lambda: fired)

    measure(ready, len(events), firings)
