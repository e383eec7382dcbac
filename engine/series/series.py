"""What one value was over time, for all windows over it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf, isfinite
from typing import Any

from dsl.expressions import Foresight, Window
from engine.series.columns import BY_NAME as COLUMNS
from engine.series.columns import number
from engine.series.foresight.ahead import Ahead
from engine.series.functions import BY_NAME as FUNCTIONS
from engine.series.functions import Function
from engine.series.samples import MOST, Samples
from engine.series.turning import Asked, covered, turns, whole
from engine.series.view import View

LATENESS = 3  # expected intervals by which a sample may come late, as values go stale
STRAGGLERS = 3  # samples in a row that are later than that: the clock was set back

Span = tuple[float, float]  # over, ending


class Series:
    """`nodes` are windows over one value of one fact, or foresight of it.

    `interval` is how many seconds lie between its samples, 0 when nobody knows. Samples may come late, twice, or out of their order;
    those later than three intervals are ignored, unless they show that the clock was set back: then what was recorded for instants that are
    still to come is forgotten.
    """

    def __init__(self, nodes: Sequence[Window | Foresight], interval: float, most: int = MOST) -> None:
        self._nodes = tuple(nodes)
        windows = [node for node in nodes if isinstance(node, Window)]
        foreseen = [node for node in nodes if isinstance(node, Foresight)]
        self._windows = [((node.over, node.ending), node, FUNCTIONS[node.function]) for node in windows]
        self._spans = _by_span(self._windows)
        self._ahead = Ahead(foreseen, interval)
        self._numbers = bool(foreseen) or any(not function.any_value for _, _, function in self._windows)
        self._reach = max([self._ahead.reach, *(over + ending for over, ending in self._spans)])
        names = {name for _, _, function in self._windows for name in function.columns}
        names |= {"known"} if self._reach else set()
        self._samples = Samples((COLUMNS[name] for name in sorted(names)), interval, most)
        self._now = -inf
        self._views: dict[Span, View] = {}
        self._behind: list[tuple[float, object]] = []
        self._heard = -inf  # the newest instant that the series was told of

    # --- what is seen -----------------------------------------------------------------------------------------------------

    def born(self, since: float) -> None:
        """The source was read at `since` and did not have the value: a counter that appears now began at 0."""
        if not len(self._samples):
            self._samples.put(since, 0.0, count=0)
            self._samples.lose(since)
            self._hear(since)
            self._now = -inf

    def sampled(self, at: float, value: object) -> None:
        """What the value was at `at`; None when that is unknown or of the wrong type."""
        if not self._fits(value):
            self.lost(at)
            return
        self._hear(at)
        self._now = -inf
        if self._late(at) or not self._samples.put(at, value):
            self._straggle(at, value)
            return
        self._behind.clear()
        self._ahead.sampled(at, value)
        self._samples.forget_before(at - self._reach)

    def lost(self, at: float) -> None:
        """From `at` on nothing is known until the next sample."""
        self._hear(at)
        self._now = -inf
        self._samples.lose(at)

    def _fits(self, value: object) -> bool:
        if number(value):
            return isfinite(value)  # type: ignore[arg-type]
        if isinstance(value, Mapping):
            return not self._numbers and all(number(count) and isfinite(count) for count in value.values())
        return value is not None and not self._numbers

    def _hear(self, at: float) -> None:
        if self._samples.begun is None:
            self._samples.begun = at
        if at > self._heard:
            self._heard = at

    def _late(self, at: float) -> bool:
        samples = self._samples
        return bool(samples.interval and samples.ats and at < samples.ats[-1] - LATENESS * samples.interval)

    def _straggle(self, at: float, value: object) -> None:
        """A late sample; several, each later than the one before, are what a clock looks like that was set back."""
        self._behind.append((at, value))
        if any(first >= second for (first, _), (second, _) in pairwise(self._behind)):
            self._behind = [(at, value)]
        if len(self._behind) < STRAGGLERS:
            return
        behind, self._behind = self._behind, []
        self._samples.forget_after(behind[0][0])
        self._heard = at
        for then, seen in behind:
            self._samples.put(then, seen)
        self._ahead.set_back(behind)

    @property
    def learning(self) -> bool:
        """Whether `anomaly` learns what it sees. Not while a fault is open that rests on it: else it would take the fault for usual."""
        return self._ahead.learning

    @learning.setter
    def learning(self, learning: bool) -> None:
        self._ahead.learning = learning

    # --- what it says -----------------------------------------------------------------------------------------------------

    def values(self, now: float) -> tuple[object, ...]:
        """One for each node, None where it is unknown."""
        self._hear(now)
        windows = iter(self._windows)
        return tuple(
            self._of_window(*next(windows), now) if isinstance(node, Window) else self._foreseen(node, now)
            for node in self._nodes
        )

    def _of_window(self, span: Span, node: Window, function: Function, now: float) -> object:
        view = self._view(span, now)
        known = function.at_once or covered(view, span[0])
        return function.value(view, node) if known else None

    def _foreseen(self, node: Foresight, now: float) -> object:
        if node.function == "anomaly":
            return self._ahead.anomaly(node) if self._current(now) else None
        view = self._view((node.over, 0.0), now)
        return self._ahead.trend(node, view) if covered(view, node.over) else None

    def _current(self, now: float) -> bool:
        newest = self._samples.before(now)
        return newest >= 0 and self._samples.end(newest) > now

    def bounds(self, now: float) -> tuple[str, ...]:
        """What each value is while its window is only partly known: a lower bound ("least"), an upper one ("most"); else ""."""
        windows = iter(self._windows)
        return tuple(
            self._bound(*next(windows), now) if isinstance(node, Window) else "" for node in self._nodes
        )

    def _bound(self, span: Span, _: Window, function: Function, now: float) -> str:
        if function.at_once == "exact" or whole(self._view(span, now), span[0]):
            return ""
        return function.at_once

    def turns(self, now: float) -> float | None:
        """The next instant at which a value may change though no sample comes; of values that drift, the next at which to look."""
        found = [self._ahead.turns(self._samples, now)]
        for span, asked in self._spans.items():
            found.append(turns(self._view(span, now), now, *span, asked))
        return min(found) if min(found) < inf else None

    def known(self, span: Span, now: float) -> float:
        """Of how many seconds of a window the value is known."""
        return self._view(span, now).known_seconds()

    def _view(self, span: Span, now: float) -> View:
        """The same one for all questions of an instant, until something new is seen."""
        if now != self._now:
            self._now = now
            self._views.clear()
        view = self._views.get(span)
        if view is None:
            over, ending = span
            view = self._views[span] = View(self._samples, now - (over + ending), now - ending)
        return view

    # --- what survives a restart --------------------------------------------------------------------------------------------

    @property
    def length(self) -> int:
        """How many entries it keeps; what foresight learned is about as large as a hundred."""
        foresees = any(isinstance(node, Foresight) for node in self._nodes)
        return len(self._samples) + (100 if foresees else 0)

    def dump(self) -> dict[str, Any]:
        begun = self._samples.begun
        heard = None if begun is None else self._heard
        behind = [list(sample) for sample in self._behind]
        return {
            "begun": begun,
            "heard": heard,
            "behind": behind,
            "entries": self._samples.dump(),
            "ahead": self._ahead.dump(),
        }

    def take_over(self, former: Series) -> None:
        """Goes on where another series of the same value stood, of which other things were asked: only what that one kept is known."""
        if self._numbers and not former._numbers:
            return  # it took what is no number here
        self._now = -inf
        self._samples.begun = former._samples.begun
        self._samples.load(former._samples.dump())
        self._behind, self._heard = list(former._behind), former._heard
        self._ahead.load(former._ahead.dump())

    def load(self, data: Mapping[str, Any]) -> None:
        """Takes up what `dump` gave: what happened since the last instant that it had heard of is not known."""
        self._now = -inf
        self._samples.begun = data["begun"]
        self._samples.load(data["entries"])
        self._behind = [(at, value) for at, value in data["behind"]]
        self._heard = -inf if data["heard"] is None else data["heard"]
        self._samples.lose(self._heard)
        self._ahead.load(data["ahead"])


def _by_span(windows: Sequence[tuple[Span, Window, Function]]) -> dict[Span, Asked]:
    spans: dict[Span, list[Function]] = {}
    for span, _, function in windows:
        spans.setdefault(span, []).append(function)
    return {span: _asked(functions) for span, functions in spans.items()}


def _asked(functions: Sequence[Function]) -> Asked:
    return Asked(
        half=any(not function.at_once for function in functions),
        whole=any(function.at_once in ("least", "most") for function in functions),
        drifts=any(function.drifts for function in functions),
    )
