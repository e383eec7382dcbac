"""PostgreSQL, by URL. Its driver, psycopg, comes with the extra `postgresql`."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from daemon.store.database import Connection, Dialect
from daemon.store.errors import DatabaseInUseError, StoreError, UnreachableError

CONNECT_TIMEOUT_S = 5
# A server that is gone without a word is given up after so long, instead of a quarter of an hour.
SILENCE_MS = 10_000
# Any number will do for the advisory lock, as long as nobody else of this database takes the same: "volexd" in ASCII.
CLAIM = 0x766F6C657864

DIALECT = Dialect(
    name="postgresql",
    mark="%s",
    seconds=lambda instant: f"CAST(extract(epoch FROM CAST({instant} AS timestamptz)) AS double precision)",
    rounded=lambda number: f"CAST(round(CAST({number} AS numeric), 3) AS double precision)",
    now_seconds="CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
    joined=lambda values: f"string_agg(CAST({values} AS text), ',')",
    holds=lambda text, part: f"(strpos({text}, {part}) > 0)",
    moved=lambda instant, seconds: (
        f"to_char(CAST({instant} AS timestamptz) AT TIME ZONE 'UTC' + interval '{seconds} seconds',"
        """ 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    ),
)


def _driver() -> Any:
    try:
        return importlib.import_module("psycopg")
    except ImportError as error:
        raise StoreError(
            "postgresql:// needs the driver psycopg; install it beside volexd: pip install 'psycopg[binary]'"
        ) from error


@dataclass(frozen=True, slots=True)
class Postgresql:
    url: str = field(repr=False)  # it may hold a password
    shown: str

    @property
    def dialect(self) -> Dialect:
        return DIALECT

    def claim(self) -> Callable[[], None]:
        connection = self.connect()
        taken = connection.execute("SELECT pg_try_advisory_lock(%s)", (CLAIM,)).fetchone()[0]
        if not taken:
            connection.close()
            raise DatabaseInUseError(
                f"{self.shown}: a volexd already writes to it; stop that one, or use another --db"
            )
        return connection.close

    def connect(self) -> Connection:
        driver = _driver()
        try:
            connection: Connection = driver.connect(
                self.url,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                tcp_user_timeout=SILENCE_MS,
                application_name="volexd",
            )
        except driver.Error as error:
            reason = str(error).strip().splitlines()[-1]
            raise UnreachableError(
                f"{self.shown}: {reason}; look at the host, the user and the database named"
            ) from error
        return connection

    def connect_reading(self) -> Connection:
        connection = self.connect()
        connection.execute("SET default_transaction_read_only = on")
        return connection

    def begin(self, connection: Connection, durable: bool) -> None:
        connection.execute("BEGIN")
        connection.execute(f"SET LOCAL synchronous_commit = {'on' if durable else 'off'}")

    def names(self, connection: Connection) -> frozenset[str]:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchall()
        return frozenset(str(name) for (name,) in rows)

    def columns(self, connection: Connection, table: str) -> frozenset[str]:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s",
            (table,),
        ).fetchall()
        return frozenset(str(name) for (name,) in rows)

    def spelled(self, sql: str) -> str:
        return re.sub(r"(?<![:\w]):([a-z_]+)", r"%(\1)s", sql)

    def may_pass(self, error: BaseException) -> bool:
        driver = _driver()
        return isinstance(
            error, driver.OperationalError | driver.InterfaceError | driver.InternalError | UnreachableError
        )

    def creation(self) -> tuple[str, ...] | None:
        return None
