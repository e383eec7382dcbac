from __future__ import annotations

from daemon.store.restore import first_ids, restored
from daemon.store.rows import Row, of_record
from daemon.store.store import Store
from engine.effects import Record
from engine.engine import Engine
from engine.events import Restored
from tests.daemon.store.samples import TEN, fault
from tests.engine.meanings.saying import item, said
from tests.engine.test_order import Swarm, rules, run, taught

DAY = 86_400.0


def test_of_an_empty_database_the_first_id_is_one(store: Store) -> None:
    assert restored(store, TEN) == Restored(at=TEN)
    assert first_ids(store) == (1, 1)


def test_what_is_open_comes_back_as_it_was_recorded(store: Store) -> None:
    rows = [
        fault(1, outcome="cleared", closed_at=TEN + 1),
        fault(2, unconfirmed=True, evidence='{"status": "down"}'),
        Row("recovery", 3, {"fault_id": 1, "outcome": "succeeded"}),
        Row("recovery", 4, {"fault_id": 2, "rule": "revive", "started_at": TEN + 0.125}),
        Row("action", 5, {"outcome": "succeeded"}),
        Row("action", 6, {"kind": "restart", "intended_at": TEN}),
    ]
    store.writer.submit(rows).result()
    told = restored(store, TEN + 60)
    assert [row["id"] for row in told.faults] == [2]
    assert told.faults[0]["raised_at"] == TEN
    assert told.faults[0]["closed_at"] is None
    assert told.faults[0]["unconfirmed"] is True
    assert told.faults[0]["evidence"] == '{"status": "down"}'
    assert [(row["id"], row["rule"], row["started_at"]) for row in told.recoveries] == [
        (4, "revive", TEN + 0.125)
    ]
    assert [row["id"] for row in told.actions] == [6]


def test_attempts_of_a_month_and_those_without_outcome(store: Store) -> None:
    rows = [
        Row("attempt", 1, {"started_at": TEN - 31 * DAY - 1, "outcome": "failed"}),
        Row("attempt", 2, {"started_at": TEN - 31 * DAY - 1}),
        Row("attempt", 3, {"started_at": TEN - 31 * DAY, "outcome": "failed"}),
        Row("attempt", 4, {"started_at": TEN - 1}),
    ]
    store.writer.submit(rows).result()
    assert [row["id"] for row in restored(store, TEN).attempts] == [2, 3, 4]


def test_ids_go_on_behind_the_highest_of_any_table(store: Store) -> None:
    rows = [
        fault(3),
        Row("alert", 7, {}),
        Row("shadow_action", 8, {}),
        Row("reload", 99, {"at": TEN, "outcome": "applied"}),
    ]
    rows.append(Row("derivation", 50, {"subject_id": 3}))
    store.writer.submit(rows).result()
    assert first_ids(store) == (9, 51)
    store.writer.submit([Row("derivation", 51, {"subject_id": 20})]).result()
    assert first_ids(store) == (21, 52)


def test_work_under_way_comes_back_with_its_steps_and_what_was_learned(store: Store) -> None:
    rows = [
        Row("automation", 1, {"name": "hourly", "status": "active", "next_at": TEN + 60}),
        Row(
            "automation_run",
            2,
            {"automation": "hourly", "ended_at": TEN - 31 * DAY - 1, "status": "succeeded"},
        ),
        Row("automation_run", 3, {"automation": "hourly", "ended_at": TEN - 1, "status": "failed"}),
        Row("automation_run", 4, {"automation": "hourly", "status": "running", "started_at": TEN}),
        Row("workflow", 5, {"name": "rebalance", "learning": False}),
        Row("workflow", 6, {"name": "rebalance", "learning": True}),
        Row("workflow_run", 7, {"workflow": "rebalance", "ended_at": TEN - 9, "status": "succeeded"}),
        Row("step_run", 8, {"run_id": 7, "step": "prices"}),
        Row("workflow_run", 9, {"workflow": "rebalance", "status": "running"}),
        Row("step_run", 10, {"run_id": 9, "step": "prices", "output": {"status": 200}}),
        Row("maintenance_run", 11, {"maintenance": "nightly", "ends_at": TEN + 9}),
        Row("learned", 12, {"kind": "step", "name": "rebalance/prices", "runs": 3}),
    ]
    store.writer.submit(rows).result()
    told = restored(store, TEN)
    assert [row["next_at"] for row in told.automations] == [TEN + 60]
    assert [row["id"] for row in told.automation_runs] == [3, 4]
    assert [(row["id"], row["learning"]) for row in told.workflows] == [(6, True)]
    assert [row["id"] for row in told.workflow_runs] == [9]
    assert [(row["id"], row["output"]) for row in told.step_runs] == [(10, '{"status": 200}')]
    assert [row["maintenance"] for row in told.maintenance_runs] == ["nightly"]
    assert [(row["name"], row["runs"]) for row in told.learned] == [("rebalance/prices", 3)]
    assert first_ids(store)[0] == 13


def test_what_order_learned_knows_comes_back_from_the_database(store: Store) -> None:
    found = taught(run("one"), run("two"))
    found.begins()
    found.at(found.now + 3)  # `two` is under way
    store.writer.submit([of_record(one) for one in found.effects if isinstance(one, Record)]).result()
    new = Swarm(at=found.now + 1)
    new.engine = Engine(*first_ids(store))
    new.load(said(rules(run("one"), run("two"))))
    new.send(restored(store, new.now))
    assert new.engine.taken_up.kept["learned values"] == 2
    item(new, x=9.0)
    new.lasts()
    assert [row["step"] for row in new.table("attempt") if "step" in row] == ["two", "one"]
    assert new.orders() == ["order: two, one, as it began before volexd ended"]
    assert new.known()["r/two"] == (1, 4, 3)
