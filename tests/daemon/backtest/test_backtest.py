"""Recorded facts played again give the faults that they gave: from the database that recorded them, and from series of Prometheus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.backtest.findings import difference, document
from daemon.backtest.play import play
from daemon.backtest.prometheus import from_prometheus
from daemon.backtest.record import Record, Unusable, from_database
from daemon.store.address import database_at
from daemon.store.facts import FactRecorder
from daemon.store.query import Reader, open_reader
from daemon.store.store import Store
from dsl.program import Program
from engine.events import Reported
from tests.daemon.backtest.rules import program
from tests.engine.world import World

_RULES = """
channel oncall { url "log:" }
fact queue { key name: text; field length: number }
detection queue_long { for each queue; category performance; when queue.length > 100 for 25s; notify oncall }
detection any_long { category performance; when any(queue where queue.length > 200); notify oncall }
detection growing { for each queue; category performance; when avg(queue.length over 1m) > 120; notify oncall }
"""
EVERY = 10.0
START = 1795341600.0
_lengths = st.lists(st.sampled_from([5.0, 50.0, 150.0, 250.0]), min_size=8, max_size=40)


def lived(rules: Program, lengths: list[float]) -> tuple[set[Any], list[Reported]]:
    """What the engine said when it happened, and what it was told."""
    world = World(at=START)
    world.load(rules)
    world.report("host", "h", name="h", cpu=0.5)
    events = []
    for number, length in enumerate(lengths):
        world.at(START + 1.0 + EVERY * number)
        event = Reported(
            world.now, "queue", "orders", {"name": "orders", "length": length}, "queues", 3 * EVERY
        )
        events.append(event)
        world.send(event)
    found = {(row["rule"], row["subject"], round(row["raised_at"])) for row in world.faults()}
    world.close()
    return found, [Reported(START, "host", "h", {"name": "h", "cpu": 0.5}, "host"), *events]


def recorded(path: Path, events: list[Reported]) -> Record:
    """The same in a real database, as the daemon keeps it."""
    store = Store.open(f"sqlite:///{path}")
    recorder = FactRecorder(lambda: store.take_id("fact"))
    rows = [row for event in events for row in recorder.observe(event)]
    store.writer.submit([*rows, *recorder.close()])
    store.close()
    with open_reader(f"sqlite:///{path}") as reader:
        return from_database(reader, None, None)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(lengths=_lengths)
def test_what_was_recorded_gives_the_faults_that_it_gave(lengths: list[float], tmp_path_factory: Any) -> None:
    rules = program(_RULES)
    found, events = lived(rules, lengths)
    record = recorded(tmp_path_factory.mktemp("record") / "volexd.db", events)
    played = play(rules, record)
    again = {(row["rule"], row["subject"], round(row["raised_at"])) for row in played.faults()}
    assert again == found


def test_what_is_another_value_at_each_look_is_known_between_two_looks(tmp_path: Path) -> None:
    """Such a run has one sample, and does not tell how often somebody looked; the runs before and after it do."""
    rules = program(
        "fact queue { key name: text; field length: number }\n"
        'probe queues { webhook "/queues" into queue }\n'
        "detection long { for each queue; category performance; severity info; when queue.length > 100 for 5m }\n"
    )
    looks = [START + 60.0 * number for number in range(10)]
    events = [
        Reported(at, "queue", "orders", {"name": "orders", "length": 150.0 + number}, "queues", 180.0)
        for number, at in enumerate(looks)
    ]
    record = recorded(tmp_path / "volexd.db", events)
    assert [row["raised_at"] for row in play(rules, record).faults()] == [START + 300.0]


def test_what_stays_away_is_unknown_after_three_intervals(tmp_path: Path) -> None:
    rules = program(
        "fact queue { key name: text; field length: number }\n"
        'probe queues { webhook "/queues" into queue }\n'
        "detection gone { for each queue; category performance; severity info; when not known(queue.length) }\n"
    )
    offsets = [0.0, 60.0, 120.0, 180.0, 600.0, 660.0]
    events = [
        Reported(START + offset, "queue", "orders", {"length": offset}, "queues", 180.0) for offset in offsets
    ]
    record = recorded(tmp_path / "volexd.db", events)
    faults = play(rules, record).faults()
    assert [(row["raised_at"], row["closed_at"]) for row in faults] == [(START + 360.0, START + 600.0)]


def test_series_of_prometheus_become_the_facts_of_the_rules() -> None:
    rules = program(
        'channel oncall { url "log:" }\n'
        'probe node { prometheus "http://127.0.0.1:9100/metrics" }\n'
        "fact queue from prometheus node { key name; field length: number = queue_length }\n"
        "detection queue_long { for each queue; category performance; when queue.length > 100; notify oncall }\n"
    )
    series = [
        {"metric": {"__name__": "queue_length", "name": name}, "values": [[START + 15 * n, str(v)] for n, v in enumerate(values)]}
        for name, values in (("orders", [5, 150, 150, 5, 5]), ("mails", [5, 5, 5, 5, 5]))
    ]  # fmt: skip
    text = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": series}})
    played = play(rules, from_prometheus("range.json", text, rules.fact_types))
    assert [(row["subject"], row["raised_at"] - START, row["outcome"]) for row in played.faults()] == [
        ("orders", 15.0, "cleared")
    ]
    with pytest.raises(Unusable, match="no answer of query_range"):
        from_prometheus("range.json", "[]", rules.fact_types)


def test_other_rules_gain_and_lose_faults_and_actions(tmp_path: Path) -> None:
    before = program(_RULES)
    after = program(_RULES.replace("> 100 for 25s", "> 100 for 55s").replace("> 200)", "> 140)"))
    _, events = lived(before, [5.0, 150.0, 150.0, 150.0, 150.0, 5.0, 5.0])
    record = recorded(tmp_path / "volexd.db", events)
    found = difference(play(before, record), play(after, record))
    assert [row["rule"] for row in found["faults"]["gained"]] == ["any_long"]
    assert [row["rule"] for row in found["faults"]["lost"]] == ["queue_long"]
    assert [row["kind"] for row in found["actions"]["gained"]] == ["notify"]


def test_what_the_record_does_not_say_is_told(tmp_path: Path) -> None:
    rules = program(
        _RULES
        + 'detection gone { for each agent; category agent; when agent.status == "down"; notify oncall }\n'
    )
    _, events = lived(rules, [5.0])
    record = recorded(tmp_path / "volexd.db", events)
    assert document(rules, record, play(rules, record))["too_sparse"] == [
        {"rule": "gone", "nothing_recorded_of": ["agent.status"]}
    ]


def test_the_order_in_which_a_database_gives_what_is_of_a_series_does_not_matter(tmp_path: Path) -> None:
    """It gives a row a series, with the ids of its runs; which of two that began in one instant came later, they say."""

    class Shuffled(Reader):
        def each(self, sql: str, /, **parameters: object) -> Iterator[tuple[Any, ...]]:
            for *series, ids, values, begun, last, samples in reversed([*super().each(sql, **parameters)]):
                columns = (ids, values, begun, last, samples)
                yield (*series, *(",".join(reversed(column.split(","))) for column in columns))

    events = [
        Reported(START + at, "queue", name, {"length": length}, "queues", 30.0)
        for at, name, length in [(0.0, "orders", 5.0), (0.0, "orders", 250.0), (0.0, "mails", 5.0), (9.0, "orders", 7.0)]
    ]  # fmt: skip
    record = recorded(tmp_path / "volexd.db", events)
    database = database_at(f"sqlite:///{tmp_path / 'volexd.db'}")
    with Shuffled(database, database.connect_reading()) as reader:
        assert from_database(reader, None, None) == record
    assert [one.value for one in record.seen] == [5.0, 250.0, 5.0, 7.0]
