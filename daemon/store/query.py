"""The reading side, for reports and explanations: read-only, beside a running daemon or without one.

It loads neither SQLAlchemy nor sqlmodel: `volexd why` is answered in a blink.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any

from daemon.store.address import database_at
from daemon.store.database import Connection, Database, Dialect
from daemon.store.errors import StoreError
from daemon.store.schema import require_current
from daemon.store.views import VIEWS

Found = dict[str, object]

# What an id of the engine's may belong to.
SUBJECTS = (
    "fault", "recovery", "attempt", "action", "alert", "automation", "automation_run", "workflow_run", "step_run",
    "adaptation", "maintenance_run", "shadow_action",
)  # fmt: skip


class UnknownIdError(StoreError):
    """Nothing in the database has this id."""


class Reader:
    """A read-only connection. SQL is written with `:name` for a parameter; rows are column to value, instants as text."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        return self._database.dialect

    @property
    def shown(self) -> str:
        return self._database.shown

    def rows(self, sql: str, /, **parameters: object) -> list[Found]:
        cursor = self._connection.execute(self._database.spelled(sql), parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def each(self, sql: str, /, **parameters: object) -> Iterator[tuple[Any, ...]]:
        """The rows one after the other, as their columns stand in the query: for those that may be millions."""
        return iter(self._connection.execute(self._database.spelled(sql), parameters))

    def row(self, sql: str, /, **parameters: object) -> Found:
        """The one row of a query that always has one."""
        (found,) = self.rows(sql, **parameters)
        return found

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_reader(url: str) -> Reader:
    """For commands. StoreError if there is no database, or it is not one of this volexd."""
    database = database_at(url)
    connection = database.connect_reading()
    try:
        require_current(database, connection)
    except BaseException:
        connection.close()
        raise
    return Reader(database, connection)


def view(reader: Reader, name: str, most: int = 1000) -> list[Found]:
    """The rows of one of VIEWS, in its order. ValueError if there is no such view."""
    if name not in VIEWS:
        raise ValueError(f"no view {name!r}; there are {', '.join(VIEWS)}")
    return reader.rows(f"SELECT * FROM {name} LIMIT :most", most=most)


def faults(
    reader: Reader, open_only: bool = False, since: str | None = None, most: int = 1000
) -> list[Found]:
    """Rows of `fault`, newest first; `since` is the text of an instant."""
    conditions = ["outcome IS NULL"] * open_only + ["raised_at >= :since"] * (since is not None)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return reader.rows(f"SELECT * FROM fault {where} ORDER BY id DESC LIMIT :most", since=since, most=most)


def subject(reader: Reader, number: int) -> tuple[str, Found]:
    """Which table the id belongs to, and its row there. UnknownIdError."""
    for table in SUBJECTS:
        found = reader.rows(f"SELECT * FROM {table} WHERE id = :number", number=number)
        if found:
            return table, found[0]
    raise UnknownIdError(
        f"{reader.shown}: nothing has the id {number}; `volexd faults` and the view recent_actions list them"
    )


def why(reader: Reader, number: int) -> list[Found]:
    """What is told of it itself: depth and line, in order. UnknownIdError."""
    lines = reader.rows(
        "SELECT subject_id, depth, line, at FROM why WHERE subject_id = :number ORDER BY id", number=number
    )
    if not lines:
        subject(reader, number)
    return lines
