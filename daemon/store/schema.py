"""Making sure that a database has the tables and views of this volexd: made if it is empty, brought up to date if it is old."""

from __future__ import annotations

from daemon.store.database import Connection, Database
from daemon.store.errors import ForeignDatabaseError
from daemon.store.migrations import HEAD
from daemon.store.views import creations

VERSION_TABLE = "alembic_version"


def prepare(database: Database, connection: Connection) -> None:
    """ForeignDatabaseError if it belongs to something else, or to a newer volexd: then nothing in it is touched."""
    revision = revision_of(database, connection)
    if revision == HEAD:
        return
    if revision is not None:
        _bring_up_to_date(database, revision)
    elif database.names(connection):
        raise ForeignDatabaseError(
            f"{database.shown}: it has tables of something else; name a database of its own with --db"
        )
    else:
        _create(database, connection)


def require_current(database: Database, connection: Connection) -> None:
    """For readers, which may change nothing. ForeignDatabaseError if it is not of exactly this revision."""
    revision = revision_of(database, connection)
    if revision is None:
        raise ForeignDatabaseError(
            f"{database.shown}: this is no database of volexd; name another one with --db"
        )
    if revision != HEAD:
        raise ForeignDatabaseError(
            f"{database.shown}: its revision is {revision}, this volexd reads {HEAD};"
            " an older one is brought up to date when volexd starts with it, a newer one needs the newer volexd"
        )


def revision_of(database: Database, connection: Connection) -> str | None:
    if VERSION_TABLE not in database.names(connection):
        return None
    row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
    return None if row is None else str(row[0])


def _bring_up_to_date(database: Database, revision: str) -> None:
    from daemon.store.migrations import upgrade  # only here: it loads Alembic and SQLAlchemy

    if not upgrade.is_known(revision):
        raise ForeignDatabaseError(
            f"{database.shown}: its revision {revision} is newer than this volexd, which knows {HEAD};"
            " start the newer volexd, or name another database with --db"
        )
    upgrade.upgrade(database)


def _create(database: Database, connection: Connection) -> None:
    statements = database.creation()
    if statements is None:
        from daemon.store.migrations import upgrade

        upgrade.upgrade(database)
        return
    database.begin(connection, durable=True)
    try:
        for statement in (*statements, *creations(database.dialect)):
            connection.execute(statement)
        connection.execute(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.execute(f"INSERT INTO {VERSION_TABLE} VALUES ('{HEAD}')")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
