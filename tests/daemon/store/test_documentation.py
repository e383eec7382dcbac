"""The database is a public interface: whatever is in it is described, and the queries shown work."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from daemon.store.store import Store
from daemon.store.views import VIEWS
from tests.daemon.store.samples import asked

PAGE = (Path(__file__).parents[3] / "docs" / "database.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def section(name: str) -> str:
    found = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/database.md has no section {name}"
    return found[1]


@pytest.fixture
def made(path: Path) -> Path:
    Store.open(str(path)).close()
    return path


def test_every_table_and_view_and_column_is_described_and_no_other(made: Path) -> None:
    names = [
        str(name) for (name,) in asked(made, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    ]
    described = re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)
    assert sorted(described) == sorted(set(names) - {"alembic_version"})
    assert set(VIEWS) <= set(described)
    for name in described:
        columns = {str(column) for (column,) in asked(made, f"SELECT name FROM pragma_table_info('{name}')")}
        words = set(re.findall(r"`(\w+)`", section(name)))
        assert columns - words == set(), f"{name}: not described"
        first_cells = re.findall(r"^\| (.*?) \|", section(name), re.MULTILINE)
        rows = {word for cell in first_cells for word in re.findall(r"`(\w+)`", cell)}
        assert rows - columns == set(), f"{name}: described, but not there"


@pytest.mark.parametrize("query", QUERIES)
def test_the_queries_shown_work(made: Path, query: str) -> None:
    with closing(sqlite3.connect(f"{made.as_uri()}?mode=ro", uri=True)) as connection:
        for statement in filter(str.strip, query.split(";")):
            connection.execute(statement).fetchall()
