"""Reload, rules that are tests, agents: meanings 26 to 29 of the language."""

from __future__ import annotations

import pytest

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source
from tests.dsl.checking import checked
from tests.engine.meanings.saying import GROUND, item, outcomes, said, subjects, watch, world
from tests.engine.work.work_world import Goes, WorkWorld

HOLD = watch("item.x > 5 for 60s")


def test_26_an_error_leaves_no_program() -> None:
    assert checked(GROUND + HOLD + watch("item.x > ").replace("detection d", "detection e")).program is None


@pytest.mark.parametrize(
    "edited",
    [
        HOLD.replace("detection d", 'detection d "Another title"'),
        HOLD.replace("category agent", 'message "{item.name} is high"; tags "a"; category agent'),
        HOLD.replace("item.x > 5", "(item.x > 5)"),
        HOLD.replace("for 60s", "for 1m"),
        "let limit = 5\n" + HOLD.replace("> 5", "> limit"),
        'detection a { for each item; severity error; category agent; when item.x > 99; notify c }\n' + HOLD,
        'detection a { for each item by tier; severity error; category agent; when count(item) > 99; notify c }\n' + HOLD,
    ],
)  # fmt: skip
def test_26_a_hold_follows_the_meaning_of_its_condition(edited: str) -> None:
    found = world(HOLD)
    item(found, x=9.0)
    found.at(41)
    found.load(said(edited))
    found.at(62)
    assert subjects(found) == {"p"}


@pytest.mark.parametrize("edited", [HOLD.replace("> 5", "> 6"), HOLD.replace("60s", "61s")])
def test_26_another_meaning_begins_anew(edited: str) -> None:
    found = world(HOLD)
    item(found, x=9.0)
    found.at(41)
    found.load(said(edited))
    found.at(100)
    assert subjects(found) == set()
    found.at(103)
    assert subjects(found) == {"p"}


TIER = "detection d { for each item; category agent; severity error when item.x > 5 for 60s; notify c }\n"
GROUP = watch("sum(item.x) > 5 for 60s", each="for each item by tier")
JOIN = watch("item.x > other.y for 60s", each="for each item, other matching tier")
DERIVED = "derive sick { for each item; field level = item.x }\n" + watch(
    "sick.level > 5 for 60s", each="for each sick"
)
BEFORE = "detection a { for each item by tier; severity error; category agent; when avg(item.x) > 99 for 5s; notify c }\n"


@pytest.mark.parametrize("rule", [TIER, GROUP, JOIN, DERIVED], ids=["tier", "group", "join", "derived"])
def test_26_holds_of_tiers_groups_joins_and_derived_facts_go_on(rule: str) -> None:
    found = world(rule)
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=1.0)
    for instant, text in ((20, BEFORE + rule), (30, rule), (41, BEFORE + rule)):
        found.at(instant)
        found.load(said(text))
    assert not subjects(found)
    found.at(62)
    assert len(subjects(found)) == 1


@pytest.mark.parametrize("rule", [TIER, GROUP, JOIN, DERIVED], ids=["tier", "group", "join", "derived"])
def test_26_faults_of_tiers_groups_joins_and_derived_facts_stay_open(rule: str) -> None:
    found = world(rule)
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=1.0)
    found.at(70)
    for text in (BEFORE + rule, rule):
        found.load(said(text))
        found.at(found.now + 10)
    assert outcomes(found) == [None]
    item(found, x=1.0)
    found.at(found.now + 10)
    assert outcomes(found) == ["cleared"]


def test_26_faults_follow_the_name_of_their_rule() -> None:
    found = world(watch("item.x > 5"))
    item(found, x=9.0)
    found.load(said(watch("item.x > 7")))
    assert outcomes(found) == [None]
    found.load(said(watch("item.x > 9")))
    assert outcomes(found) == ["cleared"]


def test_26_what_a_guard_did_not_let_pass_another_one_may() -> None:
    found = world(watch("item.x > 5", only_if="item.on"))
    item(found, on=False, x=9.0)
    found.load(said(watch("item.x > 5", only_if="item.on")))
    assert subjects(found) == set()
    found.load(said(watch("item.x > 5", only_if="not item.on")))
    assert subjects(found) == {"p"}


