"""What people write who know another language, and how the same is said here.

A habit is recognised by the line in which a finding stands. It gives the finding the words that help this writer, where those made from
what the grammar or the vocabulary expects would only say that it is wrong. Data: a new habit is a line in one of the files beside
this one, and a case in `tests/dsl/errors/habits.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from dsl.diagnostics import Mistake
from dsl.habits.clauses import CLAUSES
from dsl.habits.conditions import CONDITIONS
from dsl.habits.declarations import DECLARATIONS
from dsl.habits.times import TIMES
from dsl.habits.values import VALUES

_LONGEST = 400  # characters of a line that are looked at: patterns may go over them again and again


class Habit(msgspec.Struct, frozen=True):
    """`codes`: of the findings it may stand behind. `pattern` is looked for in the line and has to reach the finding; its group `at`
    is what is marked. `message` (empty: the finding's own), `help` and `fix` may name groups. `fix` replaces what is marked."""

    codes: str
    pattern: re.Pattern[str]
    message: str
    help: str
    fix: str | None = None


def reworded(text: str, mistake: Mistake) -> Mistake:
    """The mistake in words that fit the habit behind it; itself if there is none. `text` is what its offsets count in."""
    line = text.rfind("\n", 0, mistake.start) + 1
    end = text.find("\n", line)
    written = text[line : min(end if end >= 0 else len(text), line + _LONGEST)]
    for habit in HABITS:
        match = _reaching(habit, written, mistake.start - line) if mistake.code in habit.codes else None
        if match:
            return _as_habit(mistake, habit, match, line)
    return mistake


def _reaching(habit: Habit, line: str, column: int) -> re.Match[str] | None:
    return next((one for one in habit.pattern.finditer(line) if one.start() <= column <= one.end()), None)


def _as_habit(mistake: Mistake, habit: Habit, match: re.Match[str], line: int) -> Mistake:
    start, end = match.span("at")
    return replace(
        mistake,
        message=match.expand(habit.message) if habit.message else mistake.message,
        help=match.expand(habit.help),
        start=line + start,
        end=line + end,
        label="",
        replacement=match.expand(habit.fix) if habit.fix is not None else None,
    )


def _habits() -> Iterator[Habit]:
    for written in (*CONDITIONS, *VALUES, *CLAUSES, *TIMES, *DECLARATIONS):
        codes, pattern, message, help_, *fix = written
        yield Habit(codes, re.compile(pattern), message, help_, *fix)


HABITS = tuple(_habits())
