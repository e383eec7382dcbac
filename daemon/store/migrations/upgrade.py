"""Bringing a database to HEAD with Alembic, without a configuration file. Imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from daemon.store.database import Database
from daemon.store.migrations import HEAD
from daemon.store.views import creations, removals


def configuration() -> Config:
    config = Config()
    # A percent sign is Alembic's own there.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def is_known(revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(configuration()).get_revision(revision) is not None
    except CommandError:
        return False


def upgrade(database: Database) -> None:
    """All or nothing: revisions and views are one transaction."""
    engine = sqlalchemy.create_engine(
        f"{_driver(database)}://", creator=database.connect, poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        for statement in removals():
            connection.exec_driver_sql(statement)
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
        for statement in creations(database.dialect):
            connection.exec_driver_sql(statement)
        connection.commit()


def _driver(database: Database) -> str:
    return {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}[database.dialect.name]
