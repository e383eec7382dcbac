"""`python -m benchmarks.peers.drools WORKLOAD N`: compiles the runner where it is not yet, writes the workload for it, and prints what it
found, with the answer checked. `us` is CPU of the calling thread, `us_all` of all threads, a JIT's and a collector's too."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.peers.drools import SOURCES, jar, missing
from benchmarks.workloads import MACHINES, METRICS, Threshold, Update, w1, w2, w3, w4

CLASSES = Path(__file__).parents[3] / "build" / "drools"
WARM = 3  # of the passes of one JVM, the last ones count
Table = Iterable[Sequence[int]]


def main(workload: str, size: int) -> None:
    if missing():
        sys.exit(missing())
    tables, firings = TABLES[workload](size)
    with tempfile.TemporaryDirectory() as directory:
        for name, rows in tables.items():
            lines = (" ".join(str(int(value)) for value in row) for row in rows)
            Path(directory, name).write_text("\n".join(lines), encoding="utf-8")
        passes = [json.loads(line) for line in run(workload, directory).splitlines()]
    warm = passes[-WARM:]
    figures = {name: statistics.median(one[name] for one in warm) for name in ("us", "us_all", "ready_s")}
    right = all(one["firings"] == firings and one["left"] == 0 for one in passes)
    print(json.dumps({**figures, "passes": [one["us"] for one in passes], "right": right}))


def run(workload: str, directory: str) -> str:
    path = f"{compiled()}:{jar()}"
    command = ["java", "-XX:+UseSerialGC", "-Xmx2g", "-cp", path, "Peer", workload, directory]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def compiled() -> Path:
    """The classes, made anew when a source is newer."""
    sources = sorted(SOURCES.glob("*.java"))
    made = CLASSES / "Peer.class"
    if not made.exists() or made.stat().st_mtime < max(one.stat().st_mtime for one in sources):
        CLASSES.mkdir(parents=True, exist_ok=True)
        subprocess.run(["javac", "-proc:none", "-d", CLASSES, "-cp", str(jar()), *sources], check=True)
    return CLASSES


# --- the workloads as tables of numbers, and how often each fires --------------------------------------------------------


def of_w1(size: int) -> tuple[Mapping[str, Table], int]:
    rules, updates, firings = w1(size)
    return {"rules": map(numbered, rules), "events": map(numbered, updates)}, firings[-1]


def numbered(row: Threshold | Update) -> list[int]:
    agent, metric, *rest = row
    return [agent, METRICS.index(metric), *rest]


def of_w2(_: int) -> tuple[Mapping[str, Table], int]:
    machines, policies, incidents, firings = w2()
    return {"machines": machines, "policies": policies, "events": incidents}, firings[-1]


def of_w3(_: int) -> tuple[Mapping[str, Table], int]:
    seeds, firings = w3()
    return {"events": seeds}, firings[-1]


def of_w4(_: int) -> tuple[Mapping[str, Table], int]:
    toggles, firings = w4()
    return {"machines": [(number,) for number in range(MACHINES)], "events": toggles}, firings[-1]


TABLES: dict[str, Callable[[int], tuple[Mapping[str, Table], int]]] = {
    "w1": of_w1,
    "w2": of_w2,
    "w3": of_w3,
    "w4": of_w4,
}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
