"""One `test` block from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from daemon.rehearsal.expectations import found_instead
from daemon.rehearsal.rows import Rows
from daemon.rehearsal.stage import NeverEnds, Stage
from daemon.rehearsal.timeline import Line
from dsl.program import (
    ActionBehaves,
    ExpectAction,
    ExpectAlert,
    ExpectCount,
    ExpectFault,
    ExpectRecovery,
    ExpectWork,
    HappenEvent,
    LoseFact,
    Place,
    Program,
    RunWork,
    SetFact,
    TestCase,
    TestStep,
)

_MOST_REPEATS = 100_000
_TURNS: dict[type, int] = {ActionBehaves: 0, SetFact: 1, LoseFact: 1, HappenEvent: 1, RunWork: 1}
_EXPECTED = 2


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met: what was expected when, what was found, and what stood in its way."""

    place: Place
    at: float
    expected: str
    found: str
    reasons: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """What is told of it below what was expected."""
        yield f"found: {self.found}"
        for number, reason in enumerate(self.reasons):
            yield f"{'  why:' if number == 0 else '      '} {reason}"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`lasted` is rule time, `took` real time, both in seconds."""

    case: TestCase
    failures: tuple[Failure, ...]
    timeline: tuple[Line, ...]
    lasted: float
    took: float
    rows: Rows = field(compare=False)  # what was recorded

    @property
    def passed(self) -> bool:
        return not self.failures


def rehearse(program: Program, case: TestCase, clock: Callable[[], float]) -> Rehearsal:
    """Play it. `clock` measures how long that took."""
    began, end = clock(), _end(case)
    stage = Stage(program)
    try:
        failures = tuple(_play(stage, case, end))
        return Rehearsal(case, failures, tuple(stage.timeline), end, clock() - began, stage.rows)
    finally:
        stage.close()


def _play(stage: Stage, case: TestCase, end: float) -> Iterator[Failure]:
    """In one instant: how actions behave, then what is set, all of it at once, then what is expected."""
    try:
        moments = sorted(_moments(case, end), key=_when)
        for (at, turn), together in groupby(moments, key=_when):
            stage.advance(at)
            for _, _, step in together:
                if turn == _EXPECTED:
                    yield from _expect(stage, step, at)
                else:
                    _happen(stage, step)
            stage.tell()
    except NeverEnds as error:
        yield Failure(case.place, end, "the test comes to its end", str(error))


def _when(moment: tuple[float, int, TestStep]) -> tuple[float, int]:
    return moment[:2]


def _end(case: TestCase) -> float:
    """`at end` is the latest instant that the test names, and not before its first repetition."""
    named = [step.at or 0.0 for step in case.steps]
    return max([*named, *(step.repeat for step in case.steps if step.repeat)], default=0.0)


def _moments(case: TestCase, end: float) -> Iterator[tuple[float, int, TestStep]]:
    """Instant, turn within the instant, and step."""
    for step in case.steps:
        turn = _TURNS.get(type(step.what), _EXPECTED)
        for at in _instants(step, end):
            yield at, turn, step


def _instants(step: TestStep, end: float) -> Iterator[float]:
    if step.at is None:
        yield end
    elif not step.repeat:
        yield step.at
    else:
        times = min(_MOST_REPEATS, int((end - step.at) / step.repeat + 1e-9))
        yield from (step.at + number * step.repeat for number in range(times + 1))


def _happen(stage: Stage, step: TestStep) -> None:
    stage.say(step.text)
    match step.what:
        case SetFact(kind, key, values):
            stage.set(kind, key, dict(values))
        case HappenEvent(kind, values):
            stage.happen(kind, dict(values))
        case LoseFact(kind, key):
            stage.lose(kind, key)
        case ActionBehaves(kind, outcome):
            stage.behave(kind, fails=outcome.startswith("fail"))
        case RunWork(name, arguments):
            stage.run(name, dict(arguments))


def _expect(stage: Stage, step: TestStep, at: float) -> Iterator[Failure]:
    """Nothing, if it is so."""
    assert isinstance(
        step.what, (ExpectFault, ExpectAction, ExpectAlert, ExpectRecovery, ExpectWork, ExpectCount)
    )
    found = found_instead(step.what, stage.rows)
    if found is not None:
        stage.say(step.text, failed=True)
        yield Failure(step.place, at, step.text, found, stage.reasons(step.what))
