"""The same on PostgreSQL: what is stored, what the views say, what is refused, what is waited out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from daemon.reports.healing import healing_report
from daemon.store.address import database_at
from daemon.store.errors import DatabaseInUseError, ForeignDatabaseError, RefusedRowError, UnreachableError
from daemon.store.query import open_reader, view
from daemon.store.restore import first_ids, restored
from daemon.store.retention import let_go
from daemon.store.rows import Row
from daemon.store.store import Store
from daemon.store.views import VIEWS
from tests.daemon.store import postgresql_server
from tests.daemon.store.postgresql_server import Server
from tests.daemon.store.samples import TEN, fact, fault, until
from tests.daemon.store.stories import Story, expected, rows_of, stories
from tests.daemon.store.test_views import assert_rules, assert_totals

REASON = postgresql_server.missing()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql_server.running() as found:
        yield found


@pytest.fixture
def url(server: Server) -> str:
    """An empty database."""
    name = f"volexd_{next(numbers)}"
    connection = database_at(server.url("postgres")).connect()
    connection.execute(f"CREATE DATABASE {name}")
    connection.close()
    return server.url(name)


def test_the_revisions_come_to_the_tables(url: str) -> None:
    import sqlalchemy
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from daemon.store.tables import METADATA

    Store.open(url).close()
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_rows_and_views_and_what_a_restart_is_told(url: str) -> None:
    with Store.open(url) as store:
        rows = [
            Row("automation", 11, {"name": "hourly", "type": "task_scheduling", "status": "active"}),
            Row(
                "automation_run",
                12,
                {"automation": "hourly", "status": "succeeded", "measured": {"kept": True}},
            ),
            Row(
                "shadow_action",
                9,
                {"kind": "fault", "rule": "slow", "at": TEN, "began_at": TEN, "step": "fault"},
            ),
            Row(
                "shadow_action",
                10,
                {"kind": "automation", "rule": "hourly", "at": TEN, "ended_at": TEN, "step": "run"},
            ),
            Row("workflow", 13, {"name": "rebalance", "learning": True}),
            Row(
                "learned",
                14,
                {
                    "kind": "step",
                    "name": "rebalance/prices",
                    "runs": 3,
                    "successes": 2,
                    "duration_mean_s": 2.04,
                },
            ),
            fault(1, message="a\0b \udcff"),
            fact(store.take_id("fact")),
            Row("action", 2, {"arguments": {"a": [1]}}),
        ]
        store.writer.submit(rows).result()
        store.writer.submit([Row("fault", 1, {"attempts": 3, "unconfirmed": True})]).result()
        with pytest.raises(RefusedRowError, match="fault 4"):
            store.writer.submit([fault(3, outcome="cleared"), fault(4, attempts="many")]).result()
        told = restored(store, TEN + 1)
    with Store.open(url) as again, open_reader(url) as reader:
        assert restored(again, TEN + 1) == told
        assert [(row["id"], row["attempts"], row["unconfirmed"]) for row in told.faults] == [(1, 3, True)]
        assert told.faults[0]["message"] == "a\ufffdb ?"
        assert first_ids(store)[0] == 15
        assert again.take_id("fact") == 2
        assert (
            view(reader, "insights")[0]["insight"]
            == "step rebalance/prices: 2 of 3 succeeded, 2.04 s on average"
        )
        assert {
            name: len(view(reader, name)) > 0 for name in VIEWS if name not in ("why", "strategy_performance")
        } == {name: True for name in VIEWS if name not in ("why", "strategy_performance")}


def test_readers_cannot_write(url: str) -> None:
    with Store.open(url) as store, store.reader() as reader, pytest.raises(Exception, match="read-only"):
        reader.rows("DELETE FROM fault")


def test_figures_are_what_the_rows_say(server: Server, url: str) -> None:
    with Store.open(url) as store:

        @given(stories)
        @settings(max_examples=25, deadline=None)
        def check(told: list[Story]) -> None:
            store.writer.perform(
                lambda connection: connection.execute("TRUNCATE fault, recovery, attempt")
            ).result()
            store.writer.submit(rows_of(told)).result()
            with store.reader() as reader:
                assert_rules(view(reader, "healing_report"), expected(told))
                report = healing_report(reader, TEN + 2, at=TEN)
            assert_rules(report["rules"], expected(told[2:]))  # type: ignore[arg-type]
            assert_totals(report, told[2:])

        check()


def test_what_is_old_is_let_go(url: str) -> None:
    with Store.open(url) as store:
        store.writer.submit([fact(number, until=TEN - 1e7) for number in range(1, 11)]).result()
        assert let_go(store.writer, TEN, 30).result() == 9


def test_a_newer_revision_a_second_writer_and_a_wrong_name_are_refused(server: Server, url: str) -> None:
    with Store.open(url) as store:
        with pytest.raises(DatabaseInUseError, match="a volexd already writes to it"):
            Store.open(url)
        store.writer.perform(
            lambda connection: connection.execute("UPDATE alembic_version SET version_num = '9999'")
        )
    with pytest.raises(ForeignDatabaseError, match="revision 9999 is newer"):
        Store.open(url)
    with pytest.raises(UnreachableError, match='database "nowhere" does not exist'):
        Store.open(server.url("nowhere"))


def test_a_server_that_was_restarted_gets_what_waited(server: Server, url: str) -> None:
    with Store.open(url) as store:
        store.writer.submit([fault(1)]).result()
        server.stop()
        try:
            waiting = store.writer.submit([fault(2)])
            until(lambda: store.writer.state.trouble is not None, "that it is gone is noticed")
        finally:
            server.start()
        waiting.result()
        with store.reader() as reader:
            assert reader.rows("SELECT id FROM fault ORDER BY id") == [{"id": 1}, {"id": 2}]
