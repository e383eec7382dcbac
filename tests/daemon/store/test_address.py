from __future__ import annotations

from pathlib import Path

import pytest

from daemon.store.address import database_at
from daemon.store.errors import AddressError
from daemon.store.postgresql import Postgresql
from daemon.store.sqlite import SqliteFile, SqliteMemory


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/var/lib/volexd/volexd.db", Path("/var/lib/volexd/volexd.db")),
        ("sqlite:////var/lib/volexd/volexd.db", Path("/var/lib/volexd/volexd.db")),
        ("sqlite:////a/with%20space", Path("/a/with space")),
        ("sqlite:///here.db", Path.cwd() / "here.db"),
        ("here.db", Path.cwd() / "here.db"),
        ("~/volexd.db", Path.home() / "volexd.db"),
    ],
)
def test_a_file_by_path_or_url(url: str, path: Path) -> None:
    assert database_at(url) == SqliteFile(path)


@pytest.mark.parametrize("url", [":memory:", "sqlite://", "sqlite:///:memory:"])
def test_in_memory(url: str) -> None:
    assert isinstance(database_at(url), SqliteMemory)


def test_two_databases_in_memory_are_two() -> None:
    assert database_at(":memory:") != database_at(":memory:")


def test_postgresql_shows_no_password() -> None:
    database = database_at("postgres://volexd:hush@db.example:5433/volexd")
    assert isinstance(database, Postgresql)
    assert database.url == "postgresql://volexd:hush@db.example:5433/volexd"
    assert database.shown == "postgres://volexd:***@db.example:5433/volexd"
    assert "hush" not in repr(database)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://root:hush@host/x", "'mysql' is no kind of database; write a path, sqlite:///PATH"),
        ("sqlite://volexd.db", "three slashes stand before the path: sqlite:///volexd.db"),
        ("sqlite:///x.db?mode=ro", "options after `?` are not taken"),
        ("", "that is no path"),
        ("a\0b", "that is no path"),
    ],
)
def test_what_names_no_database_is_refused(url: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        database_at(url)
    assert reason in str(caught.value)
    assert "hush" not in str(caught.value)
