from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from daemon.reports.healing import as_text, healing_report
from daemon.reports.text import duration, plain
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.store.samples import TEN, fault

# What `get_system_self_healing_report` has to return (MISSION, the eleven calls).
PROMISED = [
    "total_healing_systems",
    "average_recovery_success_rate",
    "total_faults_detected",
    "total_recoveries_attempted",
    "recent_activities",
    "fault_detection_count",
    "recovery_manager_count",
    "health_monitor_count",
    "preventive_maintenance_count",
    "system_resilience_count",
    "timestamp",
]


def attempt(number: int, fault_id: int, step: str, outcome: str | None, **values: object) -> Row:
    times = {"started_at": TEN + number, "ended_at": None if outcome is None else TEN + number + 1}
    row = {
        "recovery_id": fault_id + 1,
        "fault_id": fault_id,
        "rule": "revive",
        "step": step,
        "outcome": outcome,
    }
    return Row("attempt", number, row | times | values)


def recovery(number: int, outcome: str | None) -> Row:
    ended = None if outcome is None else TEN + 60
    return Row(
        "recovery", number, {"fault_id": number - 1, "rule": "revive", "outcome": outcome, "ended_at": ended}
    )


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


@pytest.fixture
def told(store: Store) -> Store:
    """Vault came back at the second try; the database was given up; a disk is full and nobody does anything; one is being tried."""
    kinds = ("detection", "detection", "recovery", "agent", "agent", "probe", "channel")
    rows = [
        Row("rule_set", 1, {"digest": "d", "loaded_at": TEN - 99, "rules": 3, "files": 1}),
        *(
            Row("rule", n, {"rule_set_id": 1, "kind": kind, "name": f"r{n}"})
            for n, kind in enumerate(kinds, 1)
        ),
        fault(1, outcome="cleared", closed_at=TEN + 63.5),
        recovery(2, "succeeded"),
        attempt(3, 1, "restart", "failed"),
        attempt(4, 1, "redeploy", "succeeded"),
        fault(11, subject="database", began_at=TEN - 12, raised_at=TEN + 1),
        recovery(12, "exhausted"),
        attempt(13, 11, "restart", "failed"),
        attempt(14, 11, "redeploy", "failed"),
        fault(21, rule="disk_full", subject="/var", severity="warning", began_at=TEN + 2, raised_at=TEN + 2),
        fault(31, subject="risk\x1b[2J[red]", raised_at=TEN + 3),
        recovery(32, None),
        attempt(33, 31, "restart", None),
        Row(
            "action",
            34,
            {
                "fault_id": 31,
                "kind": "restart",
                "target": "risk",
                "outcome": "succeeded",
                "ended_at": TEN + 4,
            },
        ),
    ]
    store.writer.submit(rows).result()
    return store


def report_of(store: Store, since: float | None = None) -> dict[str, object]:
    with store.reader() as reader:
        return healing_report(reader, since, at=TEN + 120)


def test_it_has_what_was_promised_and_is_json(told: Store) -> None:
    report = report_of(told)
    assert set(PROMISED) <= report.keys()
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_figures_of_a_known_story(told: Store) -> None:
    report = report_of(told)
    wanted = {
        "total_healing_systems": 1,
        "fault_detection_count": 2,
        "recovery_manager_count": 1,
        "health_monitor_count": 3,
        "preventive_maintenance_count": 0,
        "system_resilience_count": 0,
        "total_faults_detected": 4,
        "open_faults": 3,
        "total_recoveries_attempted": 3,
        "faults_with_recovery_decided": 2,
        "average_recovery_success_rate": 0.5,
        "mttr_s": 63.5,
        "mttd_s": (15 + 13 + 0 + 18) / 4,
        "timestamp": "2026-11-22T10:02:00.000000Z",
    }
    assert {name: report[name] for name in wanted} == wanted


def test_each_fault_says_what_was_tried_and_what_helped(told: Store) -> None:
    faults = report_of(told)["faults"]
    assert isinstance(faults, list)
    assert [
        (fault["id"], [(one["step"], one["outcome"]) for one in fault["tried"]], fault["helped"])
        for fault in faults
    ] == [
        (31, [("restart", None)], None),
        (21, [], None),
        (11, [("restart", "failed"), ("redeploy", "failed")], None),
        (1, [("restart", "failed"), ("redeploy", "succeeded")], "redeploy"),
    ]


def test_since_leaves_out_what_was_raised_before(told: Store) -> None:
    report = report_of(told, since=TEN + 2)
    faults = report["faults"]
    assert isinstance(faults, list)
    assert [fault["id"] for fault in faults] == [31, 21]
    assert (report["total_faults_detected"], report["average_recovery_success_rate"], report["mttr_s"]) == (
        2,
        0.0,
        None,
    )


def test_the_activities_come_newest_first(told: Store) -> None:
    activities = report_of(told)["recent_activities"]
    assert isinstance(activities, list)
    assert [(one["what"], one["name"]) for one in activities][:5] == [
        ("fault cleared", "agent_down"),
        ("recovery exhausted", "revive"),
        ("recovery succeeded", "revive"),
        ("action succeeded", "restart"),
        ("fault raised", "agent_down"),
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_people_read_it_in_any_width(told: Store, snapshot: SnapshotAssertion, width: int) -> None:
    text = as_text(report_of(told), width)
    assert max(map(len, text.splitlines())) <= width
    assert text == snapshot


def test_of_nothing_it_says_nothing_but_that(store: Store, snapshot: SnapshotAssertion) -> None:
    assert as_text(report_of(store)) == snapshot


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0s"),
        (0.25, "0.25s"),
        (12.4, "12s"),
        (185, "3m05s"),
        (7800, "2h10m"),
        (273600, "3d4h"),
    ],
)
def test_durations_as_one_says_them(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_no_message_moves_the_cursor_of_its_reader() -> None:
    assert plain("a\x1b[2J\r\nb\u202e") == "a [2J  b "
