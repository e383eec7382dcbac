"""SQLite: the default. A file in WAL mode, so that whoever reads never waits for the writer, nor the writer for them."""

from __future__ import annotations

import fcntl
import importlib.resources
import itertools
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from daemon.store.database import Connection, Dialect
from daemon.store.errors import DatabaseInUseError, ForeignDatabaseError, StoreError, UnreachableError

# How long SQLite itself waits for somebody else's lock; the writer's own patience begins after that.
BUSY_MS = 1000
LOG_PAGES = 4000  # 16 MiB
READ_KIB = 32 * 1024  # of pages that a reader has at hand: whoever goes by an index comes back to them
DIRECTORY_MODE = 0o750
FILE_MODE = 0o640

_memory_numbers = itertools.count(1)


def _seconds(instant: str) -> str:
    # The whole seconds alone go through strftime: it would round a fraction up into the next one.
    whole = f"CAST(strftime('%s', substr({instant}, 1, 19)) AS INTEGER)"
    return f"({whole} + CAST('0' || substr({instant}, 20, 7) AS REAL))"


DIALECT = Dialect(
    name="sqlite",
    mark="?",
    seconds=_seconds,
    rounded=lambda number: f"round({number}, 3)",
    now_seconds="((julianday('now') - 2440587.5) * 86400.0)",
    joined=lambda values: f"group_concat({values})",
    holds=lambda text, part: f"(instr({text}, {part}) > 0)",
    moved=lambda instant, seconds: f"strftime('%Y-%m-%dT%H:%M:%fZ', {instant}, '{seconds:+d} seconds')",
)


class OpenFile(sqlite3.Connection):
    """A connection that knows which file it opened (device and inode), and how safe its commits are."""

    file: tuple[int, int] | None = None
    synchronous: str = ""


class SqliteStatements:
    """What a file and a database in memory have in common."""

    @property
    def dialect(self) -> Dialect:
        return DIALECT

    def begin(self, connection: Connection, durable: bool) -> None:
        wanted = "FULL" if durable else "NORMAL"
        if getattr(connection, "synchronous", None) != wanted:
            connection.execute(f"PRAGMA synchronous = {wanted}")
            if isinstance(connection, OpenFile):
                connection.synchronous = wanted
        connection.execute("BEGIN IMMEDIATE")

    def names(self, connection: Connection) -> frozenset[str]:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        return frozenset(str(name) for (name,) in rows)

    def columns(self, connection: Connection, table: str) -> frozenset[str]:
        rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
        return frozenset(str(name) for (name,) in rows)

    def spelled(self, sql: str) -> str:
        return sql

    def may_pass(self, error: BaseException) -> bool:
        statement = (
            sqlite3.IntegrityError,
            sqlite3.DataError,
            sqlite3.ProgrammingError,
            sqlite3.NotSupportedError,
        )
        return isinstance(error, sqlite3.DatabaseError | OSError | UnreachableError) and not isinstance(
            error, statement
        )

    def creation(self) -> tuple[str, ...] | None:
        text = importlib.resources.files("daemon.store").joinpath("schema.sql").read_text(encoding="utf-8")
        return tuple(part.strip() for part in text.split(";\n") if part.strip())


