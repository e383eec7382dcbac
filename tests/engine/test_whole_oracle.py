"""Random rules of every kind over random facts and events raise and close exactly the faults, at exactly the instants, of the slow oracle."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from dsl import program as p
from tests.engine.oracle import seen
from tests.engine.whole.happenings import HOST_IS_THERE, happen, happenings
from tests.engine.whole.oracle import Whole
from tests.engine.whole.rules import CALENDARS, EVENTS, TYPES, derived, rules
from tests.engine.world import World


# `HYPOTHESIS_PROFILE=search pytest tests/engine/test_whole_oracle.py` takes more of them, and others.
@settings(max_examples=max(70, settings.default.max_examples // 4))
@given(rules(3), derived(), happenings)
def test_faults_are_those_of_the_oracle(
    found: list[p.Detection], derive: p.Derive, events: list[Any]
) -> None:
    program = p.Program(TYPES, detections=tuple(found), derives=(derive,), events=EVENTS, calendars=CALENDARS)
    world, oracle = World(program), Whole(found, [derive], CALENDARS)
    now = 0.0
    happen(world, oracle, program, now, HOST_IS_THERE)
    for event in events:
        now += float(event[1]) if event[0] == "wait" else 1.0
        world.at(now)
        happen(world, oracle, program, now, event)
        oracle.pass_time(now)
        assert seen(world) == oracle.faults(), (now, event)
    world.at(now + 30)
    oracle.pass_time(now + 30)
    assert seen(world) == oracle.faults()
    world.close()
