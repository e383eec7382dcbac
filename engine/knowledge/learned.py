"""What past runs taught about steps: how long they take, and how often they succeed. Kept in the database, used in the next run.

Of each step the newest 64 durations are kept, so that what changed is learned anew; after a restart they are stood for by the mean and
the 90th percentile that the database kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import ceil
from statistics import median
from typing import Any

from engine.ledger import Ledger
from engine.renaming import Names

_KEPT = 64
_ENOUGH = 5  # runs from which on its numbers change what is done
_MARGIN = 4.0  # a timeout is so many times what the slowest tenth of the runs takes
_SHORTEST = 0.1  # of the timeout as written: learning goes no lower


class Lesson:
    """What is known of one step."""

    __slots__ = ("durations", "id", "runs", "successes")

    def __init__(self, identity: int) -> None:
        self.id = identity
        self.runs = 0
        self.successes = 0
        self.durations: deque[float] = deque(maxlen=_KEPT)

    def mean(self) -> float:
        return sum(self.durations) / len(self.durations) if self.durations else 0.0

    def slow(self) -> float:
        """The 90th percentile, by nearest rank."""
        ordered = sorted(self.durations)
        return ordered[ceil(0.9 * len(ordered)) - 1] if ordered else 0.0

    def success(self) -> float:
        return self.successes / self.runs if self.runs else 0.0


class Learned:
    """By `workflow/step`."""

    def __init__(self, ledger: Ledger) -> None:
        self.lessons: dict[str, Lesson] = {}
        self._ledger = ledger

    def ended(self, name: str, duration: float, succeeded: bool, now: float) -> None:
        """A step ended by itself, after so many seconds. Of failures only the duration of successes would mislead: it is not kept."""
        lesson = self._lesson(name)
        lesson.runs += 1
        lesson.successes += succeeded
        if succeeded:
            lesson.durations.append(duration)
        self._record(name, lesson, now)

    def too_slow(self, name: str, bound: float, now: float) -> None:
        """A step was cut off by a timeout: it takes longer than was thought, up to the timeout as written."""
        lesson = self._lesson(name)
        lesson.runs += 1
        lesson.durations.append(bound)
        self._record(name, lesson, now)

    def _lesson(self, name: str) -> Lesson:
        if name not in self.lessons:
            self.lessons[name] = Lesson(self._ledger.new_id())
        return self.lessons[name]

    def _record(self, name: str, lesson: Lesson, now: float) -> None:
        self._ledger.record(
            "learned", lesson.id, kind="step", name=name, runs=lesson.runs, successes=lesson.successes,
            duration_mean_s=lesson.mean() if lesson.durations else None,
            duration_p90_s=lesson.slow() if lesson.durations else None, updated_at=now,
        )  # fmt: skip

    def rename(self, names: Names) -> None:
        """Workflows are called otherwise. What was learned under that name already stays."""
        for name, lesson in list(self.lessons.items()):
            renamed = names.lesson(name)
            if renamed not in self.lessons:
                self.lessons[renamed] = self.lessons.pop(name)
                self._ledger.record("learned", lesson.id, name=renamed)

    def restore(self, row: Mapping[str, Any]) -> None:
        lesson = self.lessons[row["name"]] = Lesson(row["id"])
        lesson.runs, lesson.successes = row["runs"] or 0, row["successes"] or 0
        if row["duration_mean_s"] is not None and lesson.successes:
            lesson.durations.extend([row["duration_mean_s"]] * 8 + [row["duration_p90_s"]] * 2)

    def cost(self, name: str) -> float | None:
        """Seconds that it takes as a rule; None: not known."""
        lesson = self.lessons.get(name)
        return lesson.mean() if lesson is not None and lesson.durations else None

    def usual(self, name: str) -> float | None:
        """Seconds that it takes more often than not; None: too few runs to say so."""
        lesson = self.lessons.get(name)
        enough = lesson is not None and len(lesson.durations) >= _ENOUGH
        return median(lesson.durations) if lesson is not None and enough else None

    def timeout(self, name: str, written: float) -> float:
        """The timeout that past runs speak for: never above the one that is written, never below a tenth of it."""
        lesson = self.lessons.get(name)
        if lesson is None or len(lesson.durations) < _ENOUGH:
            return written
        return min(written, max(_MARGIN * lesson.slow(), _SHORTEST * written))
