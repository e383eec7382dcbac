"""How well `anomaly()` finds what people labelled in real series: the Numenta Anomaly Benchmark, by its published definition.

`make bench-nab [DATA=DIR]` reads DIR/data/**/*.csv and DIR/labels/combined_windows.json, as the NAB repository has them. The definition
(Lavin and Ahmad, 2015): the first 15 % of a file, at most 750 records, are not judged. Each labelled window counts its best detection,
worth the more the earlier it is; each detection outside costs, less just behind a window; each window without a detection costs.
0 is who never says anything, 100 who is perfect.

NAB counts every record above the threshold; a rule raises one fault when the value rises above it, so what is judged are the instants at
which the value rises. Beside the labelled series stand made ones (`operations`), as a second opinion on what carries over.
"""

from __future__ import annotations

import csv
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import exp, floor
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.labelled import Labelled
from benchmarks.operations import made
from benchmarks.results import Goal, Row, at_least, at_most, publish, row
from engine.series.foresight.anomaly import Anomaly

THRESHOLD = 0.99
DAY = 86_400.0
WANTED = 67.0  # what ARTime, the best published, reaches on the series that this was not tuned on
FASTEST = 50.0  # µs a sample
SEEDS = range(4)  # of the made series
THRESHOLDS = sorted({1 - 100 ** (-step / 16) for step in range(1, 100)}, reverse=True)


class Profile(NamedTuple):
    """What a window found, a false alarm, and a window missed are worth."""

    found: float
    false: float
    missed: float


PROFILES = {
    "standard": Profile(1.0, 0.11, 1.0),
    "low_fp": Profile(1.0, 0.22, 1.0),
    "low_fn": Profile(1.0, 0.11, 2.0),
}


def read(data: Path) -> Iterator[Labelled]:
    labels = msgspec.json.decode((data / "labels" / "combined_windows.json").read_bytes())
    for path in sorted((data / "data").rglob("*.csv")):
        name = path.relative_to(data / "data").as_posix()
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        instants = [_instant(text) for text, _ in rows]
        place: dict[float, int] = {}
        for index, at in enumerate(instants):
            place.setdefault(at, index)
        windows = [(place[_instant(first)], place[_instant(last)]) for first, last in labels.get(name, [])]
        yield Labelled(name, instants, [float(value) for _, value in rows], windows)


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# --- NAB's score --------------------------------------------------------------------------------------------------------------


def sigmoid(position: float) -> float:
    """Worth of a detection: 1 early in a window, 0 at its end (position 0), -1 far behind it."""
    return -1.0 if position > 3 else 2 / (1 + exp(5 * position)) - 1


def worth(series: Labelled, profile: Profile) -> list[tuple[int | None, float]]:
    """Of a detection at each record: the window it lies in, if any, and what it counts."""
    found: list[tuple[int | None, float]] = []
    behind: tuple[int, int] | None = None
    windows = iter(enumerate(series.windows))
    number, (first, last) = next(windows, (None, (len(series.values), -1)))
    for index in range(len(series.values)):
        if index < first:
            found.append((None, _outside(index, behind) * profile.false))
            continue
        position = -(last - index + 1) / (last - first + 1)
        found.append((number, sigmoid(position) * profile.found / sigmoid(-1.0)))
        if index == last:
            behind = (first, last)
            number, (first, last) = next(windows, (None, (len(series.values), -1)))
    return found


def _outside(index: int, behind: tuple[int, int] | None) -> float:
    if behind is None:
        return -1.0
    first, last = behind
    return sigmoid((index - last) / (last - first))


def probation(length: int) -> int:
    return floor(0.15 * min(length, 5000))


def raw(series: Labelled, scores: Sequence[float], profile: Profile) -> list[float]:
    """The score of a file at each of `THRESHOLDS`."""
    worths = worth(series, profile)
    best = [-profile.missed] * len(series.windows)
    records = sorted(
        ((scores[index], index) for index in range(probation(len(scores)), len(scores)) if scores[index] > 0),
        reverse=True,
    )
    totals, outside, taken = [], 0.0, 0
    for threshold in THRESHOLDS:
        while taken < len(records) and records[taken][0] >= threshold:
            window, value = worths[records[taken][1]]
            if window is None:
                outside += value
            else:
                best[window] = max(best[window], value)
            taken += 1
        totals.append(outside + sum(best))
    return totals


def normal(total: float, windows: int, profile: Profile) -> float:
    worst = -profile.missed * windows
    return 100 * (total - worst) / (profile.found * windows - worst) if windows else total


# --- the detector -------------------------------------------------------------------------------------------------------------


def detections(series: Labelled) -> tuple[list[float], float]:
    """The score at each instant at which it rose, else 0; and CPU microseconds a sample."""
    interval = statistics.median(
        later - earlier for earlier, later in zip(series.instants[:50], series.instants[1:51], strict=False)
    )
    anomaly, scores, shown = Anomaly(DAY, interval), [], 0.0
    begun = time.process_time()
    for at, value in zip(series.instants, series.values, strict=True):
        anomaly.sampled(at, value)
        said = anomaly.value or 0.0
        scores.append(said if said > shown else 0.0)
        shown = said
    return scores, (time.process_time() - begun) / len(scores) * 1e6


class Judged(NamedTuple):
    series: Labelled
    scores: list[float]
    micros: float


def total(judged: Sequence[Judged], profile: Profile) -> list[float]:
    """Over all files at each threshold, from 0 to 100."""
    sums = [
        sum(column) for column in zip(*(raw(one.series, one.scores, profile) for one in judged), strict=True)
    ]
    windows = sum(len(one.series.windows) for one in judged)
    return [normal(value, windows, profile) for value in sums]


def by_folder(judged: Sequence[Judged], place: int) -> dict[str, float]:
    """Each folder at one threshold; without windows, what its false alarms cost."""
    return {
        folder: total([one for one in judged if one.series.folder == folder], PROFILES["standard"])[place]
        for folder in sorted({one.series.folder for one in judged})
    }


def held_back(judged: Sequence[Judged]) -> dict[str, float]:
    """Each folder at the threshold that is best on all others; without windows, what its false alarms cost."""
    found = {}
    for folder in sorted({one.series.folder for one in judged}):
        others = total([one for one in judged if one.series.folder != folder], PROFILES["standard"])
        best = others.index(max(others)) if others else 0
        found[folder] = total([one for one in judged if one.series.folder == folder], PROFILES["standard"])[
            best
        ]
    return found


def together(judged: Sequence[Judged], folders: dict[str, float]) -> float:
    """What the folders come to, each weighing as many windows as it has."""
    standard, value, windows = PROFILES["standard"], 0.0, 0
    for folder, score in folders.items():
        count = sum(len(one.series.windows) for one in judged if one.series.folder == folder)
        worst = -standard.missed * count
        value += score / 100 * (standard.found * count - worst) + worst if count else score
        windows += count
    return normal(value, windows, standard)


def main() -> None:
    data = Path(os.environ.get("DATA") or Path(__file__).parents[2] / "shared" / "corpora" / "nab")
    judged = [Judged(series, *detections(series)) for series in read(data)]
    fixed = min(range(len(THRESHOLDS)), key=lambda index: abs(THRESHOLDS[index] - THRESHOLD))
    by_profile = {name: total(judged, profile) for name, profile in PROFILES.items()}
    folders = held_back(judged)
    operations = [Judged(series, *detections(series)) for series in made(SEEDS)]
    made_ones = total(operations, PROFILES["standard"])[fixed]
    figures: dict[str, object] = {
        "standard": by_profile["standard"][fixed],
        "standard_swept": max(by_profile["standard"]),
        "low_fp": by_profile["low_fp"][fixed],
        "low_fn": by_profile["low_fn"][fixed],
        "leave_one_folder_out": together(judged, folders),
        "folders_left_out": folders,
        "operations": made_ones,
        "operations_kinds": by_folder(operations, fixed),
        "threshold": THRESHOLD,
        "files": {
            one.series.name: raw(one.series, one.scores, PROFILES["standard"])[fixed] for one in judged
        },
    }
    micros = [one.micros for one in judged]
    rows: list[Row] = [
        row("volexd", f"NAB, {name}, one threshold", "of 100", [values[fixed]])
        for name, values in by_profile.items()
    ]
    rows += [row("volexd", f"left out: {folder}", "of 100", [value]) for folder, value in folders.items()]
    rows.append(row("volexd", "made series of operations, one threshold", "of 100", [made_ones]))
    rows.append(row("volexd", "CPU", "µs a sample", micros))
    goals: list[Goal] = [
        at_least("standard", by_profile["standard"][fixed], WANTED),
        at_most("us_per_sample", statistics.median(micros), FASTEST),
    ]
    publish("nab", rows, goals, figures)


if __name__ == "__main__":
    main()
