from __future__ import annotations

from pathlib import Path

import pytest

from daemon.store import retention
from daemon.store.retention import let_go
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.store.samples import TEN, asked, fact, fault

DAY = 86_400.0
OLD = TEN - 31 * DAY


def story(first: int, closed_at: float | None) -> list[Row]:
    """A fault, and an attempt at it, an action, a line and an alert, all long past; ids from `first`."""
    outcome = "cleared" if closed_at is not None else None
    return [
        fault(first, raised_at=OLD, closed_at=closed_at, outcome=outcome),
        Row("recovery", first + 1, {"fault_id": first, "ended_at": OLD}),
        Row("attempt", first + 2, {"fault_id": first, "ended_at": OLD}),
        Row("action", first + 3, {"fault_id": first, "ended_at": OLD}),
        Row("derivation", first + 4, {"subject_id": first, "at": OLD}),
        Row("alert", first + 5, {"fault_id": first, "at": OLD}),
    ]


def left(path: Path) -> dict[str, list[object]]:
    tables = ("fault", "recovery", "attempt", "action", "derivation", "alert", "fact", "rule_set", "rule")
    return {
        table: [number for (number,) in asked(path, f"SELECT id FROM {table} ORDER BY id")]
        for table in tables
    }


def test_what_ended_long_ago_goes_and_what_is_open_keeps_its_story(store: Store, path: Path) -> None:
    rows = [
        *story(1, closed_at=OLD),
        *story(11, closed_at=None),
        *story(21, closed_at=TEN),
        *story(31, closed_at=OLD),
    ]
    rows += [fact(1, until=OLD), fact(2, until=TEN), fact(3, until=OLD)]
    rows += [Row("rule_set", n, {"digest": "", "loaded_at": OLD, "rules": 1, "files": 1}) for n in (1, 2)]
    rows += [Row("rule", n, {"rule_set_id": n, "kind": "detection", "name": "x"}) for n in (1, 2)]
    store.writer.submit(rows).result()
    assert let_go(store.writer, TEN, 30).result() == 9
    # Of each table the row with the highest id stays: ids go on from it.
    assert left(path) == {
        "fault": [11, 21, 31],
        "recovery": [12, 22, 32],
        "attempt": [13, 23, 33],
        "action": [14, 24, 34],
        "derivation": [15, 25, 35],
        "alert": [16, 26, 36],
        "fact": [2, 3],
        "rule_set": [2],
        "rule": [2],
    }
    assert let_go(store.writer, TEN, 30).result() == 0


def test_it_goes_in_small_steps(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 7)
    store.writer.submit([fact(number, until=OLD) for number in range(1, 101)]).result()
    assert let_go(store.writer, TEN, 30).result() == 99
    assert left(path)["fact"] == [100]


def test_less_than_limits_look_back_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match=r"retention_days: 0.5 is less than 1"):
        let_go(store.writer, TEN, 0.5)
