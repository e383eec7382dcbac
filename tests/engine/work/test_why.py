"""What `why` tells of work: the rule and its place, what it is about, what was true with which values, since when, what it follows from."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.engine.meanings.saying import happen, item, world
from tests.engine.work.work_world import Goes, WorkWorld

RULES = """
detection high { for each item; severity error; category agent; notify c; when item.x > 100 }
orchestration busy { for each item; when avg(item.x over 1m) > 7 for 5s; then { exec ["/bin/more", item.name] } }
orchestration deployed { on event deploy followed by event rollback where rollback.item == deploy.item within 1m; limit 9 per 1h overall; then { exec ["/bin/y"] } }
orchestration raised { on fault high; limit 9 per 1h overall; then { run build } }
orchestration changed { for each item; on change of item.note; limit 9 per 1h overall; then { exec ["/bin/z"] } }
workflow build { step first { exec ["/bin/first"] }; step slow { after first; exec ["/bin/slow"] { timeout 2h }; optional } }
automation hourly { every 1h; run build }
adaptation lean { of workflow build; when steps.slow.duration > 10s for 5s; then { set steps.slow.timeout = 3h } }
adaptation loaded { of workflow build; when steps.slow.status == "running" and avg(host.load over 1m) > 3; then { skip step slow } }
maintenance now { every day at 00:00 lasting 23h; covers item where item.tier == "z" }
"""


@pytest.fixture(scope="module")
def busy() -> WorkWorld:
    found = world(RULES, 43200.0, **{"/bin/slow": Goes(60.0)})
    for second in range(60):
        found.at(43210.0 + second)
        item(found, x=9.0, tier="a", note="a", fresh_for=30.0)
        found.report("host", "h", load=4.0)
    item(found, x=101.0, tier="z", note="b")
    happen(found, "deploy", item="p")
    happen(found, "rollback", item="p")
    found.at(43400.0)
    return found


def tree(found: WorkWorld, table: str, **like: str) -> list[str]:
    """What `why` tells of the first of these rows."""
    row = found.table(table, **like)[0]
    lines = found.table("derivation", subject_id=row["id"])
    return ["  " * line["depth"] + line["line"] for line in lines]


@pytest.mark.parametrize("rule", ["busy", "deployed", "raised", "changed"])
def test_an_orchestration_tells_what_it_rests_on(
    busy: WorkWorld, rule: str, snapshot: SnapshotAssertion
) -> None:
    assert tree(busy, "automation_run", automation=rule) == snapshot


@pytest.mark.parametrize("rule", ["lean", "loaded"])
def test_an_adaptation_tells_what_it_rests_on(
    busy: WorkWorld, rule: str, snapshot: SnapshotAssertion
) -> None:
    assert tree(busy, "adaptation", rule=rule) == snapshot


def test_runs_and_windows_tell_whose_they_are(busy: WorkWorld, snapshot: SnapshotAssertion) -> None:
    assert tree(busy, "workflow_run") == snapshot(
        name="run of a workflow, by a rule that a fault set in motion"
    )
    assert tree(busy, "maintenance_run") == snapshot(name="maintenance")
    found = world(RULES, 43200.0, **{"/bin/slow": Goes(60.0)})
    found.at(46900.0)
    assert tree(found, "automation_run", automation="hourly") == snapshot(name="automation, by its schedule")
