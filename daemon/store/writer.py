"""The one writer: a thread. Whatever waits becomes one transaction, in the order in which it came.

When the database is locked, full, read-only or gone, rows wait in memory and are written when it is back; the loop goes on meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from loguru import logger

from daemon.store.database import Connection, Database
from daemon.store.errors import NotWrittenError, RefusedRowError
from daemon.store.rows import Row
from daemon.store.transactions import Transactions
from daemon.store.waiting import Bounds, Entry, Job, Submission, Waiting

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 5.0
# Beyond the time that closing was given: for a call into the database that cannot be interrupted.
LAST_CALL_S = 15.0


@dataclass(frozen=True, slots=True)
class WriterState:
    """For the status and the metrics, in rows. `trouble` is what the database says while it takes none."""

    waiting: int
    written: int
    given_up: int
    refused: int
    trouble: str | None


class Writer:
    """`connection` is prepared; from now on only the writer's thread touches it. `columns` are those of each table."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        columns: Mapping[str, frozenset[str]],
        bounds: Bounds,
    ) -> None:
        self._shown = database.shown
        self._columns = columns
        self._waiting = Waiting(database.shown, bounds)
        self._transactions = Transactions(database, connection)
        self._written = 0
        self._refused = 0
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="volexd-store", daemon=True)
        self._thread.start()

    # --- from any thread -----------------------------------------------------------------------------------------------

    def submit(self, rows: Sequence[Row]) -> Future[None]:
        """Queue them and wake the writer."""
        done = self.queue(rows)
        self._waiting.wake()
        return done

    def queue(self, rows: Sequence[Row]) -> Future[None]:
        """Never blocks, never raises. Resolved when these rows, and all queued before, are committed; samples given up count as done.

        They are written when somebody wakes the writer, in one transaction with all that waits by then. The exception is RefusedRowError
        if one of them can never be stored (the others are), NotWrittenError if volexd ended, or ran out of room to wait.
        """
        fitting, misfits = self._sorted_out(rows)
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()  # whoever waits may stop waiting, but not take rows back
        self._waiting.put(Submission(fitting, done, misfits))
        return done

    def wake(self) -> None:
        """Write what is queued."""
        self._waiting.wake()

    def perform(self, job: Callable[[Connection], Any]) -> Future[Any]:
        """Do something else in a transaction, in its turn: retention. It may be begun more than once."""
        done: Future[Any] = Future()
        done.set_running_or_notify_cancel()
        self._waiting.put(Job(job, done))
        self._waiting.wake()
        return done

    @property
    def state(self) -> WriterState:
        waiting = self._waiting
        return WriterState(waiting.rows, self._written, waiting.given_up, self._refused, self._trouble)

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, for at most so many seconds; what is left then fails with NotWrittenError."""
        self._waiting.end(timeout)
        self._thread.join(timeout + LAST_CALL_S)
        if self._thread.is_alive():
            logger.critical(
                "{}: it answers no more; {} rows are not written", self._shown, self._waiting.rows
            )

    def _sorted_out(self, rows: Sequence[Row]) -> tuple[list[Row], tuple[str, ...]]:
        """The rows that fit the tables, and what is wrong with the others: a mistake in the program, which must not stop it healing."""
        columns = self._columns
        for row in rows:
            if row.table not in columns or not row.values.keys() <= columns[row.table]:
                break
        else:
            return list(rows), ()
        misfits = tuple(text for row in rows if (text := self._misfit(row)) is not None)
        self._say_refused(misfits)
        return [row for row in rows if self._misfit(row) is None], misfits

    def _misfit(self, row: Row) -> str | None:
        known = self._columns.get(row.table)
        if known is None:
            return (
                f"{row.table} {row.id}: there is no such table; there are {', '.join(sorted(self._columns))}"
            )
        if row.values.keys() <= known:
            return None
        surplus = ", ".join(sorted(row.values.keys() - known))
        return f"{row.table} {row.id}: there is no column {surplus}; there are {', '.join(sorted(known))}"

    def _say_refused(self, refused: Sequence[str]) -> None:
        self._refused += len(refused)
        for text in refused:
            logger.error("{}: a row is refused: {}", self._shown, text)

    # --- the writer's thread -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while entries := self._waiting.take():
            self._finish(entries, self._until_settled(entries))
        self._transactions.close()

    def _until_settled(self, entries: Sequence[Entry]) -> Exception | None:
        """Tried again for as long as the trouble is the database's. The error if it came to nothing."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                self._carry_out(entries)
            except Exception as error:  # noqa: BLE001 — the thread outlives any error, and whoever waits is told
                if not self._transactions.may_pass(error):
                    return error
                self._note(error)
            else:
                self._note(None)
                return None
            if not self._waiting.pause(pause):
                return NotWrittenError(f"{self._shown}: volexd ended before it was written: {self._trouble}")
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _carry_out(self, entries: Sequence[Entry]) -> None:
        if isinstance(entries[0], Job):
            job = entries[0]
            result = self._transactions.perform(job.perform, durable=False)
            job.done.set_result(result)
            return
        submissions = [entry for entry in entries if isinstance(entry, Submission)]
        rows = [row for submission in submissions for row in submission.rows]
        try:
            if rows:
                self._transactions.write(rows)
        except Exception as error:
            if self._transactions.may_pass(error):
                raise
            self._write_singly(submissions)

    def _write_singly(self, submissions: Sequence[Submission]) -> None:
        """One of the rows is refused: it alone shall be lost. A row written twice is written once, so this may be repeated."""
        for submission in submissions:
            refused = [text for row in submission.rows if (text := self._refusal(row)) is not None]
            submission.refused = tuple(refused)
            self._say_refused(refused)

    def _refusal(self, row: Row) -> str | None:
        try:
            self._transactions.write([row])
        except Exception as error:
            if self._transactions.may_pass(error):
                raise
            return f"{row.table} {row.id}: {error}"
        return None

    def _note(self, error: Exception | None) -> None:
        if error is not None:
            self._trouble = str(error).strip() or type(error).__name__
            self._waiting.say("trouble", f"{self._waiting.rows} rows wait in memory: {self._trouble}")
        elif self._trouble is not None:
            self._trouble = None
            self._waiting.said("trouble")
            logger.info("{}: it takes rows again", self._shown)

    def _finish(self, entries: Sequence[Entry], error: Exception | None) -> None:
        self._waiting.finished(entries)
        if isinstance(error, NotWrittenError):
            lost = sum(entry.size for entry in entries)
            logger.critical("{}; {} rows are lost", error, lost)
        for entry in entries:
            if error is None:
                self._written += entry.size
            _tell(entry, error)


def _tell(entry: Entry, error: Exception | None) -> None:
    if error is not None:
        entry.done.set_exception(error)
    elif isinstance(entry, Job):
        return  # it has its result
    elif entry.misfits or entry.refused:
        entry.done.set_exception(RefusedRowError("; ".join([*entry.misfits, *entry.refused])))
    else:
        entry.done.set_result(None)