@dataclass(frozen=True)
class SqliteFile(SqliteStatements):
    path: Path

    @property
    def shown(self) -> str:
        return str(self.path)

    def claim(self) -> Callable[[], None]:
        """By a lock on a file beside the database, which ends with the process, however that ends.

        Not on the database itself: closing any descriptor of that would drop SQLite's own locks.
        """
        self._make_room()
        beside = f"{self.path}.lock"
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise DatabaseInUseError(
                f"{self.path}: a volexd already writes to it (process {holder}); stop that one, or use another --db"
            ) from None
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        return lambda: os.close(descriptor)

    def connect(self) -> Connection:
        self._make_room()
        try:
            connection = _connected(f"{self.path.as_uri()}?mode=rw")
            _tune(connection, self.path)
        except sqlite3.Error as error:
            raise _explained(self.path, error) from error
        connection.file = _identity(self.path)
        return connection

    def connect_reading(self) -> Connection:
        if not self.path.is_file():
            raise UnreachableError(f"{self.path}: there is no such file; name the database with --db")
        try:
            return self._read_only()
        except sqlite3.Error as error:
            raise _explained(self.path, error) from error

    def begin(self, connection: Connection, durable: bool) -> None:
        """SQLite goes on writing into a file that was deleted or moved away. That would be lost without a word."""
        if isinstance(connection, OpenFile) and connection.file != _identity(self.path):
            raise UnreachableError(f"{self.path}: another file stands there now")
        super().begin(connection, durable)

    def _make_room(self) -> None:
        try:
            _make_directory(self.path.parent)
            self._make_file()
        except OSError as error:
            raise UnreachableError(
                f"{self.path}: {error.strerror}; give volexd a directory it may write to"
            ) from error

    def _make_file(self) -> None:
        """SQLite gives the files beside it (-wal, -shm) the same mode."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        except FileExistsError:
            return
        os.fchmod(descriptor, FILE_MODE)
        os.close(descriptor)

    def _read_only(self) -> Connection:
        connection = _connected(f"{self.path.as_uri()}?mode=ro")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError:
            connection.close()
            if Path(f"{self.path}-wal").exists():
                raise
            # Nobody has it open, and this user may not create the -shm file: then it is a file like any other.
            connection = _connected(f"{self.path.as_uri()}?mode=ro&immutable=1")
            connection.execute("SELECT count(*) FROM sqlite_master")
        connection.execute(f"PRAGMA cache_size = -{READ_KIB}")
        return connection


@dataclass(frozen=True)
class SqliteMemory(SqliteStatements):
    """Shared by the connections of this process; gone when the last one is closed."""

    number: int = field(default_factory=lambda: next(_memory_numbers))

    @property
    def shown(self) -> str:
        return ":memory:"

    @property
    def _uri(self) -> str:
        if sqlite3.sqlite_version_info < (3, 36):
            raise StoreError(
                f":memory: needs SQLite 3.36, this is {sqlite3.sqlite_version}; name a file with --db"
            )
        return f"file:/volexd-{os.getpid()}-{self.number}?vfs=memdb"

    def claim(self) -> Callable[[], None]:
        """Nobody else can reach it. The connection held meanwhile is what keeps it in being."""
        return _connected(self._uri).close

    def connect(self) -> Connection:
        return _connected(self._uri)

    def connect_reading(self) -> Connection:
        return _connected(f"{self._uri}&mode=ro")


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return (found.st_dev, found.st_ino)


def _connected(uri: str) -> OpenFile:
    """Threads may hand it on, but never share it: the writer's is made before its thread begins."""
    connection = sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_MS / 1000,
        factory=OpenFile,
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _tune(connection: sqlite3.Connection, path: Path) -> None:
    mode = str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
    if mode != "wal":
        from loguru import logger  # here: commands that only read do without it

        logger.warning(
            "{}: its file system allows no WAL, so readers and the writer wait for each other", path
        )
    # The commit that carries the log into the database takes longer: seldom, and busy pages, which it holds many times, once.
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    # A reader that stays for long lets the log grow; afterwards it shrinks again.
    connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")


def _make_directory(path: Path) -> None:
    missing = [parent for parent in (path, *path.parents) if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(mode=DIRECTORY_MODE, exist_ok=True)


def _explained(path: Path, error: sqlite3.Error) -> StoreError:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return ForeignDatabaseError(f"{path}: {text}; name another file with --db, or move this one away")
    if "locked" in text:
        return UnreachableError(f"{path}: another program holds it locked; end that one (fuser -v {path})")
    return UnreachableError(f"{path}: {text}; look at its directory, its owner and its mode")
