"""What one look sees is known at once: rules see no state between two facts of it."""

from __future__ import annotations

from itertools import permutations

import pytest

from engine.events import Event, HealthObserved, Looked, Reported, Withdrawn
from tests.engine.meanings.saying import item, outcomes, subjects, watch, world
from tests.engine.work.work_world import WorkWorld

AGENT = 'agent api { health http "http://127.0.0.1:1/health" { every 5s } }\n'


def saw(found: WorkWorld, **items: float) -> list[Event]:
    return [Reported(found.now, "item", name, {"name": name, "x": x}, "p") for name, x in items.items()]


def look(found: WorkWorld, *seen: Event) -> None:
    found.send(Looked(found.now, tuple(seen)))  # type: ignore[arg-type]


SUM = watch("sum(item.x) > 12", each="")


def shifted(together: bool) -> WorkWorld:
    """Three members whose sum stays 12 while the load moves from one to another."""
    found = world(SUM)
    found.report("host", "host", name="host")
    look(found, *saw(found, a=8.0, b=2.0, c=2.0))
    found.at(10)
    later = saw(found, c=8.0, a=2.0, b=2.0)
    if together:
        look(found, *later)
    else:
        for one in later:
            found.send(one)
    return found


def test_one_by_one_a_sum_is_seen_that_never_was() -> None:
    assert outcomes(shifted(together=False)) == ["cleared"]


def test_in_one_look_it_is_not() -> None:
    assert outcomes(shifted(together=True)) == []


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_the_order_within_a_look_does_not_matter(order: tuple[str, ...]) -> None:
    found = world(SUM)
    found.report("host", "host", name="host")
    look(found, *saw(found, a=8.0, b=2.0, c=2.0))
    now = {"a": 2.0, "b": 2.0, "c": 8.0}
    look(found, *saw(found, **{name: now[name] for name in order}))
    assert outcomes(found) == []


def test_who_is_gone_from_a_look_is_gone_in_the_same_instant() -> None:
    found = world(watch("count(item) != 2", each=""))
    found.report("host", "host", name="host")
    look(found, *saw(found, a=1.0, b=1.0))
    before = len(found.faults())
    look(found, *saw(found, c=1.0), Withdrawn(found.now, "item", "a"))
    assert len(found.faults()) == before
    found.send(Withdrawn(found.now, "item", "b"))
    assert len(found.faults()) == before + 1


def test_rules_about_one_fact_see_the_others_of_the_look_too() -> None:
    """Nothing is derived here: the host and a disk, each compared as it stands."""
    found = world(watch("disk.usage > 90% and host.cpu > 50%", each="for each disk"))

    def host_and_disk(cpu: float, usage: float) -> None:
        look(
            found,
            Reported(found.now, "disk", "/", {"mount": "/", "usage": usage}),
            Reported(found.now, "host", "host", {"name": "host", "cpu": cpu}),
        )

    host_and_disk(0.9, 0.1)
    host_and_disk(0.1, 0.95)
    assert outcomes(found) == []
    host_and_disk(0.9, 0.95)
    assert subjects(found) == {"/"}


def test_a_check_and_its_latency_are_one() -> None:
    found = world(AGENT + watch('agent.status == "down" and agent.latency < 1s', each="for each agent"))
    found.unit("api", True, 7)

    def checked(ok: bool, latency: float | None) -> None:
        found.at(found.now + 20)
        look(
            found,
            Reported(found.now, "agent", "api", {"latency": latency}, "health", 15.0),
            HealthObserved(found.now, "api", "health", ok, found.now, fresh_for=15.0),
        )

    checked(True, 0.1)
    checked(False, None)
    checked(True, 0.1)
    assert outcomes(found) == []
    checked(False, 0.1)
    assert subjects(found) == {"api"}


def test_a_window_sees_every_look_once() -> None:
    found = world(
        'probe items { http get "http://127.0.0.1:1/items"; every 5s; into item from reply.body }\n'
        + watch("count(item.x over 1m) >= 3"),
        at=1000.0,
    )
    for number in range(3):
        found.at(1005.0 + 5 * number)
        assert subjects(found) == set()
        look(found, *saw(found, a=1.0, b=2.0))
    assert subjects(found) == {"a", "b"}


def test_an_empty_look_changes_nothing() -> None:
    found = world(watch("item.x > 5"))
    item(found, x=9.0)
    effects = list(found.effects)
    look(found)
    assert found.effects == effects
    assert outcomes(found) == [None]
