"""The engine beside its peers: thresholds (W1, W1k), a join (W2), a chain from detection to retraction (W3), a negation (W4), loading (W5).

Each engine runs in a process of its own; the rounds are interleaved, so that what disturbs the machine disturbs all of them.
`python -m benchmarks.engine [ROUNDS]`, by default 5.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.curves import curves
from benchmarks.peers import drools
from benchmarks.results import Goal, Row, at_least, at_most, publish, row, unmeasured

ROOT = Path(__file__).parents[1]
SIZES = (10, 100, 1000, 10_000)
FACTS = (10, 100, 1000, 10_000, 100_000)
SIZED = (
    "w1",
    "w1k",
    "w5",
    "w5-checked",
)  # by the number of rules; `among` by the number of facts, the others have one size
LOADING = ("w5", "w5-checked")  # detections only; detections and recoveries, as they are checked: the goal's
PEERS = ("volexd", "clips", "durable", "drools")
ALL_THREADS = "all threads"  # a row of its own of the same run; else CPU is the calling thread's
HANGS = 10_000  # rules with which durable-rules' own host never comes back: not run


class Run(NamedTuple):
    """One process: a peer's module, its arguments, and how the tables call it."""

    peer: str
    workload: str
    size: int
    option: str = ""

    @property
    def who(self) -> str:
        return f"{self.peer} {self.option}".strip()

    @property
    def what(self) -> str:
        if self.workload == "among":
            return f"w1 N=10 among {self.size} facts"
        return f"{self.workload} N={self.size}" if self.workload in SIZED else self.workload


RUNS = [
    *(Run(peer, "w1", size) for size in SIZES for peer in PEERS if (peer, size) != ("durable", HANGS)),
    Run("volexd", "w1", 1000, "json"),
    *(Run(peer, "among", size) for size in FACTS for peer in ("volexd", "clips")),
    *(Run(peer, "w1k", 1000) for peer in ("volexd", "clips")),
    *(Run(peer, workload, 1) for workload in ("w2", "w3", "w4") for peer in PEERS),
    Run("volexd", "w5", 10_000),
    Run("volexd", "w5-checked", 10_000),
]


Figures = dict[Run, list[float]]


class WrongAnswerError(Exception):
    """An engine answered otherwise than the others: its figure would mean nothing."""


def once(run: Run) -> dict[str, float]:
    command = [sys.executable, "-m", f"benchmarks.peers.{run.peer}", run.workload, str(run.size), run.option]
    finished = subprocess.run(
        [part for part in command if part], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, float] = msgspec.json.decode(finished.stdout.splitlines()[-1])
    if not found["right"]:
        raise WrongAnswerError(f"{run.who}, {run.what}: {found}")
    return found


def measured(rounds: int) -> Figures:
    """CPU microseconds an event; of w5 the seconds to ready. What cannot be run here is left out."""
    runs = [run for run in RUNS if run.peer != "drools" or not drools.missing()]
    figures: Figures = {}
    for number in range(rounds):
        for run in runs:
            found = once(run)
            figures.setdefault(run, []).append(found["ready_s" if run.workload in LOADING else "us"])
            if "us_all" in found:
                figures.setdefault(run._replace(option=ALL_THREADS), []).append(found["us_all"])
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return figures


def ratio(figures: Figures, slower: Run, quicker: Run) -> float:
    """The median of the ratios of the rounds: what disturbed a round disturbed both."""
    return statistics.median(
        [above / below for above, below in zip(figures[slower], figures[quicker], strict=True)]
    )


def goals_of(figures: Figures) -> list[Goal]:
    def against(peer: str, workload: str, bound: float, size: int = 1) -> Goal:
        name, theirs = f"{workload}_vs_{peer}", Run(peer, workload, size)
        if theirs not in figures:
            return unmeasured(name, f">= {bound}", drools.missing())
        return at_least(name, ratio(figures, theirs, Run("volexd", workload, size)), bound)

    keyed = Run("volexd", "w1", 1000)
    return [
        against("durable", "w1", 25.0, 1000),
        against("clips", "w1", 7.0, 1000),
        against("drools", "w1", 1.5, 1000),
        at_most("w1_growth", ratio(figures, Run("volexd", "w1", 10_000), Run("volexd", "w1", 10)), 2.5),
        at_most("w1k", ratio(figures, Run("volexd", "w1k", 1000), keyed), 3.0),
        against("clips", "w2", 3.0),
        against("drools", "w2", 1.2),
        against("durable", "w3", 3.0),
        against("clips", "w3", 1.0),
        against("clips", "w4", 4.0),
        against("drools", "w4", 2.0),
        at_most("w5_engine_s", statistics.median(figures[Run("volexd", "w5-checked", 10_000)]), 0.25),
    ]


def rows_of(figures: Figures) -> list[Row]:
    rows = [
        row(run.who, run.what, "s CPU" if run.workload in LOADING else "µs CPU", runs)
        for run, runs in figures.items()
    ]
    rows.append(row("durable", f"w1 N={HANGS}", "µs CPU", [], "hangs"))
    return sorted(rows, key=lambda one: [run.what for run in RUNS].index(one.what))


def growth(figures: Figures, workload: str) -> dict[str, list[tuple[float, float]]]:
    """For each engine the medians over the size."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for run, runs in figures.items():
        if run.workload == workload and not run.option:
            lines.setdefault(run.who, []).append((float(run.size), statistics.median(runs)))
    return lines


def main() -> None:
    figures = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    plots = {
        "rules": curves("Thresholds (W1)", "rules", "CPU µs an update", growth(figures, "w1")),
        "facts": curves("Ten rules", "facts that are known", "CPU µs an update", growth(figures, "among")),
    }
    publish("engine", rows_of(figures), goals_of(figures), plots=plots)


if __name__ == "__main__":
    main()
