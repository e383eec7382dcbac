from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from daemon.store import sqlite, writer
from daemon.store.address import database_at
from daemon.store.errors import NotWrittenError, RefusedRowError
from daemon.store.rows import Row, coalesced, of_record
from daemon.store.store import Store
from daemon.store.views import VIEWS
from daemon.store.waiting import Bounds
from engine.effects import Record
from tests.daemon.store.samples import TEN, asked, fact, fault, until


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 10)
    monkeypatch.setattr(writer, "LONGEST_PAUSE_S", 0.05)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


# --- what is stored --------------------------------------------------------------------------------------------------


def test_the_first_record_creates_and_later_ones_change_what_they_name(store: Store, path: Path) -> None:
    store.writer.submit(
        [of_record(Record("fault", 7, {"rule": "disk_full", "raised_at": TEN}, durable=True))]
    )
    store.writer.submit(
        [of_record(Record("fault", 7, {"outcome": "cleared", "closed_at": TEN + 0.25}))]
    ).result()
    assert asked(path, "SELECT id, rule, raised_at, closed_at, outcome FROM fault") == [
        (7, "disk_full", "2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:00.250000Z", "cleared")
    ]


def test_within_a_batch_rows_of_one_id_become_one() -> None:
    rows = [
        fault(1, outcome=None),
        fault(2),
        Row("fault", 1, {"outcome": "cleared"}),
        Row("action", 1, {"kind": "log"}),
    ]
    merged = coalesced(rows)
    assert [(row.table, row.id, row.durable) for row in merged] == [
        ("fault", 1, True),
        ("fault", 2, True),
        ("action", 1, False),
    ]
    assert merged[0].values["outcome"] == "cleared"
    assert merged[0].values["rule"] == "agent_down"


def test_a_name_that_sql_has_a_meaning_for_is_a_column_like_any_other(store: Store, path: Path) -> None:
    store.writer.submit([fact(1)]).result()
    assert asked(path, 'SELECT "from", until, samples FROM fact') == [
        ("2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:00.000000Z", 1)
    ]


def test_what_programs_print_can_be_stored(store: Store, path: Path) -> None:
    values = {
        "detail": "a\0b \udcff '); DROP TABLE fault; --",
        "arguments": {"command": ["a", ("b",)], "half": 0.5},
    }
    store.writer.submit([Row("action", 1, values)]).result()
    ((detail, arguments),) = asked(path, "SELECT detail, arguments FROM action")
    assert detail == "a\ufffdb ? '); DROP TABLE fault; --"
    assert json.loads(str(arguments)) == {"command": ["a", ["b"]], "half": 0.5}


@pytest.mark.parametrize("durable", [True, False])
def test_a_durable_batch_is_safe_from_a_power_failure(path: Path, durable: bool) -> None:
    database = database_at(str(path))
    database.claim()()
    with closing(database.connect()) as connection:
        database.begin(connection, durable)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2 if durable else 1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# --- what cannot be stored -------------------------------------------------------------------------------------------


def test_a_table_or_column_that_is_not_there_is_named_and_the_rest_is_stored(
    store: Store, path: Path
) -> None:
    with pytest.raises(
        RefusedRowError, match="falt 1: there is no such table; there are action, adaptation, alert, attempt"
    ):
        store.writer.submit([Row("falt", 1, {}), fault(1)]).result()
    with pytest.raises(
        RefusedRowError, match="fault 2: there is no column colour; there are acknowledged_at"
    ):
        store.writer.submit([fault(2, colour="red"), fault(3)]).result()
    assert asked(path, "SELECT id FROM fault") == [(1,), (3,)]
    assert store.writer.state.refused == 2


