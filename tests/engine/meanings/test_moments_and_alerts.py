"""What waits for a moment goes with its subject (meaning 11), and what holds an alert back is looked at again (meaning 2)."""

from __future__ import annotations

import pytest

from engine.events import Looked, Reported
from tests.engine.meanings.saying import happen, item, outcomes, said, subjects, told, watch, world

SEQUENCE = """orchestration o {
    for each item
    on event deploy where deploy.item == item.name not followed by event rollback where rollback.item == item.name within 10s
    limit 99 per 1h overall
    then { exec ["/bin/x", item.name] }
}
"""


@pytest.mark.parametrize(("what", "acts"), [("nothing", 1), ("withdrawn", 0), ("rollback", 0)])
def test_11_what_waits_for_a_second_event_goes_with_its_subject_and_stays_over_a_reload(
    what: str, acts: int
) -> None:
    found = world(SEQUENCE)
    item(found, x=1.0)
    happen(found, "deploy", item="p")
    found.at(found.now + 3)
    found.load(said("# again\n" + SEQUENCE))
    if what == "withdrawn":
        found.withdraw("item", "p")
    elif what == "rollback":
        happen(found, "rollback", item="p")
    found.at(60)
    assert len(found.did("exec")) == acts


ALERT = "alert n { on fault d; unless GUARD; notify c }\n"
QUIET = watch("item.x > 5").replace("notify c ", "")


@pytest.mark.parametrize("guard", ["item.on", "any(item where item.on)", "during(night)"])
def test_02_an_alert_is_told_when_what_blocked_it_is_over(guard: str) -> None:
    night = "calendar night { hours mon to sun 01:00 to 02:00 }\n"
    found = world(night + QUIET + ALERT.replace("GUARD", guard), at=3700.0)
    item(found, on=True, x=9.0)
    found.at(7000)
    assert told(found) == []
    found.at(7201)
    item(found, on=False)
    found.at(7203)
    assert len(told(found)) == 1


@pytest.mark.parametrize("each", ["for each item by tier", "for each item, other matching tier"])
def test_11_a_moment_is_about_groups_and_joins_too(each: str) -> None:
    moment = "on event deploy where deploy.size > 3"
    found = world(
        f"detection d {{ {each}; severity error; category agent; {moment}; until item.tier == 'z'; notify c }}\n"
    )
    item(found, x=5.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=3.0)
    for size in (2.0, 4.0):
        happen(found, "deploy", item="p", size=size)
    assert subjects(found) == {"a" if "by" in each else "p, o"}


@pytest.mark.parametrize(
    "each", ["for each item, other matching tier", "for each item as i, other matching tier"]
)
@pytest.mark.parametrize("path", ["item.x", "host.load"])
def test_11_a_change_is_a_moment_of_each_that_a_rule_is_about(each: str, path: str) -> None:
    read = path.replace("item", "i") if " as i" in each else path
    found = world(
        f"detection d {{ {each}; severity error; category agent; on change of {read}; until host.load > 7; notify c }}\n"
    )
    found.report("host", "host", load=2.0)
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", y=9.0, tier="a")
    assert subjects(found) == set()
    item(found, x=10.0, tier="a")
    found.report("host", "host", load=3.0)
    assert subjects(found) == {"p, o"}


def test_11_a_second_event_is_no_moment_of_what_is_not_chosen_any_more() -> None:
    moment = "on event deploy followed by event rollback within 1h"
    found = world(
        f"detection d {{ for each item where item.on; severity error; category agent; {moment}; until item.x > 5; notify c }}\n"
    )
    for name in "pq":
        item(found, name, on=True)
    happen(found, "deploy", item="p")
    item(found, "q", on=False)
    happen(found, "rollback", item="p")
    assert subjects(found) == {"p"}


FOLLOWS = "detection e { on fault d; severity error; category agent; until UNTIL; notify d }\n"
ENDS = (
    "item.on",
    "host.load > 3",
    "item.on and host.load > 3",
    "any(other where other.y > 3)",
    "max(item.x over 5m) > 20",
    "count(event deploy where deploy.item == item.name over 1h) > 0",
)


@pytest.mark.parametrize("until", ENDS)
@pytest.mark.parametrize("follows", ["on fault d", "on fault where fault.name == 'd'"])
def test_11_what_is_raised_on_a_fault_ends_by_what_that_is_about(until: str, follows: str) -> None:
    rule = FOLLOWS.replace("UNTIL", until).replace("on fault d", follows)
    found = world(
        watch("item.x > 5") + watch("other.y > 99", each="for each other").replace(" d ", " f ") + rule
    )
    found.report("host", "host", load=2.0)
    item(found, x=9.0, on=False)
    found.at(5)
    assert outcomes(found, "e") == [None]
    item(found, x=30.0, on=True)
    found.report("host", "host", load=5.0)
    found.report("other", "o", id="o", y=9.0)
    happen(found, "deploy", item="p")
    assert outcomes(found, "e") == ["cleared"]


@pytest.mark.parametrize("each", ["for each item by tier", "for each item as i, other matching tier"])
def test_11_so_does_what_is_raised_on_those_of_groups_and_joins(each: str) -> None:
    until = "item.tier == 'a' and host.load > 3"
    found = world(watch("count(item where item.x > 5) > 0", each=each) + FOLLOWS.replace("UNTIL", until))
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", y=9.0, tier="a")
    assert outcomes(found, "e") == [None]
    found.report("host", "host", load=5.0)
    assert outcomes(found, "e") == ["cleared"]


def test_11_what_is_raised_when_a_recovery_gave_up_ends_by_what_that_is_about() -> None:
    tries = 'try t { exec ["/bin/x"]; verify within 5s }'
    recovery = f"recovery r {{ on fault d; {tries}; limit 1 per 1h overall }}\n"
    found = world(
        watch("item.x > 5") + recovery + FOLLOWS.replace("fault d", "exhausted r").replace("UNTIL", "item.on")
    )
    item(found, x=9.0, on=False)
    found.at(20)
    assert outcomes(found, "e") == [None]
    item(found, on=True)
    assert outcomes(found, "e") == ["cleared"]


def test_11_it_is_withdrawn_with_what_it_is_about() -> None:
    found = world(watch("item.x > 5") + FOLLOWS.replace("UNTIL", "item.on"))
    item(found, x=9.0)
    found.withdraw("item", "p")
    assert outcomes(found, "e") == ["withdrawn"]


def test_11_a_fault_of_a_moment_ends_though_nothing_was_ever_told_of_the_host() -> None:
    found = world(
        "detection d { severity error; category agent; on event deploy; until any(item); notify c }\n"
    )
    happen(found, "deploy", item="p")
    assert outcomes(found) == [None]
    item(found, x=1.0)
    assert outcomes(found) == ["cleared"]


def test_11_a_moment_raises_its_fault_though_its_end_came_with_it() -> None:
    moment = "on change of host.load; until any(other where other.y > 5)"
    found = world(
        f"detection d {{ for each item by tier; severity error; category agent; {moment}; notify c }}\n"
    )
    found.report("host", "host", load=2.0)
    item(found, x=1.0, tier="a")
    seen = [("other", "o", {"id": "o", "y": 9.0}), ("host", "host", {"load": 3.0})]
    found.send(Looked(found.now, tuple(Reported(found.now, *one, "", None) for one in seen)))
    assert outcomes(found) == ["cleared"]
