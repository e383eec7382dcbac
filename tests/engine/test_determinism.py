"""Same program, same events: same effects, bit for bit; in another process, and after the events went through JSON."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import msgspec
import pytest

from engine.effects import Effect
from engine.engine import Engine
from engine.events import Event, ProgramReplaced
from tests.engine.swarm import swarm, walk
from tests.engine.world import World

ROOT = Path(__file__).parents[2]
SIZE = 100
EVENTS = 1200


def busy_hour() -> World:
    """A hundred agents, everything that may happen to them, with reloads."""
    world = World(swarm(SIZE))
    walk(world, Random(11), SIZE, EVENTS)
    return world


def replayed(events: list[Event]) -> bytes:
    """The effects of a new engine, as JSON."""
    engine = Engine()
    effects: list[Effect] = []
    for event in events:
        effects += engine.step(event)
    engine.close()
    return msgspec.json.encode(effects)


def through_json(event: Event) -> Event:
    """What a journal would hand back. Programs are not kept in it: they are loaded from their text."""
    if isinstance(event, ProgramReplaced):
        return event
    return msgspec.json.decode(msgspec.json.encode(event), type=type(event))


@pytest.fixture(scope="module")
def hour() -> World:
    return busy_hour()


def test_twice_the_same(hour: World) -> None:
    recorded = msgspec.json.encode(hour.effects)
    assert len(recorded) > 100_000
    assert replayed(hour.events) == recorded


def test_the_same_after_the_events_went_through_json(hour: World) -> None:
    assert replayed([through_json(event) for event in hour.events]) == msgspec.json.encode(hour.effects)


@pytest.mark.parametrize("seed", ["1", "2718"])
def test_the_same_in_another_process(hour: World, seed: str) -> None:
    """With another order of hashes, and another number of everything that was made before."""
    code = (
        "import sys, msgspec; from tests.engine.test_determinism import busy_hour;"
        "sys.stdout.buffer.write(msgspec.json.encode(busy_hour().effects))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True,
    )  # fmt: skip
    assert other.stdout == msgspec.json.encode(hour.effects)
