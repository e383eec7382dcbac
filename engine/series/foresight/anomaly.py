"""anomaly(x over D): how unusual the newest value is for its series, by what the series has shown before.

Six views of the series each remember the values that they have shown (`memory`): the value itself, its mean over an hour and over four,
how much it moves within one and within eight, and how it differs from the usual value of the time of day; for a `D` of one day, the rhythm
in which the series lives, and in proportion for another one. What is far from everything remembered is unusual, and is remembered: so what
repeats falls silent by itself; and a series in which something is always new is believed less. All is streaming, in constant memory,
with the same setting for all series. Why so, and what else was tried: docs/foresight.md.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from engine.series.foresight.memory import Memory

NOTEWORTHY = 1.6  # the score that 0.99 stands for: the one threshold with which it was measured
_GROSS = 4 * NOTEWORTHY  # more is not told apart, so that it fades in time
_BINS = 48  # of the rhythm
_FIVE_MINUTES = 288  # of a day: the unit in which the lengths below are given
_WARM = 50  # samples at least
_HABIT = 0.05  # by how much each onset of late makes the next one count for less

# Name, values in a block, blocks in a shape, weight. The two rawest views weigh less: they show most of the noise.
_VIEWS = (
    ("value", 2, 1, 0.7),
    ("movement", 8, 1, 1.0),
    ("season", 4, 2, 0.7),
    ("mean", 8, 1, 1.0),
    ("long mean", 24, 1, 1.0),
    ("long movement", 24, 1, 1.0),
)
_QUICKEST = (0, 3, 1, 2, 4, 5)  # places of the views, by how soon they follow what happens


class Mean:
    """An exponential mean that begins as a plain one."""

    __slots__ = ("count", "length", "value")

    def __init__(self, length: float) -> None:
        self.length = max(1.0, length)
        self.count = 0
        self.value = 0.0

    def of(self, value: float) -> float:
        self.count += 1
        self.value += (value - self.value) / min(self.length, self.count)
        return self.value


class Anomaly:
    """`rhythm`: the seconds after which a series usually looks alike (`D`). `interval`: the seconds between samples.

    `learning` False: what is seen is judged, but not learned, as while a fault of its own is open; what led to it is forgotten again.
    Only the quickest of the views that led to it is followed then, so that a fault ends when that sees what it knows, and the others do
    not get used to it; when it learns again, their means begin anew, and they are not asked before
    those stand.
    """

    def __init__(self, rhythm: float, interval: float) -> None:
        self._rhythm = rhythm
        self.interval = interval
        self._unit = unit = rhythm / (_FIVE_MINUTES * interval)  # samples in what are five minutes of a day
        self._warm = max(_WARM, round(rhythm / interval))
        self._means = {
            "mean": Mean(12 * unit),
            "long mean": Mean(48 * unit),
            "movement": Mean(max(2.0, 12 * unit)),
            "long movement": Mean(96 * unit),
            "season": Mean(max(2.0, 48 * unit)),
            "week": Mean(7 * _FIVE_MINUTES * unit),
        }
        self._season: list[float | None] = [None] * _BINS
        self._visits = [0] * _BINS
        self._previous: float | None = None
        self._memories = [
            Memory(max(1, round(step * unit)), length, weight) for _, step, length, weight in _VIEWS
        ]
        self._forgetting = 1 / (14 * _FIVE_MINUTES * unit)
        self._accuser = 0  # the quickest view that had a good part in the newest onset
        self._worth = 1.0  # what its score is multiplied with, since the others had their part, too
        self._settling = [0] * len(_VIEWS)  # samples until a view is asked again
        self._held = 0.0  # the highest score lately: only what exceeds half of it is a new onset
        self._holding = 0.5 ** (1 / max(1.0, 0.3 * _FIVE_MINUTES * unit))
        self._often = 0.0  # onsets of late; half of them are forgotten in two rhythms
        self._forgiving = 0.5 ** (1 / (2 * _FIVE_MINUTES * unit))
        self._shown = 0.0
        self._fading = 0.5 ** (1 / max(1.0, 3 * unit))
        self._learning = True
        self.count = 0

    @property
    def learning(self) -> bool:
        return self._learning

    @learning.setter
    def learning(self, learning: bool) -> None:
        if learning and not self._learning:
            for place, (view, *_) in enumerate(_VIEWS):
                if place != self._accuser and view in self._means:
                    self._means[view].count = 0  # begins anew: it had seen how the fault began
                    self._settling[place] = round(self._means[view].length)
        if self._learning and not learning:
            for memory in self._memories:
                memory.unlearn(round(12 * self._unit) + 2)
        self._learning = learning

    def sampled(self, at: float, value: float) -> None:
        if self._learning:
            self._learn(at, value)
        else:
            self._watch(at, value)
        self._previous = value

    def _learn(self, at: float, value: float) -> None:
        self.count += 1
        said = [0.0] * len(_VIEWS)
        for place, view in enumerate(_VIEWS):
            seen = self._seen(view[0], at, value)
            if self._settling[place]:
                self._settling[place] -= 1
            else:
                said[place] = self._memories[place].see(seen, self._forgetting, True) or 0.0
        self._onset(said)

    def _onset(self, said: list[float]) -> None:
        score = sqrt(sum(one * one for one in said))
        onset = max(0.0, score - self._held / 2)
        self._held = max(score, self._held * self._holding)
        rising = onset / (1 + _HABIT * self._often)
        self._often *= self._forgiving
        if onset > 1.0:
            self._often += min(1.0, onset / NOTEWORTHY)
        self._shown *= self._fading
        if rising > self._shown:
            self._shown = min(rising, _GROSS)
            self._accuser = next(place for place in _QUICKEST if said[place] >= max(said) / 2)
            self._worth = max(1.0, rising / said[self._accuser])

    def _watch(self, at: float, value: float) -> None:
        memory, view = self._memories[self._accuser], _VIEWS[self._accuser][0]
        score = memory.see(self._seen(view, at, value), 0.0, False)
        if score is not None:
            self._shown = min(score * self._worth, _GROSS)

    def _seen(self, view: str, at: float, value: float) -> float:
        """What a view shows of the newest value."""
        if view == "value":
            return value
        if view == "season":
            return self._means[view].of(value - self._usual(at, value))
        if view in ("movement", "long movement"):
            return self._means[view].of(abs(value - self._previous) if self._previous is not None else 0.0)
        return self._means[view].of(value)

    def _usual(self, at: float, value: float) -> float:
        """The usual value at that time of the rhythm, before it learns the new one."""
        place = int(at % self._rhythm / self._rhythm * _BINS)
        week = self._means["week"].of(value)
        usual = self._season[place]
        expected = week if usual is None else usual
        if self._learning:
            self._visits[place] += 1
            weight = max(0.1, 1 / self._visits[place])
            self._season[place] = value if usual is None else usual + (value - usual) * weight
        return expected

    @property
    def value(self) -> float | None:
        """From 0 to 1; 0.99 is noteworthy. None until one rhythm was seen."""
        return None if self.count < self._warm else 1.0 - 100.0 ** (-self._shown / NOTEWORTHY)

    # --- what survives a restart --------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        return {
            "means": {name: [mean.count, mean.value] for name, mean in self._means.items()},
            "season": self._season,
            "visits": self._visits,
            "previous": self._previous,
            "memories": [memory.dump() for memory in self._memories],
            "scores": [self._held, self._shown, self._often],
            "accuser": [self._accuser, self._worth],
            "settling": self._settling,
            "learning": self._learning,
            "count": self.count,
        }

    def load(self, data: dict[str, Any]) -> None:
        for name, (count, value) in data["means"].items():
            self._means[name].count, self._means[name].value = count, value
        self._season, self._visits = list(data["season"]), list(data["visits"])
        self._previous = data["previous"]
        for memory, held in zip(self._memories, data["memories"], strict=True):
            memory.load(held)
        self._held, self._shown, self._often = data["scores"]
        self._accuser, self._worth = data["accuser"]
        self._settling = list(data["settling"])
        self._learning = data["learning"]
        self.count = data["count"]
