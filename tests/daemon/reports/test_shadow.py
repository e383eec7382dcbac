"""Rules in the shadow on the virtual clock, their rows in a store, and what the report makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from daemon.reports.shadow import NoSuchRule, as_text, shadow_report
from daemon.store.explanation import explanation
from daemon.store.rows import Row
from daemon.store.store import Store
from dsl.program import Agent, Detection, Limit, Notice, Recovery
from tests.daemon.store.samples import TEN
from tests.engine.programs import (
    DOWN,
    action,
    agent,
    both,
    compare,
    detection,
    program,
    recovery,
    restart,
    step,
)
from tests.engine.world import World

TABLES = ("fault", "recovery", "attempt", "action", "alert", "shadow_action", "derivation")
NOT_Z = compare("agent.name", "!=", "z")
REVIVE = recovery("revive", "agent_down", step("again", restart(), within=20))
RULES: tuple[Agent | Detection | Recovery, ...] = (
    *(agent(name) for name in "xyz"),
    detection("agent_down", DOWN, hold=30),
    detection("early", both(DOWN, NOT_Z), hold=5, shadow=True, notices=[Notice("oncall")]),
    recovery("careful", "agent_down", step("restart", restart(), within=20), limits=[Limit(2, 3600.0, None)], shadow=True),
    REVIVE,
    recovery("nudge", "early", step("signal", action("signal", restart().target, signal="HUP"), within=26), shadow=True),
)  # fmt: skip


def story() -> World:
    """x is restarted, and comes back; y blinks; z is seen by one rule alone; x is down for good, and a limit is reached."""
    world = World(program(*RULES), at=TEN)
    for after, name, status in (
        (0, "x", "down"), (50, "x", "up"), (200, "y", "down"), (210, "y", "up"), (300, "z", "down"), (340, "z", "up"),
        (4200, "x", "down"), (4260, "x", "up"),
    ):  # fmt: skip
        world.at(TEN + after).status(name, status)
    return world.at(TEN + 5000)


RULE_SET = [
    Row("rule_set", 1, {"digest": "d", "loaded_at": TEN - 400, "rules": 3, "files": 1, "shadow": False}),
    *(
        Row("rule", number, {"rule_set_id": 1, "kind": kind, "name": name, "shadow": True})
        for number, (kind, name) in enumerate(
            [("detection", "early"), ("recovery", "careful"), ("recovery", "nudge")], 1
        )
    ),
    Row("rule", 4, {"rule_set_id": 1, "kind": "detection", "name": "agent_down", "shadow": False}),
]


def rows_of(world: World) -> list[Row]:
    return [Row(table, row["id"], _columns(row)) for table in TABLES for row in world.table(table)]


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


@pytest.fixture
def told(store: Store) -> Store:
    world = story()
    store.writer.submit([*RULE_SET, *rows_of(world)]).result()
    world.close()
    return store


def _less(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def report_of(store: Store, since: float | None = None, rule: str | None = None) -> dict[str, Any]:
    with store.reader() as reader:
        return shadow_report(reader, since, at=TEN + 5000, rule=rule)


def figures(report: dict[str, Any], rule: str, *names: str) -> tuple[Any, ...]:
    (row,) = [row for row in report["rules"] if row["rule"] == rule and row["kind"] != "notice"]
    return tuple(row[name] for name in names)


def test_a_detection_beside_the_faults_of_others(told: Store) -> None:
    report = report_of(told)
    found = figures(
        report, "early", "firings", "subjects", "agrees", "alone", "earlier_s", "missed", "most_in_an_hour"
    )
    assert found == (3, 2, 2, 1, 25.0, 1, 2)
    assert figures(report, "early", "beside") == ({"agent_down": 2},)
    assert [(row["fault"], row["subject"]) for row in report["missed"]] == [("agent_down", "z")]


def test_recoveries_beside_what_was_done(told: Store) -> None:
    report = report_of(told)
    names = ("firings", "held_back", "agrees", "differs", "alone", "needless", "stayed")
    assert figures(report, "careful", *names) == (3, 0, 3, 0, 0, 0, 0)
    assert figures(report, "nudge", *names) == (3, 0, 0, 2, 1, 1, 0)


def test_what_nobody_repaired(store: Store) -> None:
    """The same without the recovery that acts: what went by itself was not needed, the rest stayed."""
    parts = [part for part in RULES if part is not REVIVE]
    world = World(program(*parts), at=TEN)
    for after, status in ((0, "down"), (40, "up"), (100, "down"), (200, "up"), (300, "down"), (400, "up")):
        world.at(TEN + after).status("x", status)
    store.writer.submit(rows_of(world)).result()
    report = report_of(store)
    assert figures(report, "careful", "firings", "held_back", "alone", "needless", "stayed") == (
        2,
        1,
        2,
        1,
        1,
    )
    said = figures(report, "careful", "evidence")[0]
    assert "once of these the symptom went by itself within its time: it was not needed" in said
    assert "it would have been held back once" in said


def test_one_rule_alone(told: Store) -> None:
    report = report_of(told, rule="careful")
    assert (
        {row["rule"] for row in report["rules"]} == {row["rule"] for row in report["firings"]} == {"careful"}
    )
    with pytest.raises(
        NoSuchRule, match="nothing in the shadow is called 'revive'; there are: careful, early, nudge"
    ):
        report_of(told, rule="revive")


def test_why_of_a_row_leads_to_the_fault_that_would_have_been(told: Store) -> None:
    with told.reader() as reader:
        (row,) = reader.rows("SELECT id, shadow_id FROM shadow_action WHERE rule = 'nudge' AND subject = 'y'")
        lines = [str(line["line"]) for line in explanation(reader, int(str(row["id"])))]
    assert lines[:4] == [
        "in the shadow: recovery nudge on y would do: signal y",
        "gone: the symptom went 5s after it",
        f"follows from shadow action {row['shadow_id']}:",
        "in the shadow: fault early on y",
    ]


def test_since_leaves_out_what_would_have_been_done_before(told: Store) -> None:
    assert figures(report_of(told, since=TEN + 3600), "early", "firings", "missed") == (1, 0)


def test_a_rule_that_never_fired_is_there_too(store: Store) -> None:
    store.writer.submit(RULE_SET).result()
    found = [
        (row["rule"], row["kind"], row["in_shadow"], row["firings"]) for row in report_of(store)["rules"]
    ]
    assert found == [("early", "fault", 1, 0), ("careful", "recovery", 1, 0), ("nudge", "recovery", 1, 0)]
    assert figures(report_of(store), "early", "evidence", "hours") == (
        ["it would have done nothing in 1h30m"],
        1.5,
    )


def test_it_is_json_and_the_view_says_the_same(told: Store) -> None:
    report = report_of(told)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    with told.reader() as reader:
        seen = reader.rows("SELECT * FROM shadow_report")
    of_now = {"hours", "per_hour"}
    assert [_less(row, of_now) for row in seen] == [
        _less(row, set(row) - set(seen[0]) | of_now) for row in report["rules"]
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_people_read_it_in_any_width(told: Store, snapshot: SnapshotAssertion, width: int) -> None:
    text = as_text(report_of(told), width)
    assert max(map(len, text.splitlines())) <= width
    assert text == snapshot


def test_of_nothing_it_says_nothing_but_that(store: Store, snapshot: SnapshotAssertion) -> None:
    assert as_text(report_of(store)) == snapshot
