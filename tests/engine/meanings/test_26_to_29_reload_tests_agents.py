"""Reload, rules that are tests, agents: meanings 26 to 29 of the language."""

from __future__ import annotations

import pytest

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source
from tests.dsl.checking import checked
from tests.engine.meanings.saying import GROUND, happen, item, outcomes, said, subjects, watch, world
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


HEALED = watch("item.x > 5") + (
    'recovery r { on fault d; try one { exec ["/bin/a"]; verify within 5s }; limit 1 per 1h by item; cooldown 10m }\n'
    "alert all { on fault d; notify d repeat every 20m; cleared notify d }\n"
)
RENAMED = watch("item.x > 5", was="d").replace("detection d", "detection high") + (
    'recovery heal { was r; on fault high; try one { exec ["/bin/a"]; verify within 5s }; limit LIMIT; cooldown 10m }\n'
    "alert everything { was all; on fault high; notify d repeat every 20m; cleared notify d }\n"
).replace("LIMIT", "1 per 1h by item")


def healed() -> WorkWorld:
    """Its one attempt did not help, and people were told."""
    found = world(HEALED)
    item(found, x=9.0)
    found.at(100)
    return found


def test_26_was_keeps_the_fault_open_and_tells_nobody_again() -> None:
    found = healed()
    before = len(found.done)
    found.load(said(RENAMED))
    found.at(200)
    assert found.open_faults() == {("high", "p")}
    assert len(found.table("fault")) == 1
    assert len(found.done) == before
    assert found.engine.carried.resets == ()
    found.at(1300)
    assert [do.kind for do in found.done[before:]] == ["notify"]  # again, after the same twenty minutes
    item(found, x=1.0)
    found.at(1310)
    assert [row["outcome"] for row in found.table("fault")] == ["cleared"]
    assert "everything (high on p)" in str(found.done[-1].arguments["text"])


def test_26_without_was_it_is_another_rule() -> None:
    found = healed()
    found.load(said(RENAMED.replace("was d", "").replace("was r;", "").replace("was all;", "")))
    found.at(200)
    assert [row.get("outcome") for row in found.table("fault")] == ["withdrawn", None]


def test_26_was_keeps_a_budget_used_up() -> None:
    found = healed()
    item(found, x=1.0)
    found.load(said(RENAMED))
    found.at(1000)
    item(found, x=9.0)
    found.at(1100)
    assert len([do for do in found.done if do.kind == "exec"]) == 1
    assert any(
        "its limit of 1 per 1h by item (p) is used up" in line
        for line in found.why(found.fault("high")["id"])
    )


def test_26_was_keeps_a_cooldown_going() -> None:
    found = healed()
    item(found, x=1.0)
    found.load(said(RENAMED.replace("1 per 1h by item", "9 per 1h by item")))
    found.at(300)
    item(found, x=9.0)
    found.at(1000)
    began = [found.began[do.action] for do in found.done if do.kind == "exec"]
    assert len(began) == 2
    assert began[1] == pytest.approx(began[0] + 606, abs=2)  # ten minutes after the end of the first one


@pytest.mark.parametrize(("condition", "raised"), [("item.x > 5", 61), ("item.x > 6", 101)])
def test_26_a_hold_goes_on_under_the_new_name_if_it_means_the_same(condition: str, raised: int) -> None:
    found = world(HOLD)
    item(found, x=9.0)
    found.at(41)
    found.load(said(watch(f"{condition} for 60s", was="d").replace("detection d", "detection high")))
    found.at(200)
    assert found.fault("high")["raised_at"] == raised


def test_26_a_fault_stays_where_name_and_meaning_change_at_once() -> None:
    found = world(HOLD)
    item(found, x=9.0)
    found.at(70)
    found.load(said(watch("item.x > 6 for 60s", was="d").replace("detection d", "detection high")))
    found.at(80)
    assert [(row["rule"], row.get("outcome")) for row in found.table("fault")] == [("high", None)]


