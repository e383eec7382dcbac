"""NAB's score, held against figures worked out by hand from its definition."""

from __future__ import annotations

import json
from math import exp
from pathlib import Path

import pytest

from benchmarks.labelled import Labelled
from benchmarks.nab import (
    PROFILES,
    THRESHOLDS,
    Judged,
    normal,
    probation,
    raw,
    read,
    sigmoid,
    total,
    worth,
)

STANDARD = PROFILES["standard"]


def series(windows: list[tuple[int, int]], length: int = 100) -> Labelled:
    return Labelled("folder/file.csv", [float(at) for at in range(length)], [0.0] * length, windows)


def said(*indexes: int, length: int = 100) -> list[float]:
    return [1.0 if index in indexes else 0.0 for index in range(length)]


def score(windows: list[tuple[int, int]], *indexes: int, profile: str = "standard") -> float:
    return raw(series(windows), said(*indexes), PROFILES[profile])[-1]


def test_worth_of_a_detection_falls_through_its_window_and_behind_it() -> None:
    assert sigmoid(-1.0) == pytest.approx(0.98661, abs=1e-5)
    assert sigmoid(0.0) == 0.0
    assert sigmoid(1.0) == pytest.approx(2 / (1 + exp(5)) - 1)
    assert sigmoid(3.1) == -1.0


def test_the_first_record_of_a_window_is_worth_all() -> None:
    assert score([(40, 49)], 40) == pytest.approx(1.0)
    assert score([(40, 49)], 49) == pytest.approx(sigmoid(-0.1) / sigmoid(-1.0))


def test_only_the_best_detection_of_a_window_counts() -> None:
    assert score([(40, 49)], 41, 45, 48) == score([(40, 49)], 41)


def test_a_missed_window_costs_and_so_does_a_false_alarm() -> None:
    assert score([(40, 49)]) == -1.0
    assert score([(40, 49)], profile="low_fn") == -2.0
    assert score([(40, 49)], 20) == pytest.approx(-1.11)
    assert score([(40, 49)], 20, profile="low_fp") == pytest.approx(-1.22)
    assert score([(40, 49)], 52) == pytest.approx(-1 + 0.11 * sigmoid(3 / 9))


def test_the_first_part_of_a_file_is_not_judged() -> None:
    assert score([(40, 49)], 14) == -1.0
    assert score([(40, 49)], 15) == pytest.approx(-1.11)
    assert probation(20_000) == 750


def test_two_windows_are_two() -> None:
    windows = [(30, 39), (60, 69)]
    assert [window for window, _ in worth(series(windows), STANDARD)] == (
        [None] * 30 + [0] * 10 + [None] * 20 + [1] * 10 + [None] * 30
    )
    assert score(windows, 30, 60) == pytest.approx(2.0)


def test_silence_is_0_and_perfection_100() -> None:
    perfect = Judged(series([(40, 49)]), said(40), 0.0)
    silent = Judged(series([(40, 49)]), said(), 0.0)
    assert total([perfect, perfect], STANDARD)[-1] == pytest.approx(100.0)
    assert total([silent, silent], STANDARD)[-1] == 0.0
    assert total([perfect, silent], STANDARD)[-1] == pytest.approx(50.0)
    assert normal(-0.5, 0, STANDARD) == -0.5


def test_each_threshold_counts_what_lies_above_it() -> None:
    scores = [0.0] * 100
    scores[40], scores[20] = 0.95, 0.5
    found = raw(series([(40, 49)]), scores, STANDARD)
    for threshold, value in zip(THRESHOLDS, found, strict=True):
        assert value == pytest.approx(-1.0 if threshold > 0.95 else 1.0 if threshold > 0.5 else 0.89)


def test_it_reads_the_layout_of_the_benchmark(tmp_path: Path) -> None:
    (tmp_path / "data" / "folder").mkdir(parents=True)
    (tmp_path / "labels").mkdir()
    rows = "".join(f"2014-02-14 14:{minute:02}:00,{minute}.5\n" for minute in range(10))
    (tmp_path / "data" / "folder" / "one.csv").write_text("timestamp,value\n" + rows)
    labels = {"folder/one.csv": [["2014-02-14 14:03:00.000000", "2014-02-14 14:05:00.000000"]]}
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(labels))
    (one,) = read(tmp_path)
    assert (one.name, one.folder, one.windows, one.values[:2]) == (
        "folder/one.csv",
        "folder",
        [(3, 5)],
        [0.5, 1.5],
    )
