"""What waits for a moment goes with its subject (meaning 11), and what holds an alert back is looked at again (meaning 2)."""

from __future__ import annotations

import pytest

from tests.engine.meanings.saying import happen, item, said, subjects, told, watch, world

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
