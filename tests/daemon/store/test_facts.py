from __future__ import annotations

import itertools
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.store.facts import LONGEST_VALUE, FactRecorder, Observation
from daemon.store.rows import Row, coalesced
from daemon.store.store import Store
from engine.effects import Inferred
from engine.events import HealthObserved, Reported, Withdrawn
from tests.daemon.store.samples import TEN, asked


def recorder(flush_s: float = 30.0, most: int = 1000) -> FactRecorder:
    return FactRecorder(itertools.count(1).__next__, flush_s, most)


def up(at: float, **values: object) -> Reported:
    return Reported(TEN + at, "agent", "vault", values, source="health")


def runs(rows: list[Row]) -> list[tuple[object, ...]]:
    """What would stand in the table: key, field, value or failure, begin and end after TEN, samples."""
    return [
        (
            row.values["key"],
            row.values["field"],
            row.values["value"] if row.values["failure"] is None else row.values["failure"],
            float(str(row.values["from"])) - TEN,
            float(str(row.values["until"])) - TEN,
            row.values["samples"],
        )
        for row in sorted(coalesced(rows), key=lambda row: row.id)
    ]


def all_rows(keeper: FactRecorder, *seen: Observation) -> list[Row]:
    return [row for one in seen for row in keeper.observe(one)] + keeper.close()


def test_the_same_value_again_is_the_same_run() -> None:
    seen = [
        up(0, status="up"),
        up(5, status="up"),
        up(10, status="down"),
        up(15, status="down"),
        up(20, status="up"),
    ]
    assert runs(all_rows(recorder(), *seen)) == [
        ("vault", "status", '"up"', 0, 5, 2),
        ("vault", "status", '"down"', 10, 15, 2),
        ("vault", "status", '"up"', 20, 20, 1),
    ]


def test_true_one_and_one_point_nought_are_different_values() -> None:
    seen = [up(0, x=True), up(1, x=1), up(2, x=1.0), up(3, x="1"), up(4, x=None)]
    assert [run[2] for run in runs(all_rows(recorder(), *seen))] == ["true", "1", "1.0", '"1"', "null"]


def test_a_map_is_the_same_in_any_order() -> None:
    seen = [up(0, labels={"a": 1, "b": 2}), up(1, labels={"b": 2, "a": 1})]
    assert runs(all_rows(recorder(), *seen)) == [("vault", "labels", '{"a":1,"b":2}', 0, 1, 2)]


def test_a_withdrawn_fact_ends_its_runs_and_no_others() -> None:
    keeper = recorder()
    keeper.observe(up(0, status="up", pid=12))
    keeper.observe(Reported(TEN, "agent", "database", {"status": "up"}))
    keeper.observe(up(5, status="up"))
    assert runs(keeper.observe(Withdrawn(TEN + 6, "agent", "vault"))) == [
        ("vault", "status", '"up"', 0, 5, 2)
    ]
    assert runs(keeper.observe(up(7, status="up"))) == [("vault", "status", '"up"', 7, 7, 1)]
    keeper.observe(Reported(TEN + 8, "agent", "database", {"status": "up"}))
    assert runs(keeper.close()) == [("database", "status", '"up"', 0, 8, 2)]
    assert keeper.observe(Withdrawn(TEN + 9, "agent", "never seen")) == []


def test_a_check_that_volexd_failed_at_is_a_failure_and_no_value() -> None:
    def checked(at: float, ok: bool | None, error: str = "") -> HealthObserved:
        return HealthObserved(TEN + at, "vault", "health", ok, TEN + at - 1, error)

    rows = all_rows(
        recorder(), checked(0, True), checked(5, False, "HTTP 500"), checked(10, None, "too many open files")
    )
    assert runs(rows) == [
        ("vault", "health", "true", 0, 0, 1),
        ("vault", "health", "false", 5, 5, 1),
        ("vault", "health", "too many open files", 10, 10, 1),
    ]
    assert [row.values["value"] for row in coalesced(rows)] == ["true", "false", None]


def test_what_the_engine_inferred_is_kept_with_its_source() -> None:
    rows = recorder().observe(Inferred(TEN, "agent", "vault", {"status": "starting"}))
    assert [row.values["source"] for row in rows] == ["volexd"]


def test_what_cannot_be_kept_says_why() -> None:
    found = runs(all_rows(recorder(), up(0, body="x" * LONGEST_VALUE), up(0, thing=object())))
    assert [str(run[2]).split(":")[0] for run in found] == ["too long to keep", "not a value"]


def test_unchanged_runs_are_written_now_and_then() -> None:
    keeper = recorder(flush_s=30)
    written = [len(keeper.observe(up(at, status="up"))) for at in range(0, 100, 5)]
    assert [number * 5 for number, rows in enumerate(written) if rows] == [0, 30, 60, 90]


def test_memory_is_bounded_and_what_is_forgotten_is_written() -> None:
    keeper = recorder(most=2)
    keeper.observe(Reported(TEN, "disk", "a", {"free": 1}))
    keeper.observe(Reported(TEN + 1, "disk", "b", {"free": 1}))
    keeper.observe(Reported(TEN + 2, "disk", "a", {"free": 1}))
    keeper.observe(Reported(TEN + 3, "disk", "b", {"free": 1}))
    rows = keeper.observe(Reported(TEN + 4, "disk", "c", {"free": 1}))
    assert runs(rows) == [("a", "free", "1", 0, 2, 2), ("c", "free", "1", 4, 4, 1)]


samples = st.lists(
    st.tuples(st.sampled_from("ab"), st.one_of(st.none(), st.integers(0, 2)), st.booleans()),
    min_size=1,
    max_size=40,
)


@settings(deadline=None)
@given(samples, st.integers(1, 50), st.integers(1, 3))
def test_every_sample_lies_in_a_run_with_its_value(
    seen: list[tuple[str, int | None, bool]], flush_s: int, most: int
) -> None:
    keeper = recorder(float(flush_s), most)
    rows: list[Row] = []
    for at, (key, value, withdrawn) in enumerate(seen):
        rows += keeper.observe(Reported(TEN + at, "t", key, {"x": value}))
        if withdrawn:
            rows += keeper.observe(Withdrawn(TEN + at, "t", key))
    found = runs(rows + keeper.close())
    assert sum(int(str(run[5])) for run in found) == len(seen)
    for at, (key, value, _) in enumerate(seen):
        text = "null" if value is None else str(value)
        assert sum(run[0] == key and run[2] == text and run[3] <= at <= run[4] for run in found) == 1  # type: ignore[operator]


def test_ids_go_on_after_a_restart(path: Path) -> None:
    for at in (0, 100):
        with Store.open(str(path)) as store:
            keeper = FactRecorder(lambda store=store: store.take_id("fact"))  # type: ignore[misc]
            store.writer.submit(all_rows(keeper, up(at, status="up"), up(at + 1, status="up")))
    assert asked(path, "SELECT id, samples FROM fact") == [(1, 2), (2, 2)]
