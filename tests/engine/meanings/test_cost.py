"""What an event costs grows neither with the rules that do not read it nor with the facts it is not about: calls are counted, not time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from tests.engine.meanings.saying import happen, item, watch, world
from tests.engine.work.work_world import WorkWorld


def _unrelated(count: int) -> str:
    """Rules of all kinds about other things, or about other fields and events than those that come."""
    text = "fact noise { key name; field level: number, tier: text }\nevent beep { field noise: text }\n"
    shapes = (
        "for each noise; severity error; category agent; when noise.level > {0} and avg(noise.level over 1m) > {0}",
        "for each noise by tier; severity error; category agent; when sum(noise.level where noise.level > {0}) > {0}",
        "for each noise; severity error; category agent; when count(event beep where beep.noise == noise.name over {1}s) > {0}",
        "for each noise, other matching tier; severity error; category agent; when noise.level > other.y + {0}",
        "for each noise; severity error; category agent; on event beep; until noise.level < {0}",
    )
    for number in range(count):
        for shape, rule in enumerate(shapes):
            text += f"detection n{number}_{shape} {{ {rule.format(number, number + 5)}; notify c }}\n"
        text += f"orchestration o{number} {{ on event beep where beep.noise == '{number}'; limit 1 per 1h overall; then {{ log 'x' }} }}\n"
    return text


def _of_other_fields(count: int) -> str:
    """The same of the things that change, by what of them does not."""
    shapes = (
        "for each item; severity error; category agent; when changes(item.note over {1}s) > {0}",
        "for each item by tier; severity error; category agent; when count(item where item.note == '{0}') > {0}",
        "severity error; category agent; when count(item where item.note == '{0}') > {0}",
        "for each item, other matching tier; severity error; category agent; when item.note == '{0}'",
        "for each item; category agent; severity error when item.on for {1}s; severity critical when item.note == '{0}' for {1}s",
    )
    rules = [shape.format(number, number + 5) for number in range(count) for shape in shapes]
    return "".join(f"detection n{number} {{ {rule}; notify c }}\n" for number, rule in enumerate(rules))


READERS = (
    watch(
        "item.x > 5 and avg(item.x over 1m) > 1 and count(event deploy where deploy.item == item.name over 1m) >= 2"
    )
    + watch("sum(item.x) > 50", each="for each item by tier").replace("detection d", "detection e")
    + "orchestration act { on event deploy; limit 99 per 1h overall; then { log 'x' } }\n"
)


OF_ANY = (
    "detection near { for each item; severity error; category agent\n"
    "    when any(other where other.tier == item.tier and other.y > 1000); notify c }\n"
    "detection beside { for each item, other matching tier; severity error; category agent; when item.x > other.y + 100 }\n"
    "orchestration about {\n"
    "    on event deploy where deploy.size > 0 and item.name == deploy.item; for each item\n"
    "    limit 99 per 1h overall; then { log 'x' }\n}\n"
    "orchestration back {\n"
    "    on event deploy where deploy.item == item.name "
    "followed by event rollback where rollback.item == item.name within 10s\n"
    "    for each item; limit 99 per 1h overall; then { log 'x' }\n}\n"
)


def _calls(others: str, what: Callable[[WorkWorld], None], things: int = 0) -> int:
    """Calls of our functions while this happens, after everything was seen once: not those of who looks on, like a callback of the collector."""
    found = world(READERS + others)
    for number in range(things):
        found.report("other", f"o{number}", id=f"o{number}", tier=f"t{number}", y=1.0)
        item(found, f"o{number}", x=1.0, tier=f"t{number}")
    for number in range(3):
        item(found, x=float(number), tier="a")
        happen(found, "deploy", item="q")
        found.at(found.now + 1)
    calls = 0

    def count_one(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        whose = frame.f_globals.get("__name__", "engine")  # a compiled condition has no module
        calls += event == "call" and whose.startswith(("engine", "dsl"))

    former = sys.getprofile()
    sys.setprofile(count_one)
    try:
        what(found)
    finally:
        sys.setprofile(former)
    found.close()
    return calls


EVENTS: dict[str, Callable[[WorkWorld], None]] = {
    "a sample": lambda found: item(found, x=7.0, tier="a"),
    "an event": lambda found: happen(found, "deploy", item="p"),
    "a fault": lambda found: [happen(found, "deploy", item="p") for _ in range(2)] and item(found, x=70.0),
    "two events": lambda found: (
        happen(found, "deploy", item="p", size=1.0) or happen(found, "rollback", item="p")
    ),
    "a thing that goes": lambda found: found.withdraw("item", "p"),
    "a thing that comes": lambda found: item(found, "new", x=1.0, tier="t1"),
}


@pytest.mark.parametrize("what", EVENTS)
def test_an_event_costs_the_same_with_thirty_times_the_rules(what: str) -> None:
    assert _calls(_unrelated(30), EVENTS[what]) == _calls(_unrelated(1), EVENTS[what])


def test_a_sample_costs_the_same_with_thirty_times_the_rules_about_what_did_not_change() -> None:
    assert _calls(_of_other_fields(30), EVENTS["a sample"]) == _calls(_of_other_fields(1), EVENTS["a sample"])


@pytest.mark.parametrize("what", EVENTS)
def test_an_event_costs_the_same_with_thirty_times_the_things(what: str) -> None:
    assert _calls(OF_ANY, EVENTS[what], things=90) == _calls(OF_ANY, EVENTS[what], things=3)
