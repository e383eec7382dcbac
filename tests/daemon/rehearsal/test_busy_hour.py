"""The journal of a busy hour replays to the identical effects, in other processes, whatever the seed of their hashes is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.effects import Record
from engine.events import ProgramReplaced, Restored
from tests.daemon.rehearsal.busy_hour import DETECTIONS, digest, last_life, recorded

ROOT = Path(__file__).parents[3]
SEEDS = ("0", "1", "random")


def replayed_elsewhere(journal: Path) -> list[str]:
    """What replays in other processes come to; they run at the same time."""
    command = [sys.executable, "-m", "tests.daemon.rehearsal.busy_hour", str(journal)]
    others = [
        subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True
        )
        for seed in SEEDS
    ]
    return [other.communicate()[0].strip() for other in others]


def holds(directory: Path, events: int, seconds: float) -> set[str]:
    """Record that, replay it here and elsewhere; which kinds of rules did something in it."""
    found = recorded(directory, events, seconds)
    life = last_life(directory)
    assert [line.event for line in life if not line.same] == []
    assert sum(isinstance(line.event, (ProgramReplaced, Restored)) for line in life) == 4
    effects = [effect for line in life for effect in line.effects]
    assert effects == found.effects
    here = f"0 {len(life)} {digest(line.effects for line in life)}"
    assert replayed_elsewhere(directory) == [here] * len(SEEDS)
    return {
        str(effect.values["rule"])
        for effect in effects
        if isinstance(effect, Record) and "rule" in effect.values
    }


def test_busy_minutes_are_replayed_exactly(tmp_path: Path) -> None:
    acted = holds(tmp_path, 250, 90.0)
    assert len(acted & set(DETECTIONS)) > 10


@pytest.mark.slow
def test_a_busy_hour_is_replayed_exactly(tmp_path: Path) -> None:
    acted = holds(tmp_path, 6_000, 3600.0)
    assert len(acted & set(DETECTIONS)) > 18
