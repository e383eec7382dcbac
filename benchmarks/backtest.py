"""`volexd backtest` of a thousand rules over a record of a thousand series: how many times quicker than the time that was recorded.

The record stands in a database as the daemon writes it, sampled every 10 s or every 60 s; every sample is another value, the worst
there is. Whole processes are measured, and where their time goes in a process that does the same in parts.
`python -m benchmarks.backtest [ROUNDS]`, by default 5.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import cpu
from benchmarks.results import Goal, Row, at_least, publish, row
from engine.events import Reported

ROOT = Path(__file__).parents[1]
COUNT = 1000  # of rules, and of series
SAMPLES = 360  # of each series: an hour at 10 s, six at 60 s
INTERVALS = (10.0, 60.0)
BEGAN = 1_795_341_600.0
WANTED = 1000.0  # times real time

HEAD = """\
fact gauge { key name: text; field value: number }
probe gauges { webhook "/gauges" into gauge }
"""
RULE = """\
detection high_{number} {{
    for each gauge
    severity info
    category performance
    when     gauge.name == "g{number}" and gauge.value > 80 for 3m
}}
"""
HOLD = 180.0
LASTS = 600.0  # seconds of an excursion above the limit


class WrongAnswerError(Exception):
    """The backtest found other faults than there are in the record: its figure would mean nothing."""


class Made(NamedTuple):
    """A record, and how many faults the rules find in it."""

    database: Path
    rules: Path
    seconds: float
    faults: int


def values(number: int, interval: float) -> tuple[list[float], int]:
    """Noise, and some ten minutes far above it, once in two hundred samples; and how often they last as long as the rules ask for."""
    chance = random.Random(number)
    length = round(LASTS / interval)
    found: list[float] = []
    times = 0
    while len(found) < SAMPLES:
        if chance.random() < 1 / 200:
            high = [90.0 + round(chance.random() * 9, 3) for _ in range(length)]
            found += high
            times += (min(len(found), SAMPLES) - len(found) + length - 1) * interval >= HOLD
        found.append(round(chance.gauss(40.0, 8.0), 3))
    return found[:SAMPLES], times


def made(place: Path, interval: float) -> Made:
    database, rules = place / f"{interval:.0f}.db", place / f"{interval:.0f}.rules"
    rules.write_text(HEAD + "".join(RULE.format(number=number) for number in range(COUNT)), encoding="utf-8")
    series = [values(number, interval) for number in range(COUNT)]
    write(database, reports([levels for levels, _ in series], interval))
    return Made(database, rules, SAMPLES * interval, sum(times for _, times in series))


def reports(series: Sequence[Sequence[float]], interval: float) -> Iterator[Reported]:
    for sample in range(SAMPLES):
        for number, levels in enumerate(series):
            at = BEGAN + (sample + number / COUNT) * interval
            name = f"g{number}"
            yield Reported(at, "gauge", name, {"name": name, "value": levels[sample]}, "gauges", 3 * interval)


def write(database: Path, events: Iterable[Reported]) -> None:
    """The rows that the daemon would write, all in one transaction."""
    from daemon.store.facts import FactRecorder
    from daemon.store.rows import coalesced, statements
    from daemon.store.store import Store

    url = f"sqlite:///{database}"
    Store.open(url).close()
    numbers = itertools.count(1)
    recorder = FactRecorder(lambda: next(numbers))
    with sqlite3.connect(database) as connection:
        rows = [row for event in events for row in recorder.observe(event)]
        for statement in statements(coalesced([*rows, *recorder.close()])):
            connection.executemany(statement.sql, statement.rows)


def whole(record: Made) -> float:
    """CPU seconds of one process."""
    command = [sys.executable, "-m", "daemon.cli", "backtest", "--format", "json"]
    command += ["--db", str(record.database), "--rules", str(record.rules)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(record.database.parent)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    found = json.loads(process.stdout.read())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if len(found["faults"]) != record.faults:
        raise WrongAnswerError(f"{len(found['faults'])} faults, and there are {record.faults}")
    return used.ru_utime + used.ru_stime


def parts(record: Made) -> Iterator[tuple[str, float]]:
    """CPU seconds of what a backtest does, one after the other."""
    from daemon.backtest.findings import document
    from daemon.backtest.play import play
    from daemon.backtest.record import from_database
    from daemon.cli.checking import checked
    from daemon.store.query import open_reader

    former = cpu()

    def spent() -> float:
        nonlocal former
        before, former = former, cpu()
        return former - before

    program = checked([record.rules], None)[0].program
    assert program is not None
    yield "rules", spent()
    with open_reader(f"sqlite:///{record.database}") as reader:
        read = from_database(reader, None, None)
    yield "reading", spent()
    played = play(program, read)
    yield "playing", spent()
    document(program, read, played)
    yield "findings", spent()


def goals_of(figures: dict[float, list[float]]) -> list[Goal]:
    return [
        at_least(f"backtest_{interval:.0f}s", statistics.median(figures[interval]), WANTED)
        for interval in INTERVALS
    ]


def rows_of(figures: dict[float, list[float]], shares: dict[float, list[tuple[str, float]]]) -> list[Row]:
    rows = []
    for interval in INTERVALS:
        what = f"every {interval:.0f} s"
        rows.append(row("volexd", what, "× real time", figures[interval]))
        rows += [
            row(f"volexd {name}", f"{what}, parts", "s CPU", [spent]) for name, spent in shares[interval]
        ]
    return rows


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figures: dict[float, list[float]] = {interval: [] for interval in INTERVALS}
    with tempfile.TemporaryDirectory() as place:
        records = {interval: made(Path(place), interval) for interval in INTERVALS}
        for number in range(rounds):
            for interval, record in records.items():
                figures[interval].append(record.seconds / whole(record))
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
        shares = {interval: list(parts(record)) for interval, record in records.items()}
    publish("backtest", rows_of(figures, shares), goals_of(figures))


if __name__ == "__main__":
    main()
