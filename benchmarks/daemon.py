"""The daemon as an operator starts it: from the start of its process to READY, and what it costs when nothing happens.

`python -m benchmarks.daemon [ROUNDS]`, by default 7. Nothing that was read before is kept between two starts.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.results import at_most, publish, row, unmeasured

VOLEXD = Path(sys.executable).with_name("volexd")
CHECKS = 50
SETTLING_S, WATCHED_S, READY_WITHIN_S = 10.0, 60.0, 30.0
NOT_YET = "the latency from webhook to action is not measured: there is no webhook probe yet"

AGENT = """\
agent a{number} {{
    health http "http://127.0.0.1:{port}/health" {{ every 5s }}
}}
"""
DETECTION = """\
detection slow{number} "An agent answers slowly" {{
    for each agent where agent.name == "a{number}"
    severity warning
    category performance
    when     agent.latency > 250ms for 30s
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
    """Half of the rules are detections, half recoveries, seven lines each."""
    parts = ["language 1\n"]
    parts += [AGENT.format(number=number, port=port) for number in range(agents)]
    for number in range(rules // 2):
        parts += [DETECTION.format(number=number), RECOVERY.format(number=number)]
    return "\n".join(parts)


class NotReadyError(Exception):
    """volexd ended, or did not say READY in time; what it wrote is the text."""


@contextmanager
def running(directory: Path, text: str) -> Iterator[tuple[psutil.Process, float]]:
    """A volexd with these rules, and the seconds from its start to READY."""
    rules = directory / "rules"
    rules.mkdir()
    (rules / "bench.rules").write_text(text, encoding="utf-8")
    # Of its own, so that nothing is found that an earlier start has kept.
    homes = {name: str(directory / name) for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(str(directory / "notify"))
        notices.settimeout(READY_WITHIN_S)
        places = {"--rules": rules, "--db": directory / "volexd.db", "--socket": directory / "control"}
        command = [str(VOLEXD), *(str(part) for pair in places.items() for part in pair)]
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            env={**os.environ, **homes, "NOTIFY_SOCKET": str(directory / "notify")},
            stderr=(directory / "log").open("wb"),
        )
        try:
            until_ready(notices, directory)
            yield psutil.Process(process.pid), time.monotonic() - began
        finally:
            process.terminate()
            process.wait(READY_WITHIN_S)


def until_ready(notices: socket.socket, directory: Path) -> None:
    try:
        while b"READY=1" not in notices.recv(4096):
            pass
    except TimeoutError as error:
        raise NotReadyError((directory / "log").read_text(encoding="utf-8")) from error


def start_up(rules: int) -> float:
    with tempfile.TemporaryDirectory() as name, running(Path(name), rules_text(rules, 5, 1)) as (_, seconds):
        return seconds


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


def idle() -> tuple[float, float]:
    """Resident MB, and percent of one core, with fifty health checks every five seconds that all are good."""
    with tempfile.TemporaryDirectory() as name, answering() as port:
        text = rules_text(50, CHECKS, port)
        with running(Path(name), text) as (process, _):
            time.sleep(SETTLING_S)
            before = process.cpu_times()
            time.sleep(WATCHED_S)
            after = process.cpu_times()
            spent = after.user + after.system - before.user - before.system
            return process.memory_info().rss / 2**20, spent / WATCHED_S * 100


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    starts: dict[int, list[float]] = {50: [], 500: []}
    for _ in range(rounds):
        for rules, found in starts.items():
            found.append(start_up(rules))
    resident, busy = idle()
    rows = [row("volexd", f"start to READY, {rules} rules", "s", found) for rules, found in starts.items()]
    rows.append(row("volexd", f"idle memory, {CHECKS} checks at 5 s", "MB", [resident]))
    rows.append(row("volexd", f"idle, {CHECKS} checks at 5 s", "% of a core", [busy]))
    goals = [
        at_most("ready_50_s", statistics.median(starts[50]), 0.8),
        at_most("ready_500_s", statistics.median(starts[500]), 1.2),
        at_most("idle_mb", resident, 90.0),
        at_most("idle_cpu_pct", busy, 0.5),
        unmeasured("p50_ms", "<= 0.5", NOT_YET),
        unmeasured("p99_ms", "<= 2", NOT_YET),
        unmeasured("cpu_ms_per_event", "<= 0.3", NOT_YET),
    ]
    publish("daemon", rows, goals)


if __name__ == "__main__":
    main()
