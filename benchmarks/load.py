"""Rule text to findings (W5): cold, warm and after one edit, over the number of rules.

A rule is a detection or a recovery of seven lines; a hundred stand in a file. Cold and warm are whole processes, `volexd check DIR` as one
types it; an edit is what a reload and an editor pay, in a process that has checked the rules before.
The code is compiled before, as in an installation. `python -m benchmarks.load [ROUNDS]`, by default 5.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import cpu
from benchmarks.results import Goal, Row, at_most, publish, row
from benchmarks.running import compiled

ROOT = Path(__file__).parents[1]
SIZES = (100, 316, 1000, 3162, 10_000)
WHOLE = SIZES[-1]
RULES_OF_A_FILE = 100
EDITS = 10

DETECTION = """\
detection rule_{number} {{
    for each agent
    severity warning
    category performance
    when     agent.name == "agent_{number}" and agent.cpu > {threshold}% for 10s
    notify   people
}}
"""
RECOVERY = """\
recovery heal_{number} {{
    on       fault rule_{number}
    try      again {{ restart agent; verify within 60s }}
    limit    3 per 1h by agent
    cooldown 10s
    otherwise {{ notify people "{{agent.name}} could not be revived" }}
}}
"""
CHANNEL = 'channel people { url "log:" }\n'


class WrongAnswerError(Exception):
    """The checker found something in rules that are right: its figure would mean nothing."""


class Figures(NamedTuple):
    """CPU seconds and peak megabytes of one process."""

    seconds: float
    megabytes: float


def texts(count: int) -> Iterator[tuple[str, str]]:
    """Names and texts of the files; every second rule is the recovery of the one before."""
    yield "0.rules", CHANNEL
    rules = [
        (RECOVERY if number % 2 else DETECTION).format(number=number // 2, threshold=number % 90 + 5)
        for number in range(count)
    ]
    for first in range(0, count, RULES_OF_A_FILE):
        yield f"{first // RULES_OF_A_FILE + 1}.rules", "".join(rules[first : first + RULES_OF_A_FILE])


def written(count: int, place: Path) -> Path:
    directory = place / str(count)
    directory.mkdir()
    for name, text in texts(count):
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def checked(directory: Path, environment: dict[str, str], *options: str) -> Figures:
    """One process, from its start to its end."""
    command = [sys.executable, "-m", "daemon.cli", "check", str(directory), *options]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or "nothing found" not in said:
        raise WrongAnswerError(said)
    return Figures(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def edits(count: int) -> list[float]:
    """Milliseconds of CPU for each of some edits of one rule, each another one; after each the findings and the program are all there."""
    from daemon.vocabulary import vocabulary
    from dsl.check import check
    from dsl.memory import Memory
    from dsl.source import Source

    sources = [Source(name, text) for name, text in texts(count)]
    memory, words = Memory(), vocabulary()
    check(sources, words, memory=memory)
    found = []
    for number in range(EDITS):
        place = 1 + number * (len(sources) - 1) // EDITS
        edited = sources[place].text.replace("for 10s", f"for {11 + number}s", 1)
        sources[place] = Source(sources[place].name, edited)
        before = cpu()
        done = check(sources, words, memory=memory)
        found.append((cpu() - before) * 1000)
        if done.program is None or done.findings or len(done.program.detections) != (count + 1) // 2:
            raise WrongAnswerError(str(done.findings[:3]))
    return found


def goals_of(cold: list[Figures], warm: list[Figures], edit: list[float]) -> list[Goal]:
    return [
        at_most("cold_s", statistics.median(one.seconds for one in cold), 6.0),
        at_most("warm_s", statistics.median(one.seconds for one in warm), 1.0),
        at_most("edit_ms", statistics.median(edit), 50.0),
        at_most("cold_mb", max(one.megabytes for one in cold), 250.0),
    ]


def rows_of(
    cold: dict[int, list[Figures]], warm: dict[int, list[Figures]], edit: dict[int, list[float]]
) -> list[Row]:
    rows = []
    for what, of_size in (("cold", cold), ("warm", warm)):
        rows += [
            row(f"volexd N={size}", what, "s CPU", [one.seconds for one in runs])
            for size, runs in of_size.items()
        ]
    rows += [row(f"volexd N={size}", "edit", "ms CPU", runs) for size, runs in edit.items()]
    rows += [
        row(f"volexd N={size}", "peak", "MB", [one.megabytes for one in runs]) for size, runs in cold.items()
    ]
    return rows


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    cold: dict[int, list[Figures]] = {size: [] for size in SIZES}
    warm: dict[int, list[Figures]] = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory() as place, compiled() as code:
        directories = {size: written(size, Path(place)) for size in SIZES}
        environment = {**code, "XDG_CACHE_HOME": str(Path(place, "cache"))}
        checked(directories[SIZES[0]], environment, "--no-cache")
        for number in range(rounds):
            for size, directory in directories.items():
                cold[size].append(checked(directory, environment, "--no-cache"))
                if number == 0:
                    checked(directory, environment)
                warm[size].append(checked(directory, environment))
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
    edit = {size: edits(size) for size in SIZES}
    publish("load", rows_of(cold, warm, edit), goals_of(cold[WHOLE], warm[WHOLE], edit[WHOLE]))


if __name__ == "__main__":
    main()
