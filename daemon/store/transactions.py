"""The writer's connection: begins, commits, and is made anew after any trouble. For one thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from loguru import logger

from daemon.store.database import Connection, Database
from daemon.store.errors import StoreError
from daemon.store.rows import Row, coalesced, statements
from daemon.store.schema import prepare

T = TypeVar("T")


class Transactions:
    """`connection` is prepared, and handed over."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection: Connection | None = connection

    def may_pass(self, error: BaseException) -> bool:
        """The database has trouble, and not the statement. Not being able to open it is always that."""
        return isinstance(error, StoreError) or self._database.may_pass(error)

    def write(self, rows: Sequence[Row]) -> None:
        prepared = statements(coalesced(rows), self._database.dialect.mark)

        def insert(connection: Connection) -> None:
            cursor = connection.cursor()
            for statement in prepared:
                cursor.executemany(statement.sql, statement.rows)

        self.perform(insert, durable=any(row.durable for row in rows))

    def perform(self, work: Callable[[Connection], T], durable: bool) -> T:
        """In one transaction. It raises whatever went wrong, and then nothing of it has happened."""
        connection = self._connected()
        try:
            self._database.begin(connection, durable)
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            self._undo(connection, error)
            raise
        return result

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except Exception as error:  # noqa: BLE001 — there is nothing left to be done with it
                logger.debug("{}: not closed: {}", self._database.shown, error)

    def _undo(self, connection: Connection, error: BaseException) -> None:
        """A connection whose database has trouble is not used again: the next one finds what stands there by then."""
        try:
            connection.execute("ROLLBACK")
        except Exception as second:  # noqa: BLE001 — the first error is the one that is told
            logger.debug("{}: no rollback: {}", self._database.shown, second)
        if self.may_pass(error):
            self.close()

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = self._database.connect()
            try:
                prepare(self._database, connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection
