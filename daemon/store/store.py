"""The store as the daemon holds it: one writer, any number of readers, and ids for the rows that the daemon itself records."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from types import TracebackType

from daemon.store.address import database_at
from daemon.store.database import Connection, Database
from daemon.store.query import Reader
from daemon.store.schema import VERSION_TABLE, prepare
from daemon.store.views import VIEWS
from daemon.store.waiting import Bounds
from daemon.store.writer import Writer

# The tables whose ids the daemon gives; those of the engine's tables come from the engine.
OWN = ("rule_set", "rule", "reload", "fact", "refusal", "definition", "task")
DEFAULT_BOUNDS = Bounds()


class Store:
    """Made by `Store.open`. `writer` takes rows; `reader()` reads what is committed."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        ids: Mapping[str, Iterator[int]],
        unclaim: Callable[[], None],
    ) -> None:
        self._database = database
        self.writer = writer
        self._ids = ids
        self._unclaim = unclaim

    @classmethod
    def open(cls, url: str, bounds: Bounds = DEFAULT_BOUNDS) -> Store:
        """Make it if it is not there, bring it up to date, begin to write.

        StoreError, whose text names the place, the reason and the way out.
        """
        database = database_at(url)
        with ExitStack() as undo:
            unclaim = database.claim()
            undo.callback(unclaim)
            connection = database.connect()
            undo.callback(connection.close)
            prepare(database, connection)
            ids = _ids(connection)
            writer = Writer(database, connection, _columns(database, connection), bounds)
            undo.pop_all()
        return cls(database, writer, ids, unclaim)

    @property
    def shown(self) -> str:
        """Its name for people: without a password."""
        return self._database.shown

    def reader(self) -> Reader:
        """A connection of its own, for one thread at a time; close it. UnreachableError."""
        return Reader(self._database, self._database.connect_reading())

    def take_id(self, table: str) -> int:
        """The next id of one of the tables OWN. From the loop's thread only."""
        return next(self._ids[table])

    def close(self, timeout: float = 10.0) -> None:
        self.writer.close(timeout)
        self._unclaim()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _columns(database: Database, connection: Connection) -> dict[str, frozenset[str]]:
    tables = database.names(connection) - set(VIEWS) - {VERSION_TABLE}
    return {table: database.columns(connection, table) for table in tables}


def _ids(connection: Connection) -> dict[str, Iterator[int]]:
    counters: dict[str, Iterator[int]] = {}
    for table in OWN:
        (highest,) = connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
        counters[table] = itertools.count(int(highest) + 1)
    return counters
