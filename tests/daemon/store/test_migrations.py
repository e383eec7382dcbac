from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from daemon.store.address import database_at
from daemon.store.errors import DatabaseInUseError, ForeignDatabaseError, UnreachableError
from daemon.store.migrations import HEAD
from daemon.store.query import open_reader, view
from daemon.store.store import Store
from daemon.store.views import VIEWS
from tests.daemon.store.samples import asked, fault


def test_the_constant_names_the_newest_revision() -> None:
    from alembic.script import ScriptDirectory

    from daemon.store.migrations.upgrade import configuration

    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD]


def test_the_schema_of_new_databases_was_made_from_the_tables() -> None:
    from daemon.store import schema
    from daemon.store.migrations.head import sqlite_schema

    shipped = (Path(schema.__file__).parent / "schema.sql").read_text(encoding="utf-8")
    assert shipped == sqlite_schema(), "python -m daemon.store.migrations.head"


def test_all_revisions_from_nothing_come_to_the_tables(path: Path) -> None:
    import sqlalchemy
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from daemon.store.migrations.upgrade import upgrade
    from daemon.store.tables import METADATA

    database = database_at(str(path))
    database.claim()()
    upgrade(database)
    with sqlalchemy.create_engine(f"sqlite:///{path}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_new_database_is_what_the_revisions_make(tmp_path: Path) -> None:
    from daemon.store.migrations.upgrade import upgrade

    Store.open(str(tmp_path / "new.db")).close()
    upgraded = database_at(str(tmp_path / "upgraded.db"))
    upgraded.claim()()
    upgrade(upgraded)
    assert _shape(tmp_path / "new.db") == _shape(tmp_path / "upgraded.db")


def _shape(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What there is: columns with type, need and place in the key; indexes with their columns; views with their text."""
    names = asked(
        path, "SELECT type, name, CASE type WHEN 'view' THEN sql END FROM sqlite_master ORDER BY type, name"
    )
    shape: dict[str, list[tuple[object, ...]]] = {"": names}
    for kind, name, _ in names:
        columns = 'name, upper(type), "notnull", pk' if kind != "index" else "seqno, name"
        shape[str(name)] = asked(
            path, f"SELECT {columns} FROM pragma_{'index' if kind == 'index' else 'table'}_info('{name}')"
        )
    return shape


def test_a_current_database_opens_without_alembic_and_sqlmodel(path: Path) -> None:
    program = (
        "import sys; from daemon.store.store import Store; from daemon.store.restore import restored\n"
        f"with Store.open({str(path)!r}) as store: restored(store, 0.0)\n"
        "print([name for name in ('alembic', 'sqlalchemy', 'sqlmodel') if name in sys.modules])"
    )
    for _ in ("new", "current"):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"


def test_a_newer_revision_is_refused_and_left_alone(path: Path) -> None:
    Store.open(str(path)).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ForeignDatabaseError, match="revision 9999 is newer than this volexd, which knows"):
        Store.open(str(path))
    with pytest.raises(ForeignDatabaseError, match="its revision is 9999, this volexd reads"):
        open_reader(str(path))
    assert asked(path, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_the_database_of_something_else_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE invoice (id INTEGER)")
    with pytest.raises(ForeignDatabaseError, match="tables of something else"):
        Store.open(str(path))
    with pytest.raises(ForeignDatabaseError, match="no database of volexd"):
        open_reader(str(path))
    assert asked(path, "SELECT name FROM sqlite_master") == [("invoice",)]


def test_what_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("Dear diary, " * 1000)
    for use in (Store.open, open_reader):
        with pytest.raises(ForeignDatabaseError, match="file is not a database; name another file with --db"):
            use(str(path))
    assert path.read_text() == "Dear diary, " * 1000


def test_reading_what_is_not_there_creates_nothing(path: Path) -> None:
    with pytest.raises(UnreachableError, match="there is no such file"):
        open_reader(str(path))
    assert not path.exists()


def test_a_directory_in_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=str(tmp_path)):
        Store.open(str(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(UnreachableError, match="Not a directory"):
        Store.open(str(tmp_path / "file" / "volexd.db"))


def test_files_and_directories_are_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "var" / "volexd" / "volexd.db"
    with Store.open(f"sqlite:///{path}") as store:
        store.writer.submit([fault(1)]).result()
        found = [path, Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}.lock")]
        assert [stat.S_IMODE(file.stat().st_mode) & 0o027 for file in found] == [0, 0, 0, 0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o027 == 0
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) & 0o027 == 0


def test_a_second_writer_is_refused_while_the_first_one_lives(path: Path) -> None:
    with (
        Store.open(str(path)),
        pytest.raises(DatabaseInUseError, match=r"a volexd already writes to it \(process \d+\)"),
    ):
        Store.open(str(path))
    Store.open(str(path)).close()


@pytest.mark.parametrize("url", ["{path}", ":memory:"])
def test_every_view_can_be_read_from_the_first_moment(path: Path, url: str) -> None:
    with Store.open(url.format(path=path)) as store, store.reader() as reader:
        assert {name: view(reader, name) for name in VIEWS} == {name: [] for name in VIEWS}
        with pytest.raises(Exception, match="readonly"):
            reader.rows("DELETE FROM fault")
