"""`volexd why ID` of everything that has an id: what it is, what it rests on, and what it follows from, down to its ground."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from daemon.cli import main
from daemon.store.rows import Row, of_record
from daemon.store.store import Store
from engine.effects import Explained, Record
from tests.engine.meanings.saying import item, world
from tests.engine.work.work_world import Goes, WorkWorld

RULES = """
detection high { for each item; severity error; category agent; notify c; when item.x > 5 for 2s }
recovery lower { on fault high; try less { exec ["/bin/less", item.name]; verify within 10s }; try none { exec ["/bin/none"] { retry 1 backoff 1s } }; limit 9 per 1h overall }
orchestration raised { on fault high; limit 9 per 1h overall; then { run hourly } }
workflow build { step first { exec ["/bin/first"] }; step slow { after first; exec ["/bin/slow"] { timeout 2h }; optional } }
automation hourly { every 1h; run build }
adaptation lean { of workflow build; when steps.slow.duration > 10s; then { set steps.slow.timeout = 3h } }
maintenance now { every day at 00:00 lasting 23h; covers item where item.tier == "z" }
alert all { on fault where fault.severity != "info"; group by fault.name within 5s; notify d }
"""
TABLES = (
    "fault", "recovery", "attempt", "action", "alert", "automation_run", "workflow_run", "step_run", "adaptation",
    "maintenance_run",
)  # fmt: skip


def happened() -> WorkWorld:
    found = world(RULES, 43200.0, **{"/bin/slow": Goes(60.0), "/bin/none": Goes(1.0, "failed")})
    item(found, x=9.0, tier="a")
    found.at(43400.0)
    return found


def rows_of(found: WorkWorld) -> list[Row]:
    rows = []
    for effect in found.effects:
        if isinstance(effect, Record):
            rows.append(of_record(effect))
        elif isinstance(effect, Explained):
            rows += [of_record(line) for line in effect.rows()]
    return rows


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, WorkWorld]:
    found, path = happened(), tmp_path_factory.mktemp("why") / "v.db"
    with Store.open(str(path)) as store:
        store.writer.submit(rows_of(found)).result(30)
    return str(path), found


@pytest.mark.parametrize("table", TABLES)
def test_the_tree_of_an_id(
    told: tuple[str, WorkWorld], table: str, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    path, found = told
    last = found.table(table)[-1]["id"]
    assert main(["why", str(last), "--db", path]) == 0
    lines = [line[len("1970-01-01 12:00:00  ") :] for line in capsys.readouterr().out.splitlines()]
    assert lines == snapshot


def test_everything_that_has_an_id_is_explained(
    told: tuple[str, WorkWorld], capsys: pytest.CaptureFixture[str]
) -> None:
    path, found = told
    for table in TABLES:
        for row in found.table(table):
            assert main(["why", str(row["id"]), "--db", path]) == 0
            said = capsys.readouterr().out
            assert "nothing was written down" not in said, (table, row)
