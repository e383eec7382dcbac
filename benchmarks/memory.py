"""What a rule and a fact cost of memory in the engine: 10,000 rules, then 100,000 facts, in a process that does nothing else.

RSS is what the system gives the process, with the allocator's slack and what durable-rules takes in C; tracemalloc counts what Python
allocated. `python -m benchmarks.memory [ROUNDS]`, by default 5.
"""

from __future__ import annotations

import ctypes
import gc
import json
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from benchmarks.results import Goal, Row, at_most, publish, row
from engine.events import Reported

ROOT = Path(__file__).parents[1]
RULES, FACTS = 10_000, 100_000
FRESH_FOR = 30.0  # seconds: so every fact has its alarm, as one that is probed has
WAYS = ("rss", "tracemalloc")
Figures = dict[str, dict[str, list[float]]]


class WrongAnswerError(Exception):
    """The engine does not hold what it was given."""


def resident() -> int:
    """Bytes of the process in memory, once what is free was given back."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def traced() -> int:
    return tracemalloc.get_traced_memory()[0]


def settled(used: Callable[[], int]) -> int:
    gc.collect()
    return used()


def part(way: str) -> None:
    """In a process of its own: bytes a rule and a fact, as one line of JSON."""
    from benchmarks.peers.volexd.thresholds import program_of_w1
    from benchmarks.workloads import METRICS, Threshold
    from engine.engine import Engine
    from engine.events import ProgramReplaced

    used = resident if way == "rss" else traced
    if way == "tracemalloc":
        tracemalloc.start()
    engine = Engine()
    empty = settled(used)
    rules = [Threshold(number // 2, METRICS[number % 2], number % 45 + 50) for number in range(RULES)]
    engine.step(ProgramReplaced(0.0, program_of_w1(rules)))
    del rules
    ruled = settled(used)
    for event in samples():
        engine.step(event)
    full = settled(used)
    right = len(engine.situations.watches) == RULES and len(list(engine.memory.all("sample"))) == FACTS
    figures = {"rule": (ruled - empty) / RULES, "fact": (full - ruled) / FACTS, "whole": full, "right": right}
    print(json.dumps(figures))


def samples() -> Iterator[Reported]:
    """Facts of three fields, as they come from JSON: each text an object of its own. One of ten is what a rule is about; none is true."""
    from benchmarks.peers.volexd.thresholds import report
    from benchmarks.workloads import METRICS, Update

    decode, encode = msgspec.json.Decoder(Reported).decode, msgspec.json.Encoder().encode
    for number in range(FACTS):
        update = Update(number // 2, METRICS[number % 2], number % 50, -1)
        yield decode(encode(msgspec.structs.replace(report(update, 1.0), fresh_for=FRESH_FOR)))


def once(way: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.memory", way]
    finished = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(finished.stdout)
    if not found["right"]:
        raise WrongAnswerError(f"{way}: {found}")
    return found


def measured(rounds: int) -> Figures:
    """Bytes, by what costs them and by how it was measured."""
    figures: Figures = {what: {way: [] for way in WAYS} for what in ("rule", "fact", "whole")}
    for _ in range(rounds):
        for way in WAYS:
            found = once(way)
            for what, runs in figures.items():
                runs[way].append(found[what])
    return figures


def goals_of(figures: Figures) -> list[Goal]:
    """By RSS, the larger of the two."""
    return [
        at_most("fact_bytes", statistics.median(figures["fact"]["rss"]), 1024),
        at_most("rule_bytes", statistics.median(figures["rule"]["rss"]), 2048),
    ]


def rows_of(figures: Figures) -> list[Row]:
    rows = [
        row(f"volexd {way}", f"a {what}", "B", figures[what][way])
        for what in ("rule", "fact")
        for way in WAYS
    ]
    whole = [bytes_ / 2**20 for bytes_ in figures["whole"]["rss"]]
    return [*rows, row("volexd rss", f"{RULES} rules, {FACTS} facts, the whole process", "MB", whole)]


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        part(sys.argv[1])
        return
    figures = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    publish("memory", rows_of(figures), goals_of(figures))


if __name__ == "__main__":
    main()
