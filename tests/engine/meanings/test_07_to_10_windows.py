"""Windows over time: meanings 7 to 10 of the language."""

from __future__ import annotations

from random import Random

import pytest

from tests.engine.meanings.saying import happen, item, outcomes, said, subjects, watch, world
from tests.engine.work.work_world import WorkWorld

PROBE = 'probe items { http get "http://127.0.0.1:1/items"; every 5s; into item from reply.body }\n'


def sampled(
    condition: str, values: list[float], *, every: float = 5.0, until: float | None = None
) -> WorkWorld:
    """One sample after the other, and then nothing more."""
    found = world(PROBE + watch(condition), at=1000.0)
    for number, value in enumerate(values):
        found.at(1001.0 + number * every)
        item(found, x=value)
    return found if until is None else found.at(1000.0 + until)


@pytest.mark.parametrize(
    "condition",
    ["increase(item.x over 10m) >= 4", "changes(item.x over 10m) >= 2", "max(item.x over 10m) > 4",
     "count(item.x over 10m) >= 3", "min(item.x over 10m) < 2", "not min(item.x over 10m) > 1"],
)  # fmt: skip
def test_07_bounds_count_at_once(condition: str) -> None:
    assert subjects(sampled(condition, [1.0, 3.0, 5.0])) == {"p"}


@pytest.mark.parametrize(
    "condition",
    ["increase(item.x over 10m) < 9", "changes(item.x over 10m) == 2", "max(item.x over 10m) < 9", "avg(item.x over 10m) > 0",
     "not avg(item.x over 10m) > 100", "delta(item.x over 10m) > 0", "slope(item.x over 10m) > 0 / 1s",
     "share(item.x > 0 over 10m) > 0", "rate(item.x over 10m) > 0 / 1s", "min(item.x over 10m) > 0",
     "stddev(item.x over 10m) >= 0", "min(item.x over 10m) == 1"],
)  # fmt: skip
def test_07_the_rest_is_unknown_below_half_of_the_window(condition: str) -> None:
    assert subjects(sampled(condition, [1.0, 3.0, 5.0])) == set()


def test_07_from_half_of_the_window_on_the_average_is_known() -> None:
    values = [2.0] * 13
    assert subjects(sampled("avg(item.x over 2m) == 2", values[:11])) == set()
    assert subjects(sampled("avg(item.x over 2m) == 2", values)) == {"p"}


def test_08_a_counter_that_begins_anew_loses_nothing() -> None:
    assert subjects(sampled("increase(item.x over 1m) >= 14", [10.0, 20.0, 1.0, 4.0])) == {"p"}
    assert subjects(sampled("increase(item.x over 1m) > 14", [10.0, 20.0, 1.0, 4.0])) == set()


def test_09_a_sample_counts_at_its_own_instant() -> None:
    found = world(watch("count(event deploy over 1m) >= 2", each=""), at=1000.0)
    found.report("host", "host", name="host", cpu=0.1)
    happen(found, "deploy", item="p", at=found.now - 50)
    happen(found, "deploy", item="p", at=found.now - 10)
    assert subjects(found) == {"host"}
    found.at(found.now + 11)
    assert outcomes(found) == ["cleared"]
    happen(found, "deploy", item="p", at=found.now - 61)  # too long ago
    assert subjects(found) == set()


def test_09_events_may_come_in_another_order_than_they_happened() -> None:
    found = world(watch("count(event deploy over 1m) >= 1", each=""), at=1000.0)
    found.report("host", "host", name="host", cpu=0.1)
    for before in (5.0, 50.0, 30.0):
        happen(found, "deploy", item="p", at=found.now - before)
    found.at(found.now + 54)
    assert outcomes(found) == [None]
    found.at(found.now + 2)
    assert outcomes(found) == ["cleared"]


def _walk(found: WorkWorld, random: Random, count: int, offset: float = 0.0) -> None:
    for _ in range(count):
        found.at(found.now + 5)
        item(found, x=10.0 + offset + random.gauss(0, 0.5))


ANOMALY = watch("anomaly(item.x over 1h) > 0.99")


def test_10_anomaly_is_unknown_until_it_is_warm() -> None:
    found = world(
        PROBE + watch("anomaly(item.x over 1h) >= 0 or not anomaly(item.x over 1h) >= 0"), at=1000.0
    )
    for value in (1.0, 5000.0, -3.0):
        found.at(found.now + 5)
        item(found, x=value)
    assert subjects(found) == set()


def test_10_anomaly_does_not_learn_while_its_own_fault_is_open() -> None:
    """What stands for hours does not become usual, also after a reload, and while a second rule's fault ends meanwhile."""
    second = watch("anomaly(item.x over 1h) > 0.99", unless="item.on").replace("detection d", "detection e")
    found = world(PROBE + ANOMALY + second, at=1000.0)
    random = Random(1)
    _walk(found, random, 800)
    item(found, on=False)
    _walk(found, random, 5, 300.0)
    assert subjects(found) == {"p"}
    item(found, on=True)
    found.load(said(PROBE + "let unused = 5\n" + ANOMALY + second))
    _walk(found, random, 1500, 300.0)
    assert outcomes(found)[-1] is None
    assert outcomes(found, "e")[-1] == "suppressed"


def test_windows_go_on_after_a_reload_of_the_same_meaning() -> None:
    condition = "max(item.x over 10m) >= 3 and increase(item.x over 10m) >= 2"
    before = "detection a { for each item; severity error; category agent; when avg(item.x over 3m) > 99; notify c }\n"
    found = sampled(condition, [1.0, 2.0])
    found.load(said(PROBE + before + watch(condition)))
    found.at(found.now + 5)
    item(found, x=3.0)
    assert subjects(found) == {"p"}


def test_counts_of_events_go_on_after_a_reload_of_the_same_meaning() -> None:
    rule = watch("count(event deploy where deploy.item == item.name over 1m) >= 2")
    found = world(rule)
    item(found, x=0.0)
    happen(found, "deploy", item="p")
    before = "detection a { for each item; severity error; category agent; when count(event rollback over 1m) > 2; notify c }\n"
    found.load(said(before + rule))
    assert subjects(found) == set()
    happen(found, "deploy", item="p")
    assert subjects(found) == {"p"}


def test_events_are_held_against_the_values_of_their_subject() -> None:
    found = world(
        watch("count(event deploy where deploy.item == item.name and deploy.size > item.x over 1m) >= 2")
    )
    item(found, x=5.0)
    for size in (4.0, 6.0, 7.0):
        happen(found, "deploy", item="p", size=size)
    assert subjects(found) == {"p"}
    item(found, x=6.5)
    assert outcomes(found) == ["cleared"]
    item(found, x=1.0)
    found.at(found.now + 61)
    assert outcomes(found) == ["cleared", "cleared"]
