"""Samples that come late, and clocks that go back: what is newer stands, windows take what is older at its own instant (meaning 9)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.effects import Late
from engine.events import Looked, Reported
from tests.engine.meanings.saying import item, outcomes, subjects, watch, world
from tests.engine.work.work_world import WorkWorld

PROBE = 'probe items { http get "http://127.0.0.1:1/items"; every 5s; into item from reply.body }\n'


def told(
    found: WorkWorld, at: float, *, fresh_for: float | None = 15.0, source: str = "p", **values: Any
) -> None:
    """Something is told now that was sampled then."""
    found.send(Reported(at, "item", "p", values, source, fresh_for))


def late(found: WorkWorld) -> list[tuple[float, tuple[str, ...]]]:
    return [(one.at, one.fields) for one in found.effects if isinstance(one, Late)]


def values(found: WorkWorld) -> dict[str, Any]:
    fact = found.engine.memory.get("item", "p")
    assert fact is not None
    return dict(fact.values)


def test_an_older_sample_does_not_overwrite_a_newer_one() -> None:
    found = world(watch("item.x > 5"), at=100.0)
    told(found, 100.0, x=1.0)
    told(found, 95.0, x=9.0)
    assert outcomes(found) == []
    assert late(found) == [(95.0, ("x",))]


def test_nor_one_that_does_not_go_stale() -> None:
    found = world(watch("item.x > 5"), at=100.0)
    told(found, 100.0, fresh_for=None, x=1.0)
    told(found, 95.0, fresh_for=None, x=9.0)
    assert (outcomes(found), late(found)) == ([], [(95.0, ("x",))])


def test_what_only_the_older_one_says_is_taken() -> None:
    found = world(watch("item.x > 5"), at=100.0)
    told(found, 100.0, x=1.0)
    told(found, 95.0, x=9.0, note="n")
    assert (values(found)["x"], values(found)["note"]) == (1.0, "n")
    assert late(found) == [(95.0, ("x",))]


def test_each_field_has_its_own_instant() -> None:
    """A slow source and a quick one tell of one fact, each of its own fields: neither is late for the other."""
    found = world(watch("item.x > 5"), at=100.0)
    told(found, 100.0, source="quick", x=1.0)
    told(found, 92.0, source="slow", on=True)
    told(found, 101.0, source="quick", x=2.0)
    told(found, 97.0, source="slow", on=False)
    assert (values(found)["x"], values(found)["on"], late(found)) == (2.0, False, [])


def test_what_went_stale_on_its_way_is_never_known() -> None:
    found = world(watch("item.x > 5"), at=100.0)
    told(found, 80.0, fresh_for=15.0, x=9.0)
    assert (outcomes(found), late(found)) == ([], [(80.0, ("x",))])
    assert "x" not in values(found)


def test_a_window_takes_a_late_sample_at_its_own_instant() -> None:
    found = world(PROBE + watch("max(item.x over 1m) > 5"), at=100.0)
    for instant in (100.0, 105.0, 115.0):
        found.at(instant)
        told(found, instant, x=1.0)
    told(found, 110.0, x=9.0)
    assert subjects(found) == {"p"}
    assert values(found)["x"] == 1.0
    for instant in range(120, 170, 5):
        found.at(instant)
        told(found, instant, x=1.0)
    assert outcomes(found) == [None]
    found.at(171.0)
    told(found, 171.0, x=1.0)
    found.at(180.0)
    assert outcomes(found) == ["cleared"], "a minute after 110, and not after 115, when it came"


@given(st.permutations(range(8)), st.sampled_from([30.0, None]))
def test_in_whatever_order_samples_come_the_newest_stands(order: list[int], fresh_for: float | None) -> None:
    found = world(watch("item.x > 100"), at=1000.0)
    for number in order:
        told(found, 990.0 + number, fresh_for=fresh_for, x=float(number))
    assert values(found)["x"] == 7.0
    newest, expected = -1, 0
    for number in order:
        expected += number < newest
        newest = max(newest, number)
    assert len(late(found)) == expected


def test_of_one_look_every_part_has_its_instant() -> None:
    found = world(watch("item.x > 5"), at=100.0)
    told(found, 100.0, x=1.0)
    seen = (
        Reported(95.0, "item", "p", {"x": 9.0}, "p", 15.0),
        Reported(95.0, "item", "q", {"name": "q", "x": 9.0}, "p", 15.0),
    )
    found.send(Looked(100.0, seen))
    assert subjects(found) == {"q"}


def test_an_event_from_the_past_does_not_turn_the_engine_back() -> None:
    found = world(watch("item.x > 5 for 10s"), at=100.0)
    began = found.now
    item(found, x=9.0)
    found.send(Reported(began - 60.0, "item", "q", {"name": "q", "x": 1.0}))
    found.at(began + 9.0)
    assert outcomes(found) == []
    found.at(began + 10.0)
    assert subjects(found) == {"p"}
