"""What the tables are made of: ids, columns, instants. Imported by the tables alone, for sqlmodel is slow to load."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Dialect, Index, Integer, Text, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from daemon.store import instants

# SQLite gives only a column of the very type INTEGER its row number as primary key.
Number = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[float]):
    """Seconds since 1970 in Python, fixed-width UTC text in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> str | None:
        return None if value is None else instants.as_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> float | None:
        return None if value is None else instants.as_seconds(value)


def identity() -> Any:
    """Given by the engine's one counter, or by the store; never by the database."""
    return Field(sa_type=Number, primary_key=True, sa_column_kwargs={"autoincrement": False})


def column(kind: Any) -> Any:
    return Field(default=None, nullable=True, sa_type=kind)


def needed(kind: Any) -> Any:
    return Field(nullable=False, sa_type=kind)


def index_of_open(table: str, condition: str = "outcome IS NULL") -> Index:
    """What is open is asked for at every start and in every report, and is a handful among many."""
    return Index(f"{table}_open", "id", sqlite_where=text(condition), postgresql_where=text(condition))


def index_of_known(table: str, name: str, of: str) -> Index:
    """Of a column that most rows leave empty: they have no part in it."""
    known = text(f"{of} IS NOT NULL")
    return Index(f"{table}_by_{name}", of, sqlite_where=known, postgresql_where=known)
