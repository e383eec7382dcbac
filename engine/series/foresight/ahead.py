"""All foresight of one series: one learner for each rhythm, one line for each window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf
from statistics import median
from typing import Any

from dsl.expressions import Foresight
from engine.series.columns import number
from engine.series.foresight.anomaly import Anomaly
from engine.series.foresight.forecast import Trend
from engine.series.samples import Samples
from engine.series.view import View

_LOOKS = 16  # samples from which the interval is taken where nobody says it


class Ahead:
    def __init__(self, nodes: Sequence[Foresight], interval: float) -> None:
        self._rhythms = sorted({node.over for node in nodes if node.function == "anomaly"})
        self._trends = {node.over: Trend(node.over) for node in nodes if node.function != "anomaly"}
        self._anomalies: dict[float, Anomaly] = {}
        self._first: list[tuple[float, float]] = []  # samples that wait until the interval is known
        self._newest = -inf
        self._learning = True
        if interval:
            self._begin(interval)

    def _begin(self, interval: float) -> None:
        self._anomalies = {rhythm: Anomaly(rhythm, min(interval, rhythm)) for rhythm in self._rhythms}

    @property
    def reach(self) -> float:
        """How far back its windows go; what is learned needs no samples."""
        return max(self._trends, default=0.0)

    @property
    def learning(self) -> bool:
        return self._learning

    @learning.setter
    def learning(self, learning: bool) -> None:
        self._learning = learning
        for anomaly in self._anomalies.values():
            anomaly.learning = learning

    def sampled(self, at: float, value: object) -> None:
        """Late samples are not learned: what is usual does not hang on a few."""
        if not self._rhythms or at <= self._newest or not number(value):
            return
        self._newest = at
        if self._anomalies:
            self._learn(at, value)  # type: ignore[arg-type]
            return
        self._first.append((at, value))  # type: ignore[arg-type]
        if len(self._first) == _LOOKS:
            ats = [instant for instant, _ in self._first]
            self._begin(median(later - earlier for earlier, later in pairwise(ats)))
            for sample in self._first:
                self._learn(*sample)
            self._first = []
            self.learning = self._learning

    def _learn(self, at: float, value: float) -> None:
        for anomaly in self._anomalies.values():
            anomaly.sampled(at, value)

    def set_back(self, samples: Sequence[tuple[float, object]]) -> None:
        """The clock was set back, and these are what came since."""
        self._newest = -inf
        for at, value in samples:
            self.sampled(at, value)

    # --- what it says -----------------------------------------------------------------------------------------------------

    def anomaly(self, node: Foresight) -> float | None:
        anomaly = self._anomalies.get(node.over)
        return None if anomaly is None else anomaly.value

    def trend(self, node: Foresight, view: View) -> float | None:
        return self._trends[node.over].value(view, node)

    def turns(self, samples: Samples, now: float) -> float:
        """A forecast moves on with time; what was learned does not."""
        newest = samples.before(now)
        if not self._trends or newest < 0 or samples.end(newest) <= now:
            return inf
        return now + max(samples.interval * 1.5, min(trend.patience for trend in self._trends.values()))

    # --- what survives a restart --------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        learned = [[rhythm, one.interval, one.dump()] for rhythm, one in self._anomalies.items()]
        newest = None if self._newest == -inf else self._newest
        return {"learned": learned, "first": self._first, "newest": newest, "learning": self._learning}

    def load(self, data: Mapping[str, Any]) -> None:
        """What was learned for another rhythm or interval is not taken up: its views would mean something else."""
        self._learning = data["learning"]
        self._newest = -inf if data["newest"] is None else data["newest"]
        self._first = [(at, value) for at, value in data["first"]]
        for rhythm, interval, learned in data["learned"]:
            if not self._anomalies:
                self._begin(interval)
            anomaly = self._anomalies.get(rhythm)
            if anomaly is not None and anomaly.interval == interval:
                anomaly.load(learned)
