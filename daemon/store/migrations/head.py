"""What a new SQLite database begins with, written out of the tables: `python -m daemon.store.migrations.head` renews `schema.sql`.

It spares a first start the loading of Alembic and sqlmodel. That the revisions come to the same is kept by a test.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from daemon.store.tables import METADATA

HEADER = "-- Made by `python -m daemon.store.migrations.head` from tables.py; do not edit.\n"


def sqlite_schema() -> str:
    dialect = sqlite.dialect()
    statements = []
    for table in METADATA.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    return HEADER + "".join(f"\n{_tidy(statement)};\n" for statement in statements)


def _tidy(statement: str) -> str:
    lines = statement.strip().replace("\t", "    ").splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


if __name__ == "__main__":
    (Path(__file__).parents[1] / "schema.sql").write_text(sqlite_schema(), encoding="utf-8")