def test_26_was_of_a_name_that_never_was_does_nothing() -> None:
    found = world(HOLD)
    item(found, x=9.0)
    found.at(41)
    rules = HOLD.replace("for each", "was other; for each")
    found.load(said(rules))
    found.load(said(rules))
    found.at(62)
    assert (found.open_faults(), len(found.table("fault"))) == ({("d", "p")}, 1)


def test_26_was_of_a_name_that_is_long_gone_takes_nothing_from_who_stands_there() -> None:
    """The clause stays in the file for months; meanwhile another rule had that name, and lost it."""
    both = HOLD + watch("item.x > 7 for 60s").replace("detection d", "detection high")
    found = world(both)
    item(found, x=9.0)
    found.at(70)
    found.load(said(watch("item.x > 7 for 60s", was="d").replace("detection d", "detection high")))
    assert [(row["rule"], row.get("outcome")) for row in found.table("fault")] == [
        ("d", "withdrawn"),
        ("high", None),
    ]


WORK = (
    'workflow w { step a { exec ["/bin/a"] } }\n'
    "automation often { every 1h; run w }\n"
    "orchestration calm { for each item; when item.x > 5; then { pause automation often }; afterwards { resume automation } }\n"
)
WORK_RENAMED = (
    'workflow built { was w; step a { exec ["/bin/a"] } }\n'
    "automation hourly { was often; every 1h; run built }\n"
    "orchestration rest { was calm; for each item; when item.x > 5; then { pause automation hourly }; afterwards { resume automation } }\n"
)


def test_26_was_keeps_id_due_time_pause_and_what_was_learned_of_work() -> None:
    found = world(WORK)
    found.run("often")
    found.at(100)
    item(found, x=9.0)
    (before,) = found.table("automation")
    before, learned = dict(before), [row["id"] for row in found.table("learned")]
    found.load(said(WORK_RENAMED))
    (after,) = found.table("automation")
    assert [after[column] for column in ("id", "name", "next_at", "status")] == [
        before["id"], "hourly", before["next_at"], "paused",
    ]  # fmt: skip
    assert after["paused_by"] == '["orchestration rest on p"]'
    assert [(row["id"], row["name"]) for row in found.table("learned")] == [(learned[0], "built/a")]
    assert [row["name"] for row in found.table("workflow")] == ["built"]
    item(found, x=1.0)  # what the orchestration paused under its former name, it lifts under the new one
    found.at(3700)
    assert found.automation_runs("hourly") == [("schedule", "succeeded")]
    assert found.table("learned")[0]["runs"] == 2


def test_26_was_ends_what_is_running_under_its_old_text_and_its_new_name() -> None:
    found = world(WORK, **{"/bin/a": Goes(50.0)})
    found.run("often")
    found.load(said(WORK_RENAMED.replace("/bin/a", "/bin/b")))
    (run,) = found.table("workflow_run")
    assert (run["workflow"], run.get("ended_at")) == ("built", None)
    found.at(60)
    assert found.commands() == [(1.0, "/bin/a")]
    assert (run["workflow"], run["status"]) == ("built", "succeeded")
    assert found.table("learned")[0]["name"] == "built/a"


def test_26_was_keeps_a_sequence_waiting() -> None:
    rule = 'orchestration o { on event deploy followed by event rollback within 1m; limit 9 per 1h overall; then { exec ["/bin/a"] } }\n'
    found = world(rule)
    happen(found, "deploy", item="p")
    found.at(30)
    found.load(said(rule.replace("orchestration o {", "orchestration other { was o;")))
    happen(found, "rollback", item="p")
    assert [row["rule"] for row in found.table("action")] == ["other"]


def test_26_was_keeps_what_stands_in_the_shadow() -> None:
    rule = watch("item.x > 5").replace("{ for", "{ shadow; for")
    found = world(rule)
    item(found, x=9.0)
    before = len(found.table("shadow_action"))
    found.load(said(rule.replace("detection d { ", "detection high { was d; ")))
    rows = found.table("shadow_action")
    assert len(rows) == before
    assert [(row["rule"], row["ended_at"]) for row in rows if row["kind"] == "fault"] == [("high", None)]


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
