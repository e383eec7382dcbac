"""The goals of memory and of backtests are judged by the figures that their names say."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import backtest, memory
from daemon.backtest.play import play
from daemon.backtest.record import from_database
from daemon.store.query import open_reader
from tests.daemon.backtest.rules import program


def test_memory_is_judged_by_what_the_system_gives_the_process() -> None:
    runs = {"rss": [900.0, 1000.0, 5000.0], "tracemalloc": [1.0, 1.0, 1.0]}
    goals = {goal.name: goal for goal in memory.goals_of({"rule": runs, "fact": runs, "whole": runs})}
    assert (goals["fact_bytes"].value, goals["fact_bytes"].holds) == (1000.0, True)
    assert (goals["rule_bytes"].value, goals["rule_bytes"].holds) == (1000.0, True)


def test_a_backtest_is_judged_by_how_much_quicker_than_the_record_it_is() -> None:
    goals = backtest.goals_of({10.0: [900.0, 999.0, 1200.0], 60.0: [1000.0, 1000.0, 1.0]})
    assert [(goal.name, goal.holds) for goal in goals] == [("backtest_10s", False), ("backtest_60s", True)]


@pytest.mark.parametrize("interval", backtest.INTERVALS)
def test_the_faults_of_a_made_record_are_those_that_it_says(
    interval: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "COUNT", 10)
    made = backtest.made(tmp_path, interval)
    with open_reader(f"sqlite:///{made.database}") as reader:
        record = from_database(reader, None, None)
    played = play(program(made.rules.read_text(encoding="utf-8")), record)
    assert len(played.faults()) == made.faults > 0
    assert record.series == 20  # the name is a series, too
