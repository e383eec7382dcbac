"""`was OLD_NAME`: every rule is called otherwise, and everything goes on as if it were not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlmodel import SQLModel

import daemon.store.tables  # noqa: F401  the columns of rows
from engine.engine import Engine
from tests.engine.meanings.saying import happen, item, said, watch, world
from tests.engine.work.work_world import Goes, WorkWorld

HEAD = "severity error; category agent; notify c"
RULES = f"""
detection x_held {{ for each item; {HEAD}; when item.x > 5 for 10m }}
detection x_open {{ for each item; {HEAD}; when item.x > 6 }}
detection x_tiers {{ for each item; category agent; notify d; severity warning when item.x > 1 for 5m; severity error when item.x > 5 for 20m }}
detection x_pair {{ for each item, other matching tier; {HEAD}; when item.x > other.y for 3m }}
detection x_window {{ for each item; {HEAD}; when avg(item.x over 15m) > 7.5 for 5m }}
detection x_shadow {{ shadow; for each item; {HEAD}; when item.x > 7 }}
detection x_moment {{ for each item; {HEAD}; on event deploy where deploy.item == item.name followed by event rollback where rollback.item == deploy.item within 12m; until item.on }}
detection x_paced {{ for each item; {HEAD}; when item.note == "bad" }}
detection x_gone {{ for each item; {HEAD}; when item.note == "lost" }}
detection x_caused {{ on fault x_paced; severity error; category agent; notify d; until item.on }}
detection x_quiet {{ for each item; {HEAD}; when item.x > 8; inhibited by fault x_open }}
recovery x_help {{ on fault x_open; try run {{ exec ["/bin/slow"]; verify within 1h }}; limit 9 per 1d by item; cooldown 2h }}
recovery x_soon {{ on fault x_paced; try run {{ exec ["/bin/quick"]; verify within 5s }}; try again {{ exec ["/bin/quick"]; verify within 5s }}; otherwise {{ notify d "{{recovery.name}}" }}; limit 3 per 30m by item; limit 9 per 1d by fault.name; cooldown 4m }}
recovery x_after {{ on exhausted x_soon; try run {{ exec ["/bin/quick"]; verify within 5s }}; limit 9 per 1d overall; cooldown 2m }}
recovery x_ordered {{ on fault x_often, x_quiet; order learned; try one {{ exec ["/bin/quick"]; verify within 5s }}; try two {{ exec ["/bin/x"]; verify within 5s }}; limit 9 per 1h overall }}
recovery x_lost {{ on fault x_gone; try run {{ exec ["/bin/bad"]; verify within 5s }}; limit 2 per 20m overall }}
recovery x_dry {{ shadow; on fault x_window; try run {{ exec ["/bin/quick"]; verify within 9m }}; limit 2 per 1h overall }}
orchestration x_busy {{ for each item; when item.x > 7; then {{ pause automation x_hourly }}; afterwards {{ resume automation }} }}
orchestration x_long {{ for each item; when item.x > 7 for 2m; then {{ exec ["/bin/slow"] }}; afterwards {{ exec ["/bin/quick"] }} }}
orchestration x_idle {{ shadow; for each item; when item.x > 7; then {{ exec ["/bin/x"] }}; limit 3 per 1h overall }}
orchestration x_deployed {{ on event deploy followed by event rollback where rollback.item == deploy.item within 15m; limit 3 per 30m overall; then {{ exec ["/bin/x", deploy.item] }} }}
orchestration x_missing {{ on event deploy not followed by event rollback within 7m; limit 99 per 1h overall; then {{ exec ["/bin/y", deploy.item] }} }}
orchestration x_fault {{ on fault x_paced; limit 3 per 30m overall; then {{ exec ["/bin/x"] }} }}
orchestration x_changed {{ for each item; on change of item.tier; limit 99 per 1h overall; then {{ exec ["/bin/x"] }} }}
orchestration x_timed {{ every 7m; limit 99 per 1h overall; then {{ exec ["/bin/x"] }} }}
workflow x_build {{ step first {{ exec ["/bin/quick"] }}; step second {{ after first; exec ["/bin/long"] {{ timeout 2h }} }} }}
workflow x_other {{ step only {{ exec ["/bin/quick"] }} }}
automation x_hourly {{ every 6m; run x_build; overlap queue }}
automation x_free {{ every 5m; run x_other; overlap queue }}
automation x_next {{ every 1m; after x_free; do {{ exec ["/bin/x"] }} }}
automation x_acts {{ every 11m; do {{ exec ["/bin/quick"]; exec ["/bin/long"]; exec ["/bin/x"] }} }}
adaptation x_lean {{ of workflow x_build; when steps.second.duration > 2m for 1m; then {{ set steps.second.timeout = 3h }} }}
adaptation x_wide {{ of workflow x_build; when host.load > 3 for 20m; then {{ set steps.second.timeout = 3h }} }}
detection x_work {{ for each automation where automation.name != "none"; {HEAD}; when automation.paused for 4m }}
detection x_often {{ for each item; {HEAD}; when count(fault x_paced of item over 40m) >= 2 for 3m }}
detection x_many {{ {HEAD}; when count(fault x_open where fault.severity == "error" over 30m) >= 2 for 2m }}
detection x_faulty {{ for each fault where fault.category == "agent"; {HEAD}; when fault.attempts >= 2 for 5m }}
derive x_sick {{ for each item where item.x > 4; field level = item.x * 2 }}
detection x_ill {{ for each x_sick; {HEAD}; when x_sick.level > 10 for 7m }}
detection x_worse {{ for each x_sick as one; category agent; notify d; severity warning when one.level > 10 for 2m; severity error when one.level > 17 for 9m }}
detection x_long_ill {{ for each x_sick; {HEAD}; when avg(x_sick.level over 10m) > 12 for 3m }}
detection x_crowd {{ {HEAD}; when count(x_sick where x_sick.level > 10) >= 1 for 4m }}
recovery x_care {{ on fault x_ill; try run {{ exec ["/bin/quick"]; verify within 5s }}; limit 2 per 40m by x_sick; cooldown 1m }}
recovery x_again {{ on exhausted x_care; try run {{ exec ["/bin/slow"]; verify within 5s }}; limit 2 per 40m by x_sick; cooldown 1m }}
orchestration x_soothe {{ for each x_sick; when x_sick.level > 15; then {{ exec ["/bin/x"] }}; afterwards {{ exec ["/bin/y"] }}; limit 2 per 1h by x_sick }}
maintenance x_now {{ every 1h lasting 25m; covers item where item.tier == "z" }}
alert x_all {{ on fault where fault.severity != "info"; group by fault.name within 5s; notify c repeat every 9m; then notify d after 10m unacknowledged; cleared notify d }}
alert x_one {{ on fault x_open, x_paced; notify d repeat every 8m }}
"""
GOES = {
    "/bin/slow": Goes(700.0),
    "/bin/long": Goes(200.0),
    "/bin/quick": Goes(1.0),
    "/bin/bad": Goes(1.0, "failed"),
}


START = 43200.0
END = START + 3600.0


def renamed(rules: str) -> str:
    """Every rule under another name; what names it says the new one."""
    text = re.sub(r"\bx_(\w+)", r"y_\1", rules)
    return re.sub(r"(?m)^(\w+ )y_(\w+)( \{)", r"\1y_\2\3 was x_\2;", text)


def begun() -> WorkWorld:
    found = world(RULES, at=START, **GOES)
    found.report("host", "h", load=4.0)
    found.report("other", "o", id="o", tier="a", y=1.0)
    for name, values in (
        ("p", {"x": 9.0}),
        ("q", {"x": 0.5, "note": "bad"}),
        ("r", {"x": 0.5, "note": "lost"}),
    ):
        item(found, name, tier="a", **values)
        happen(found, "deploy", item=name)
    return found


def go_on(found: WorkWorld, until: float) -> None:
    """The same things happen at the same instants, whatever the rules are called."""
    for minute in range(1, 61):
        at = START + 60.0 * minute
        if found.now < at <= until:
            found.at(at)
            item(found, "p", x=9.0 if minute % 31 < 24 else 1.0)
            item(found, "q", note="bad" if minute % 23 < 17 else "good", tier="ab"[minute // 20 % 2])
            item(found, "r", x=8.0 if minute % 13 > 6 else 0.5)
            if minute % 6 == 0:
                happen(found, "rollback", item="pqr"[minute // 6 % 3])
            if minute % 9 == 0:
                happen(found, "deploy", item="pqr"[minute // 9 % 3])
            if minute == 50:
                item(found, "q", on=True)
    found.at(until)


def as_before(value: object) -> str:
    return re.sub(r"\by_", "x_", repr(value))


def told(found: WorkWorld) -> list[Any]:
    """All that is known in the end, under the old names; but that rules were renamed. What a recovery waits for is told once more where
    that is a rule that is called otherwise now."""
    rows = [
        (table, row["id"], sorted((column, as_before(value)) for column, value in row.items()))
        for table, found_rows in sorted(found.rows.items())
        if table != "derivation"
        for row in found_rows.values()
    ]
    lines = dict.fromkeys((row["subject_id"], as_before(row["line"])) for row in found.table("derivation"))
    done = [as_before((do.kind, do.target, do.arguments, found.began[do.action])) for do in found.done]
    return [*rows, *[line for line in lines if "from now on" not in line[1]], *done]


def without_texts(rows: list[Any]) -> list[Any]:
    """Less what is said of the text of a workflow, which is another."""
    return [
        (*row[:2], [one for one in row[2] if one[0] != "digest"]) if len(row) == 3 else row for row in rows
    ]


@pytest.mark.parametrize("minutes", [1.5, 9.1, 17.3, 33.4])
def test_26_renaming_every_rule_changes_nothing(minutes: float) -> None:
    found = []
    for rules in (RULES, renamed(RULES)):
        one = begun()
        go_on(one, START + 60.0 * minutes)
        one.load(said(rules))
        assert one.engine.carried.resets == ()
        go_on(one, END)
        found.append(one)
    same, other = (without_texts(told(one)) for one in found)
    assert other == same


# --- after a restart --------------------------------------------------------------------------------------------------------


def _rows(found: WorkWorld, table: str, end: str = "") -> tuple[dict[str, Any], ...]:
    """As the store has them; with `end`, those that have none."""
    columns = SQLModel.metadata.tables[table].columns.keys()
    rows = [{**dict.fromkeys(columns), **row} for row in found.table(table)]
    return tuple(row for row in rows if not end or row[end] is None)


def restarted(found: WorkWorld, rules: str) -> WorkWorld:
    """A next life, half a minute later, with what the store and the engine knew of this one."""
    engine = found.engine
    kept = engine.conditions(), engine.windows()
    new = WorkWorld(at=found.now + 30.0, **GOES)
    new.rows, new.done, new.began = found.rows, found.done, found.began
    ids = [identity for table, rows in found.rows.items() if table != "derivation" for identity in rows]
    new.engine = Engine(max(ids) + 1, 1 + len(found.table("derivation")))
    new.load(said(rules))
    faults = _rows(found, "fault", "outcome")
    open_faults = {row["id"] for row in faults}
    new.restored(
        faults=faults,
        recoveries=tuple(
            row
            for row in _rows(found, "recovery")
            if row["outcome"] is None or row["fault_id"] in open_faults
        ),
        alerts=tuple(row for row in _rows(found, "alert") if row["fault_id"] in open_faults),
        attempts=_rows(found, "attempt"),
        actions=_rows(found, "action", "outcome"),
        automations=_rows(found, "automation"),
        automation_runs=_rows(found, "automation_run"),
        workflows=_rows(found, "workflow"),
        workflow_runs=_rows(found, "workflow_run", "ended_at"),
        step_runs=_rows(found, "step_run"),
        maintenance_runs=_rows(found, "maintenance_run", "ended_at"),
        learned=_rows(found, "learned"),
        shadow_actions=_rows(found, "shadow_action"),
        conditions=kept[0],
        windows=kept[1],
    )
    return new


@pytest.mark.parametrize("minutes", [4.2, 12.05, 33.4])
def test_26_renaming_every_rule_while_volexd_does_not_run_changes_nothing(minutes: float) -> None:
    found = []
    for rules in (RULES, renamed(RULES)):
        one = begun()
        go_on(one, START + 60.0 * minutes)
        one = restarted(one, rules)
        go_on(one, END)
        found.append(one)
    same, other = (without_texts(told(one)) for one in found)
    assert other == same
    assert as_before(found[1].engine.taken_up) == as_before(found[0].engine.taken_up)


LIMITED = (
    watch("item.x > 5")
    + 'recovery r { on fault d; try one { exec ["/bin/a"]; verify within 5s }; limit 1 per 1h by item }\n'
)


@pytest.mark.parametrize(
    ("later", "tries"),
    [
        ("recovery third { was second; on fault d;", 1),
        ("recovery second { on fault d;", 1),
        ("recovery other { on fault d;", 2),
    ],
    ids=["renamed again", "the clause is gone", "another rule"],
)
def test_26_former_names_are_remembered_over_a_restart(later: str, tries: int) -> None:
    """Rows of what is over keep the name under which it happened."""
    found = world(LIMITED)
    item(found, x=9.0)
    found.at(60)
    item(found, x=1.0)
    found.load(said(LIMITED.replace("recovery r { on fault d;", "recovery second { was r; on fault d;")))
    found = restarted(found, LIMITED.replace("recovery r { on fault d;", later))
    item(found, x=9.0)
    found.at(found.now + 60)
    assert len([do for do in found.done if do.kind == "exec"]) == tries


def test_26_a_former_name_that_another_rule_takes_is_its_own() -> None:
    found = world(LIMITED)
    item(found, x=9.0)
    found.at(60)
    item(found, x=1.0)
    found.load(said(LIMITED.replace("recovery r {", "recovery second { was r;")))
    found.load(said(LIMITED))
    assert found.engine.renamed.kinds == {}
