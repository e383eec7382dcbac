"""Conditions over members, time and events, from their text to the faults that they raise."""

from __future__ import annotations

import pytest

from engine.events import Happened
from tests.dsl.checking import program
from tests.engine.world import World

_GROUND = """\
fact item { key name; field tier: text, x: number, on: flag, since: time }
event deploy { field item: text, size: number }
calendar always { hours mon to sun 00:00 to 23:59 }
channel c { url "log:" }
detection late { for each item; category agent; when item.x > 15; notify c }
"""
_EACH = "for each item"
_P, _Q, _BOTH, _HOST = {"p"}, {"q"}, {"p", "q"}, {"host"}


def _faults(condition: str, binding: str) -> set[str]:
    """Of which subjects a fault is open in the end: `p` has grown to 18, `q` went from tier a to b after 10 seconds."""
    rules = f"detection d {{\n    {binding}\n    category agent\n    when {condition}\n    notify c\n}}\n"
    world = World(program(_GROUND + rules, all_runs=True))
    world.report("host", "host", name="host", cpu=0.5)
    for second in range(0, 20, 2):
        world.at(float(second))
        world.report("item", "p", name="p", tier="a", x=float(second), on=True, since=0.0)
        world.report(
            "item", "q", name="q", tier="a" if second < 10 else "b", x=1.0, on=second > 6, since=float(second)
        )
        if second in (4, 6):
            world.send(Happened(world.now, "deploy", {"item": "p", "size": 7.0}, world.now))
    return {subject for rule, subject in world.open_faults() if rule == "d"}


@pytest.mark.parametrize(
    ("condition", "binding", "subjects"),
    [
        ("any(item as other where other.name != item.name and other.x > item.x)", _EACH, _Q),
        ("no(item where item.x > i.x)", "for each item as i", _P),
        ("count(item as other where other.x > item.x) == 0", _EACH, _P),
        ('all(item where item.tier == "a" satisfy item.x > 5)', "", _HOST),
        ('all(item where item.tier == "c" satisfy item.x > 5)', "", _HOST),
        ("count(item) == 2 and sum(item.x) == 19 and distinct(item.tier) == 2", "", _HOST),
        ("avg(item.x) == 9.5 and min(item.x) == 1 and max(item.x) == 18", "", _HOST),
        ("avg(item.x over 10s) > 3", _EACH, _P),
        ("share(item.on over 8s) > 90%", _EACH, _BOTH),
        ("changes(item.tier over 1m) >= 1", _EACH, _Q),
        ("changes(item.tier over 1m) == 1", _EACH, set()),  # the window is only partly known: it may be more
        ("past(item.x, 5s) < item.x", _EACH, _P),
        ("last(item.x over 1m) > 5 and increase(item.x over 10s) >= 10", _EACH, _P),
        ("max(max(item.x over 10s) where item.on) > 5", "", _HOST),
        ("count(event deploy where deploy.item == item.name over 1m) == 2", _EACH, _P),
        ("max(deploy.size where deploy.item == item.name over 1m) > 6", _EACH, _P),
        ("sum(deploy.size over 1m) == 14 and distinct(deploy.item over 1m) == 1", "", _HOST),
        ("count(event deploy over 13s) == 1", "", _HOST),
        ("count(fault late of item over 1m) == 1", _EACH, _P),
        ("count(fault late over 1m) == 1 and count(fault where fault.name == \"late\") == 1", "", _HOST),
        ("item.since < now - 5s", _EACH, _P),
        ("during(always)", "", _HOST),
        ("sum(item.x) > 5 and any(item where item.on)", "for each item by tier", {"a"}),
        ("max(avg(item.x over 10s)) < 5", "for each item by tier", {"b"}),
        ("count(item) == 2 and count(member as other where other.on) == 1", "for each item as member by tier", {"a", "b"}),
        ("one.x > other.x and one.on", "for each item as one, item as other matching on", {"p, q"}),
    ],
)  # fmt: skip
def test_faults(condition: str, binding: str, subjects: set[str]) -> None:
    assert _faults(condition, binding) == subjects