@pytest.mark.parametrize(
    "bad", [{"raised_at": float("nan")}, {"raised_at": 1e300}, {"attempts": 2**70}, {"rule": object()}]
)
def test_a_row_that_is_refused_takes_no_other_with_it(
    store: Store, path: Path, bad: dict[str, object]
) -> None:
    before, failed = (
        store.writer.submit([fault(1)]),
        store.writer.submit([fault(2), fault(3, **bad), fault(4)]),
    )
    after = store.writer.submit([fault(5)])
    before.result()
    after.result()
    with pytest.raises(RefusedRowError, match="fault 3: "):
        failed.result()
    assert asked(path, "SELECT id FROM fault") == [(1,), (2,), (4,), (5,)]
    assert store.writer.state.refused == 1


# --- when the database does not answer -------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
def test_what_waits_for_a_lock_is_written_when_it_is_gone(path: Path) -> None:
    with Store.open(str(path)) as store:
        with locked(path):
            futures = [store.writer.submit([fault(number), fact(number)]) for number in range(1, 501)]
            until(lambda: store.writer.state.trouble is not None, "the lock is noticed")
            assert not any(future.done() for future in futures)
            assert "locked" in str(store.writer.state.trouble)
        for future in futures:
            future.result()
        assert store.writer.state.trouble is None
    assert asked(path, "SELECT (SELECT count(*) FROM fault), (SELECT count(*) FROM fact)") == [(500, 500)]


@pytest.mark.usefixtures("impatient")
def test_samples_are_given_up_and_counted_but_no_record_is(path: Path) -> None:
    with Store.open(str(path), Bounds(batch=10, samples=100, records=1000)) as store:
        with locked(path):
            futures = [store.writer.submit([fault(number), fact(number)]) for number in range(1, 501)]
            until(lambda: store.writer.state.trouble is not None, "the lock is noticed")
            with pytest.raises(NotWrittenError, match="rows wait for it, no more are taken"):
                store.writer.submit([fault(number) for number in range(501, 1001)]).result()
        for future in futures:
            future.result()
        assert store.writer.state.given_up == 450 + 500
    assert asked(path, "SELECT (SELECT count(*) FROM fault), (SELECT count(*) FROM fact)") == [(500, 50)]


@pytest.mark.usefixtures("impatient")
def test_closing_does_not_wait_for_ever(path: Path) -> None:
    store = Store.open(str(path))
    store.writer.submit([fault(1)]).result()
    with locked(path):
        lost = store.writer.submit([fault(2)])
        store.close(timeout=0.05)
        with pytest.raises(NotWrittenError, match=r"volexd ended before it was written: .*locked"):
            lost.result()
    with pytest.raises(NotWrittenError, match="it is closed"):
        store.writer.submit([fault(3)]).result()
    assert asked(path, "SELECT id FROM fault") == [(1,)]


def test_closing_writes_what_waits(path: Path) -> None:
    store = Store.open(str(path), Bounds(batch=7))
    futures = [store.writer.submit([fault(number)]) for number in range(1, 101)]
    store.close()
    assert all(future.done() for future in futures)
    assert asked(path, "SELECT count(*) FROM fault") == [(100,)]


def test_what_is_queued_is_written_in_its_order_with_what_wakes_the_writer(store: Store, path: Path) -> None:
    queued = [
        store.writer.queue([fault(1, rule="first")]),
        store.writer.queue([Row("fault", 1, {"rule": "second"})]),
    ]
    store.writer.submit([fault(2)]).result()
    assert all(future.done() for future in queued)
    assert asked(path, "SELECT id, rule FROM fault WHERE id = 1") == [(1, "second")]
    woken = store.writer.queue([fault(3)])
    store.writer.wake()
    woken.result()
    assert asked(path, "SELECT id FROM fault ORDER BY id") == [(1,), (2,), (3,)]


def test_closing_writes_what_is_queued(path: Path) -> None:
    store = Store.open(str(path))
    queued = store.writer.queue([fault(1)])
    store.close()
    assert queued.done()
    assert asked(path, "SELECT id FROM fault") == [(1,)]


