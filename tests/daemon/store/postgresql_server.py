"""A PostgreSQL server of the tests' own: on a Unix socket in a directory of its own, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


def missing() -> str | None:
    """Why there can be no server here."""
    if importlib.util.find_spec("psycopg") is None:
        return "the driver psycopg is not installed (pip install 'psycopg[binary]')"
    return None if programs() else "PostgreSQL is not installed (initdb and pg_ctl were not found)"


def programs() -> Path | None:
    """The directory of the newest ones: Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = Path(on_path) if on_path else (found[-1] if found else None)
    return initdb.parent if initdb else None


@dataclass(frozen=True)
class Server:
    directory: Path
    user: str | None

    def url(self, database: str) -> str:
        return f"postgresql://volexd@/{database}?host={self.directory}"

    def start(self) -> None:
        options = f"-k {self.directory} -c listen_addresses='' -c fsync=off"
        log = self.directory / "log"
        self._run("pg_ctl", "-w", "-D", str(self.directory / "data"), "-l", str(log), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.directory / "data"), "-m", "immediate", "stop")

    def initialise(self) -> None:
        data = str(self.directory / "data")
        self._run(
            "initdb", "-D", data, "-U", "volexd", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"
        )

    def _run(self, program: str, *arguments: str) -> None:
        bin_directory = programs()
        assert bin_directory is not None
        subprocess.run(
            [str(bin_directory / program), *arguments],
            check=True,
            user=self.user,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def running() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="volexd-pg-") as directory:
        server = Server(Path(directory), _somebody_else(Path(directory)))
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _somebody_else(directory: Path) -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwuid(65534)
    os.chown(directory, entry.pw_uid, entry.pw_gid)
    return entry.pw_name
