from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.reports.healing import healing_report
from daemon.store.query import view
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.store.samples import TEN, fact, fault
from tests.daemon.store.stories import Story, agree, expected, rows_of, stories


def assert_rules(found: list[dict[str, object]], wanted: list[dict[str, object]]) -> None:
    assert [row["rule"] for row in found] == [row["rule"] for row in wanted]
    for row, target in zip(found, wanted, strict=True):
        assert row.keys() == target.keys()
        assert {name: (row[name], target[name]) for name in row if not agree(row[name], target[name])} == {}


@settings(deadline=None)
@given(stories, st.integers(0, 12))
def test_figures_are_what_the_rows_say(told: list[Story], skipped: int) -> None:
    with Store.open(":memory:") as store:
        store.writer.submit(rows_of(told)).result()
        with store.reader() as reader:
            assert_rules(view(reader, "healing_report"), expected(told))
            for row, target in zip(view(reader, "mttr"), expected(told), strict=True):
                assert all(
                    agree(row[name], target[name])
                    for name in ("rule", "faults", "cleared", "mttd_s", "mttr_s")
                )
            report = healing_report(reader, TEN + skipped, at=TEN)
    later = told[skipped:]
    assert_rules(report["rules"], expected(later))  # type: ignore[arg-type]
    assert_totals(report, later)


def assert_totals(report: dict[str, object], told: list[Story]) -> None:
    outcomes = [[outcome for outcome, _ in story.recoveries] for story in told]
    decided = [of_fault for of_fault in outcomes if {"succeeded", "failed", "exhausted"} & set(of_fault)]
    healed = [of_fault for of_fault in decided if "succeeded" in of_fault]
    assert report["total_faults_detected"] == len(told)
    assert report["open_faults"] == sum(story.outcome is None for story in told)
    assert report["total_recoveries_attempted"] == sum(map(len, outcomes))
    assert report["average_recovery_success_rate"] == (len(healed) / len(decided) if decided else 0.0)
    assert report["faults_with_recovery_decided"] == len(decided)


def test_agent_health_tells_the_newest_of_each_agent(store: Store) -> None:
    rows = [
        Row("rule_set", 1, {"digest": "", "loaded_at": TEN, "rules": 2, "files": 1}),
        Row("rule", 1, {"rule_set_id": 1, "kind": "agent", "name": "database"}),
        fact(1, value='"up"'),
        fact(2, **{"value": '"down"', "from": TEN + 5, "until": TEN + 9}),
        fact(3, field="pid", value="12"),
        fault(1, outcome="cleared"),
        fault(2, raised_at=TEN + 6),
        Row("action", 3, {"kind": "restart", "target": "vault", "outcome": "succeeded", "intended_at": TEN}),
        Row("action", 4, {"kind": "restart", "target": "vault", "outcome": "failed", "intended_at": TEN + 7}),
    ]
    store.writer.submit(rows).result()
    with store.reader() as reader:
        database, vault = view(reader, "agent_health")
    assert (database["name"], database["status"], database["restarts"], database["open_faults"]) == (
        "database",
        None,
        0,
        0,
    )
    assert vault == {
        "name": "vault",
        "status": "down",
        "since": "2026-11-22T10:00:05.000000Z",
        "seen_at": "2026-11-22T10:00:09.000000Z",
        "restarts": 1,
        "open_faults": 1,
        "last_fault": "agent_down",
        "last_fault_at": "2026-11-22T10:00:06.000000Z",
        "last_fault_outcome": None,
        "last_action": "restart",
        "last_action_at": "2026-11-22T10:00:07.000000Z",
        "last_action_outcome": "failed",
    }


def test_open_faults_worst_first_with_what_is_being_tried(store: Store) -> None:
    rows = [
        fault(1, severity="warning", raised_at=TEN - 9),
        fault(2, severity="critical"),
        fault(3, outcome="cleared"),
        Row("recovery", 4, {"fault_id": 2, "rule": "revive", "outcome": "failed"}),
        Row("recovery", 5, {"fault_id": 2, "rule": "redeploy"}),
        Row("attempt", 6, {"fault_id": 2, "step": "rebuild"}),
    ]
    store.writer.submit(rows).result()
    with store.reader() as reader:
        found = view(reader, "open_faults")
    assert [(row["id"], row["recovery"], row["step"]) for row in found] == [
        (2, "redeploy", "rebuild"),
        (1, None, None),
    ]


def test_rule_activity_knows_the_loaded_and_the_forgotten(store: Store) -> None:
    rows = [
        *(Row("rule_set", n, {"digest": "", "loaded_at": TEN, "rules": 2, "files": 1}) for n in (1, 2)),
        Row("rule", 1, {"rule_set_id": 1, "kind": "detection", "name": "gone"}),
        Row(
            "rule", 2, {"rule_set_id": 2, "kind": "detection", "name": "quiet", "shadow": True, "off": False}
        ),
        Row("rule", 3, {"rule_set_id": 2, "kind": "agent", "name": "vault"}),
        fault(1),
        Row("recovery", 2, {"fault_id": 1, "rule": "revive", "started_at": TEN + 1}),
        Row("attempt", 3, {"fault_id": 1, "rule": "revive", "started_at": TEN + 2}),
        Row("action", 4, {"attempt_id": 3, "rule": "revive", "intended_at": TEN + 3}),
        Row("action", 5, {"rule": "agent_down", "kind": "notify", "intended_at": TEN + 4}),
    ]
    store.writer.submit(rows).result()
    with store.reader() as reader:
        found = view(reader, "rule_activity")
    columns = ("kind", "rule", "loaded", "shadow", "faults", "recoveries", "attempts", "actions", "last_at")
    assert [tuple(row[name] for name in columns) for row in found] == [
        ("detection", "agent_down", 0, 0, 1, 0, 0, 1, "2026-11-22T10:00:04.000000Z"),
        ("detection", "quiet", 1, 1, 0, 0, 0, 0, None),
        ("recovery", "revive", 0, 0, 0, 1, 1, 1, "2026-11-22T10:00:03.000000Z"),
    ]


def test_strategy_performance_counts_no_credit_for_what_was_not_needed(store: Store) -> None:
    def attempt(number: int, outcome: str | None, took: float = 0) -> Row:
        times = {"acted_at": TEN, "verified_at": TEN + took}
        return Row("attempt", number, {"rule": "revive", "step": "restart", "outcome": outcome, **times})

    store.writer.submit(
        [
            attempt(1, "succeeded", 2),
            attempt(2, "succeeded", 4),
            attempt(3, "failed", 60),
            attempt(4, "unneeded"),
            attempt(5, None),
            Row(
                "learned",
                6,
                {
                    "kind": "recovery",
                    "name": "revive/restart",
                    "place": 2,
                    "recent_runs": 3,
                    "recent_successes": 2,
                },
            ),
            Row(
                "learned", 7, {"kind": "recovery", "name": "revive/restart", "place": None, "recent_runs": 9}
            ),
            Row("learned", 8, {"kind": "step", "name": "revive/restart", "runs": 9}),
        ]
    ).result()
    with store.reader() as reader:
        (found,) = view(reader, "strategy_performance")
        assert [row["name"] for row in view(reader, "insights")] == ["revive/restart"]
    assert found == {
        "rule": "revive",
        "step": "restart",
        "attempts": 5,
        "succeeded": 2,
        "failed": 1,
        "unneeded": 1,
        "rate": 0.667,
        "verify_s": 3.0,
        "place": 2,
        "recent_runs": 3,
        "recent_successes": 2,
    }