@pytest.mark.usefixtures("impatient")
def test_a_database_that_was_moved_away_is_made_anew(path: Path) -> None:
    with Store.open(str(path)) as store:
        store.writer.submit([fault(1)]).result()
        for file in path.parent.glob("volexd.db*"):
            file.rename(file.with_name("moved-" + file.name))
        store.writer.submit([fault(2)]).result()
        assert asked(path, "SELECT id FROM fault") == [(2,)]
    assert asked(path.with_name("moved-volexd.db"), "SELECT id FROM fault") == [(1,)]


@pytest.mark.usefixtures("impatient")
def test_a_broken_file_is_said_and_waited_out(path: Path) -> None:
    with Store.open(str(path)) as store:
        for file in path.parent.glob("volexd.db*"):
            file.unlink()
        path.write_text("Dear diary, " * 1000)
        waiting = store.writer.submit([fault(1)])
        until(lambda: "not a database" in str(store.writer.state.trouble), "the broken file is noticed")
        path.unlink()
        waiting.result()
    assert asked(path, "SELECT id FROM fault") == [(1,)]


def test_a_full_disk_is_waited_out(path: Path) -> None:
    """A limit on the size of files stands for it. In a process of its own: the limit is the whole process's."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("in trouble\nwritten\n", 0), done.stderr
    assert asked(path, "SELECT count(*), max(length(message)) FROM fault") == [(2, 10_000_000)]


FULL_DISK = """
import resource, sys, threading
from daemon.store.store import Store
from tests.daemon.store.samples import fault, until
with Store.open(sys.argv[1]) as store:
    store.writer.submit([fault(1)]).result()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    big = store.writer.submit([fault(2, message="x" * 10_000_000)])
    until(lambda: store.writer.state.trouble is not None, "the full disk is noticed")
    print("in trouble")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    big.result()
    print("written")
"""


# --- beside others ---------------------------------------------------------------------------------------------------


def test_who_stops_waiting_takes_no_row_back(store: Store, path: Path) -> None:
    async def give_up() -> None:
        waiting = asyncio.wrap_future(store.writer.submit([fault(1)]))
        waiting.cancel()
        await asyncio.wrap_future(store.writer.submit([fault(2)]))

    asyncio.run(give_up())
    assert asked(path, "SELECT id FROM fault") == [(1,), (2,)]


def test_nothing_committed_is_lost_by_a_kill(path: Path) -> None:
    program = (
        "import itertools, sys; from daemon.store.store import Store; from tests.daemon.store.samples import fault, fact\n"
        "store = Store.open(sys.argv[1])\n"
        "for number in itertools.count(1):\n"
        "    store.writer.submit([fact(number)] * 20)\n"
        "    store.writer.submit([fault(number)]).result()\n"
        "    print(number, flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(200)]
        os.kill(child.pid, signal.SIGKILL)
        told += [int(line) for line in child.stdout.read().split()]
    assert asked(path, "PRAGMA integrity_check") == [("ok",)]
    stored = {number for (number,) in asked(path, "SELECT id FROM fault")}
    assert stored >= set(told)
    with Store.open(str(path)) as again:  # whose claim ended with the process
        again.writer.submit([fault(1_000_000)]).result()


def test_the_sqlite_shell_reads_the_views_meanwhile(store: Store, path: Path) -> None:
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("the sqlite3 command line is not installed")
    statements = "".join(f"SELECT '{name}', count(*) FROM {name};" for name in VIEWS)
    futures = []
    for round_ in range(5):
        futures += [
            store.writer.submit([fault(n), fact(n)]) for n in range(round_ * 1000 + 1, round_ * 1000 + 1001)
        ]
        done = subprocess.run(
            [shell, "-readonly", str(path), statements], capture_output=True, text=True, check=False
        )
        assert (done.stderr, done.returncode) == ("", 0)
        assert [line.split("|")[0] for line in done.stdout.splitlines()] == list(VIEWS)
    futures[-1].result()
    assert asked(path, "SELECT faults, open FROM healing_report") == [(5000, 5000)]
