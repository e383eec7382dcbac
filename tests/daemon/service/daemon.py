"""A real volexd in a directory of its own, as an operator would start it; asked through its database, its socket and its signals."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

VOLEXD = Path(sys.executable).parent / "volexd"
PATIENCE = 40.0  # seconds; a test that needs it all has failed, unless the machine is very busy

Found = TypeVar("Found")


def eventually(ask: Callable[[], Found], what: str, within: float = PATIENCE) -> Found:
    """The first answer that is not false. Asks often: the world is real, and so is its time."""
    deadline = time.monotonic() + within
    while not (found := ask()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(0.02)
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Daemon:
    """`with Daemon(tmp_path, rules) as daemon:` it is ready inside, and ended outside."""

    def __init__(
        self, directory: Path, rules: str, config: str = "", *words: str, **environment: str
    ) -> None:
        """`words` are further words of its command line."""
        self._words = words
        self.directory = directory
        self.rules = directory / "rules"
        self.rules.mkdir(exist_ok=True)
        self.database = directory / "volexd.db"
        self.socket = directory / "control.sock"
        self._environment = environment
        self._config = directory / "volexd.yaml"
        self._config.write_text(config, encoding="utf-8")
        self.write(rules)
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.settimeout(PATIENCE)
        self._address = directory / "notify.sock"
        self._address.unlink(missing_ok=True)
        self._notices.bind(str(self._address))
        self.process: subprocess.Popen[bytes]

    def write(self, rules: str, name: str = "all.rules") -> None:
        """As editors do: a new file takes the place of the old one."""
        fresh = self.rules / f".{name}.new"
        fresh.write_text(rules, encoding="utf-8")
        fresh.replace(self.rules / name)

    def start(self) -> None:
        environment = {**os.environ, "NOTIFY_SOCKET": str(self._address), **self._environment}
        self._log = (self.directory / "volexd.log").open("ab")
        self.process = subprocess.Popen(
            [VOLEXD, "--config", self._config, "--rules", self.rules, "--db", self.database, "--socket", self.socket,
             *self._words],
            env=environment, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def heard(self, word: str) -> str:
        """Waits for a notice to the service manager that begins with this word; gives it whole."""
        while True:
            notice = self._notices.recv(4096).decode()
            if notice.startswith(word):
                return notice

    def __enter__(self) -> Daemon:
        self.start()
        try:
            self.heard("READY=1")
        except TimeoutError:
            self.kill()
            raise AssertionError(f"volexd did not become ready:\n{self.log()}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self._log.close()
        self._notices.close()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def log(self) -> str:
        return (self.directory / "volexd.log").read_text(encoding="utf-8")

    def sql(self, query: str) -> list[dict[str, Any]]:
        """As the sqlite command line would ask, while volexd writes."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10.0)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]
        finally:
            connection.close()

    def wait_for(self, query: str, what: str) -> list[dict[str, Any]]:
        return eventually(lambda: self.sql(query), f"{what}\n{self.log()}")

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of volexd's that talks to this daemon."""
        environment = {**os.environ, "VOLEXD_SOCKET": str(self.socket)}
        return subprocess.run(
            [VOLEXD, *words], env=environment, capture_output=True, text=True, timeout=PATIENCE
        )

    def agent(self, name: str) -> dict[str, Any]:
        found = self.sql(f"SELECT * FROM agent_health WHERE name = '{name}'")
        return found[0] if found else {}

    def pid(self, name: str) -> int:
        """The process of an agent, as the kernel's table of our children has it."""
        rows = self.sql(
            f"SELECT value FROM fact WHERE type = 'agent' AND key = '{name}' AND field = 'pid' ORDER BY id DESC LIMIT 1"
        )
        return int(float(rows[0]["value"])) if rows and rows[0]["value"] not in (None, "null") else 0
