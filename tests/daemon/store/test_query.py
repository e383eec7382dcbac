from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.store.instants import as_text
from daemon.store.query import UnknownIdError, faults, open_reader, subject, view, why
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.store.samples import TEN, fault


def test_why_gives_the_lines_in_their_order(store: Store, path: Path) -> None:
    lines = ["agent_down on vault", 'agent.status == "down" for 15s', "health: HTTP 503"]
    rows = [
        Row("derivation", 10 + n, {"subject_id": 1, "depth": n, "line": line, "at": TEN})
        for n, line in enumerate(lines)
    ]
    store.writer.submit([fault(1), fault(2), *reversed(rows)]).result()
    with open_reader(str(path)) as reader:
        assert [(row["depth"], row["line"]) for row in why(reader, 1)] == list(enumerate(lines))
        assert why(reader, 2) == []
        assert subject(reader, 2)[0] == "fault"
        with pytest.raises(UnknownIdError, match="nothing has the id 10"):
            why(reader, 10)


def test_faults_newest_first_open_or_since(store: Store, path: Path) -> None:
    store.writer.submit(
        [fault(1), fault(2, outcome="cleared", raised_at=TEN + 5), fault(3, raised_at=TEN + 9)]
    ).result()
    with open_reader(str(path)) as reader:
        assert [row["id"] for row in faults(reader)] == [3, 2, 1]
        assert [row["id"] for row in faults(reader, open_only=True)] == [3, 1]
        assert [row["id"] for row in faults(reader, since=as_text(TEN + 5))] == [3, 2]
        assert [row["id"] for row in faults(reader, open_only=True, since=as_text(TEN + 5), most=1)] == [3]


def test_a_view_that_is_not_there_is_named(store: Store) -> None:
    with (
        store.reader() as reader,
        pytest.raises(ValueError, match="no view 'fault; DROP TABLE fault'; there are healing_report"),
    ):
        view(reader, "fault; DROP TABLE fault")


def test_reading_loads_nothing_heavy(store: Store, path: Path) -> None:
    program = (
        "import sys; from daemon.store.query import open_reader; from daemon.reports.healing import healing_report\n"
        f"with open_reader({str(path)!r}) as reader: healing_report(reader, at=0.0)\n"
        "print([name for name in ('alembic', 'sqlalchemy', 'sqlmodel', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that everybody may read and only its owner may change; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may read but not write")
def test_who_may_only_read_reads_what_volexd_left(public: Path) -> None:
    """Without the daemon there is no -shm file, and this user may not make one."""
    path = public / "volexd.db"
    with Store.open(str(path)) as store:
        store.writer.submit([fault(1)]).result()
    path.chmod(0o644)
    os.seteuid(65534)
    try:
        with open_reader(str(path)) as reader:
            assert [row["id"] for row in faults(reader)] == [1]
    finally:
        os.seteuid(0)
