"""The daemon as an operator starts it: from its start to READY, from a webhook to an action, and what it costs when nothing happens.

`python -m benchmarks.daemon [ROUNDS]`, by default 7. Nothing that was read before is kept between two starts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.arrival import EVENTS, Latency, fsync_ms, latency
from benchmarks.results import Goal, Row, at_most, publish, row
from benchmarks.running import Running, compiled, running

CHECKS = 50
SETTLING_S, WATCHED_S = 10.0, 60.0

AGENT = """\
agent a{number} {{
    health http "http://127.0.0.1:{port}/health" {{ every 5s }}
}}
"""
DETECTION = """\
detection slow{number} "An agent answers slowly" {{
    for each agent where agent.name == "a{agent}"
    severity warning
    category performance
    when     agent.latency > {latency}ms for {hold}s
    until    agent.latency < 100ms for 30s
}}
"""
RECOVERY = """\
recovery calm{number} {{
    on       fault slow{number}
    try note {{ log "slow"; verify within 60s }}
    cooldown 10s doubling to 5m
    limit    3 per 1h by agent
    limit    1 at once overall
}}
"""


def rules_text(rules: int, agents: int, port: int) -> str:
    """Half of the rules are detections, half recoveries, seven lines each; there is nothing to be found wrong with them."""
    parts = ["language 1\n"]
    parts += [AGENT.format(number=number, port=port) for number in range(agents)]
    for number in range(rules // 2):
        varied = {"agent": number % agents, "latency": 250 + number, "hold": 30 + number}
        parts += [DETECTION.format(number=number, **varied), RECOVERY.format(number=number)]
    return "\n".join(parts)


def start_up(rules: int, environment: dict[str, str]) -> Running:
    with running(rules_text(rules, 5, 1), environment) as started:
        return started


@contextmanager
def answering() -> Iterator[int]:
    """The port of a service that is always well."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.answering"],
        cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()


def idle(environment: dict[str, str]) -> tuple[float, float]:
    """Resident MB, and percent of one core, with fifty health checks every five seconds that all are good."""
    with answering() as port, running(rules_text(50, CHECKS, port), environment) as volexd:
        time.sleep(SETTLING_S)
        before = volexd.used()
        time.sleep(WATCHED_S)
        spent = volexd.used() - before
        return volexd.process.memory_info().rss / 2**20, spent / WATCHED_S * 100


def of_starts(starts: dict[int, list[Running]]) -> tuple[list[Row], list[Goal]]:
    rows = []
    for rules, found in starts.items():
        rows.append(row("volexd", f"start to READY, {rules} rules", "s", [one.ready_s for one in found]))
        rows.append(row("volexd", f"CPU until READY, {rules} rules", "s", [one.cpu_s for one in found]))
    ready = {rules: statistics.median(one.ready_s for one in found) for rules, found in starts.items()}
    return rows, [at_most("ready_50_s", ready[50], 0.8), at_most("ready_500_s", ready[500], 1.2)]


def of_arrivals(runs: list[Latency]) -> tuple[list[Row], list[Goal]]:
    figures = {
        "p50_ms": [run.quantile(0.5) for run in runs],
        "p99_ms": [run.quantile(0.99) for run in runs],
        "cpu_ms_per_event": [run.cpu_ms for run in runs],
    }
    synced = fsync_ms()
    rows = [
        row("volexd", f"webhook to action, p50 of {EVENTS}", "ms", figures["p50_ms"]),
        row("volexd", f"webhook to action, p99 of {EVENTS}", "ms", figures["p99_ms"]),
        row("volexd", "CPU an event", "ms", figures["cpu_ms_per_event"]),
        row("this machine", "fsync, p50", "ms", [synced[0]]),
        row("this machine", "fsync, p99", "ms", [synced[1]]),
    ]
    bounds = {"p50_ms": 0.5, "p99_ms": 2.0, "cpu_ms_per_event": 0.3}
    return rows, [at_most(name, statistics.median(figures[name]), bound) for name, bound in bounds.items()]


def of_idle(resident: float, busy: float) -> tuple[list[Row], list[Goal]]:
    rows = [
        row("volexd", f"idle memory, {CHECKS} checks at 5 s", "MB", [resident]),
        row("volexd", f"idle, {CHECKS} checks at 5 s", "% of a core", [busy]),
    ]
    return rows, [at_most("idle_mb", resident, 90.0), at_most("idle_cpu_pct", busy, 0.5)]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    starts: dict[int, list[Running]] = {50: [], 500: []}
    arrivals: list[Latency] = []
    with compiled() as environment:
        start_up(50, environment)  # compiles
        for _ in range(rounds):
            for rules, found in starts.items():
                found.append(start_up(rules, environment))
            arrivals.append(latency(environment))
        parts = [of_starts(starts), of_arrivals(arrivals), of_idle(*idle(environment))]
    publish(
        "daemon", [one for rows, _ in parts for one in rows], [goal for _, goals in parts for goal in goals]
    )


if __name__ == "__main__":
    main()
