"""Open faults of tiers, groups and joins after a restart of volexd: they stay open until something says otherwise (meanings 3, 12)."""

from __future__ import annotations

import pytest

from engine.engine import Engine
from engine.events import Restored
from tests.engine.meanings.saying import item, outcomes, said, watch, world
from tests.engine.work.work_world import WorkWorld

COLUMNS = [
    "rule",
    "subject_type",
    "subject",
    "message",
    "raised_at",
    "began_at",
    "acknowledged_at",
    "attempts",
    "outcome",
    "severity",
]


def reborn(old: WorkWorld, rules: str) -> WorkWorld:
    """A new life that knows nothing but the rows of the open faults."""
    new = WorkWorld(at=old.now + 10)
    new.engine, new.rows = Engine(1000, 1000), old.rows
    new.load(said(rules))
    rows = [row for row in old.table("fault") if row.get("outcome") is None]
    new.send(
        Restored(
            new.now,
            faults=tuple({"id": row["id"], **{name: row.get(name) for name in COLUMNS}} for row in rows),
        )
    )
    return new


TIERS = """detection d {
    for each item; category agent; notify c
    severity warning  when item.x > 5 for 10s
    severity critical when item.x > 8 for 20s
}
"""


def test_a_fault_of_tiers_with_holds_goes_on_with_its_severity() -> None:
    found = world(TIERS)
    item(found, x=9.0)
    found.at(40)
    found = reborn(found, TIERS)
    item(found, x=9.0)
    found.at(found.now + 60)
    assert (outcomes(found), found.fault("d")["severity"], found.fault("d")["unconfirmed"]) == (
        [None],
        "critical",
        False,
    )
    item(found, x=7.0)
    assert found.fault("d")["severity"] == "warning"
    item(found, x=1.0)
    found.at(found.now + 10)
    assert outcomes(found) == ["cleared"]


@pytest.mark.parametrize(
    "rule",
    [
        watch("sum(item.x) > 5", each="for each item by tier"),
        watch("item.x > other.y", each="for each item, other matching tier"),
    ],
)
def test_a_fault_of_a_group_or_of_a_join_is_confirmed_by_its_members(rule: str) -> None:
    found = world(rule)
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=1.0)
    found = reborn(found, rule)
    assert found.fault("d")["unconfirmed"] is True
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=1.0)
    assert (outcomes(found), found.fault("d")["unconfirmed"]) == ([None], False)
    found.withdraw("item", "p")
    assert outcomes(found) == ["withdrawn"]


FOLLOWS = "detection e { on fault d; severity error; category agent; until item.on; notify d }\n"


@pytest.mark.parametrize("each", ["for each item", "for each item by tier"])
def test_a_fault_that_was_raised_on_another_one_goes_on_and_ends_by_what_it_is_about(each: str) -> None:
    until = "count(item where item.on) > 0" if "by" in each else "item.on"
    rules = watch("count(item where item.x > 5) > 0", each=each) + FOLLOWS.replace("item.on", until)
    found = world(rules)
    item(found, x=9.0, on=False, tier="a")
    found = reborn(found, rules)
    item(found, x=9.0, on=False, tier="a")
    found.at(found.now + 60)
    assert outcomes(found, "e") == [None]
    item(found, on=True)
    assert outcomes(found, "e") == ["cleared"]
