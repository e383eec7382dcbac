"""A volexd as an operator starts it: a process of its own, in an empty directory, with nothing kept from an earlier start.

Its code is compiled, as pip leaves it behind an installation: the first start of a suite does that and is not measured.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

VOLEXD = Path(sys.executable).with_name("volexd")
READY_WITHIN_S = 30.0


class NotReadyError(Exception):
    """volexd ended, or did not say READY in time; what it wrote is the text."""


@dataclass(frozen=True)
class Running:
    """`ready_s` is the time from the start of the process to READY; `cpu_s` what it had used by then."""

    process: psutil.Process
    ready_s: float
    cpu_s: float

    def used(self) -> float:
        """CPU seconds until now, user and system, of all threads."""
        return cpu_of(self.process)


def cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def compiled() -> Iterator[dict[str, str]]:
    """The environment in which code that was loaded once is loaded compiled, wherever it lies."""
    with tempfile.TemporaryDirectory(prefix="volexd-code-") as place:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": place}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        yield environment


@contextmanager
def running(text: str, environment: dict[str, str], configuration: str = "") -> Iterator[Running]:
    """A volexd with these rules, from READY on. NotReadyError."""
    with tempfile.TemporaryDirectory(prefix="volexd-bench-") as name:
        directory = Path(name)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            notices.bind(str(directory / "notify"))
            notices.settimeout(READY_WITHIN_S)
            command = prepared(directory, text, configuration)
            began = time.monotonic()
            process = subprocess.Popen(
                command,
                env={**environment, **_homes(directory)},
                stderr=(directory / "log").open("wb"),
            )
            try:
                _until_ready(notices, directory)
                ready = time.monotonic() - began
                started = psutil.Process(process.pid)
                yield Running(started, ready, cpu_of(started))
            finally:
                process.terminate()
                process.wait(READY_WITHIN_S)


def prepared(directory: Path, text: str, configuration: str) -> list[str]:
    """The files, and the command line that names them."""
    rules = directory / "rules"
    rules.mkdir()
    (rules / "bench.rules").write_text(text, encoding="utf-8")
    (directory / "volexd.yaml").write_text(configuration, encoding="utf-8")
    places = {
        "--config": directory / "volexd.yaml",
        "--rules": rules,
        "--db": directory / "volexd.db",
        "--socket": directory / "control",
    }
    return [str(VOLEXD), *(str(part) for pair in places.items() for part in pair)]


def _homes(directory: Path) -> dict[str, str]:
    """Of its own, so that nothing is found that an earlier start has kept."""
    homes = {name: str(directory / name) for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")}
    return {**homes, "NOTIFY_SOCKET": str(directory / "notify")}


def _until_ready(notices: socket.socket, directory: Path) -> None:
    try:
        while b"READY=1" not in notices.recv(4096):
            pass
    except TimeoutError as error:
        raise NotReadyError((directory / "log").read_text(encoding="utf-8")) from error