def test_26_a_former_guard_is_no_reason_for_a_changed_condition() -> None:
    found = world(watch("item.x > 5", only_if="item.on"))
    item(found, on=False, x=9.0)
    item(found, on=True)
    found.load(said(watch("item.x > 6", only_if="item.on")))
    assert subjects(found) == {"p"}


def test_26_what_is_running_ends_under_its_old_text() -> None:
    recovery = 'recovery r {{ on fault d; try one {{ exec ["/bin/{0}"]; verify within 9s }}; limit 9 per 1h overall }}\n'
    found = world(watch("item.x > 5") + recovery.format("old"), exec=Goes(5.0))
    item(found, x=9.0)
    found.load(said(watch("item.x > 5") + recovery.format("new")))
    found.at(8)
    item(found, x=1.0)
    assert [do.arguments["command"][0] for do in found.done if do.kind == "exec"] == ["/bin/old"]
    assert [row["outcome"] for row in found.table("attempt")] == ["succeeded"]


def test_27_equal_names_in_two_files_are_an_error() -> None:
    sources = [Source("a.rules", GROUND + HOLD), Source("b.rules", HOLD)]
    assert check(sources, vocabulary()).program is None


class Standard:
    def read(self, name: str) -> Source | None:
        return (
            Source("std/healing.rules", HOLD.replace("detection d", "detection high"))
            if name == "std.healing"
            else None
        )


def test_27_a_standard_rule_is_replaced_by_use_without_and_a_declaration() -> None:
    mine = HOLD.replace("detection d", "detection high").replace("60s", "1h")
    for use, holds in (("use std.healing\n", None), ("use std.healing { without high }\n", [3600.0])):
        found = check([Source("main.rules", use + GROUND + mine)], vocabulary(), library=Standard())
        assert (found.program and [one.when.hold for one in found.program.detections]) == holds


AGENT = 'agent a { unit process ["/bin/a"]; health http "http://127.0.0.1:1/h" { every 5s }; MORE }\n'


def agent(more: str = "") -> WorkWorld:
    return world(AGENT.replace("MORE", more), start=Goes(0.1))


def status(found: WorkWorld) -> object:
    fact = found.engine.memory.get("agent", "a")
    return None if fact is None else fact.values.get("status")


def test_29_an_agent_is_starting_until_its_first_good_check() -> None:
    found = agent()
    found.unit("a", True, 7)
    assert status(found) == "starting"
    found.health("a", False)
    assert status(found) == "starting"
    found.health("a", True)
    assert status(found) == "up"


def test_29_starting_ends_with_the_time_that_it_has() -> None:
    found = agent("starts within 30s")
    found.unit("a", True, 7)
    began = found.now
    found.health("a", False)
    found.at(began + 29)
    assert status(found) == "starting"
    found.at(began + 31)
    found.health("a", False)
    assert status(found) == "down"


def test_29_one_failed_check_is_enough_and_so_is_a_unit_that_does_not_run() -> None:
    found = agent()
    found.unit("a", True, 7)
    found.health("a", True)
    found.health("a", False)
    assert status(found) == "down"
    found.health("a", True)
    assert status(found) == "up"
    found.unit("a", False)
    assert status(found) == "down"


def test_29_ready_that_fails_is_degraded() -> None:
    found = agent('ready http "http://127.0.0.1:1/r" { every 5s }')
    found.unit("a", True, 7)
    found.health("a", True, check="health")
    found.health("a", True, check="ready")
    assert status(found) == "up"
    found.health("a", False, check="ready")
    assert status(found) == "degraded"


def test_29_stopped_is_not_wanted_and_not_running() -> None:
    found = agent()
    found.unit("a", True, 7)
    found.health("a", True)
    found.command("stop", "a")
    found.at(found.now + 5)
    found.unit("a", False)
    assert status(found) == "stopped"


def test_29_a_failure_of_volexds_own_leaves_it_unknown() -> None:
    found = agent()
    found.unit("a", True, 7)
    found.health("a", True)
    found.health("a", None)
    assert status(found) is None
