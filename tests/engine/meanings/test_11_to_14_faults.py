"""Faults: meanings 11 to 14 of the language."""

from __future__ import annotations

import pytest

from tests.engine.meanings.saying import happen, item, outcomes, said, subjects, told, watch, world

PROBE = 'probe items { http get "http://127.0.0.1:1/items"; every 5s; into item from reply.body }\n'
JOIN = "for each item, other matching tier"
GROUP = "for each item by tier"
SUM = "sum(item.x) > 5"


def test_11_one_fault_for_each_detection_and_subject() -> None:
    found = world(watch("item.x > 5") + watch("item.x > 7").replace("detection d", "detection e"))
    for name, x in (("p", 9.0), ("q", 6.0), ("p", 8.0)):
        item(found, name, x=x)
    assert found.open_faults() == {("d", "p"), ("d", "q"), ("e", "p")}
    assert len(found.faults()) == 3


def test_11_the_subject_of_a_join_is_the_tuple_of_the_keys() -> None:
    found = world(watch("item.x > other.y", each=JOIN))
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=1.0)
    found.report("other", "z", id="z", tier="b", y=1.0)
    assert subjects(found) == {"p, o"}


@pytest.mark.parametrize(("probe", "patience"), [("", 0.0), (PROBE, 5.0)])
def test_11_without_until_it_is_open_for_one_more_interval(probe: str, patience: float) -> None:
    found = world(probe + watch("item.x > 5"))
    item(found, x=9.0)
    item(found, x=1.0)
    ended = found.now + patience
    found.at(ended - 0.1)
    assert bool(subjects(found)) is (patience > 0)
    found.at(ended)
    assert outcomes(found) == ["cleared"]


def test_11_until_is_what_ends_it() -> None:
    found = world(PROBE + watch("item.x > 5", until="item.x < 3 for 10s"))
    item(found, x=9.0)
    item(found, x=4.0)
    found.at(100)
    assert outcomes(found) == [None]
    item(found, x=2.0)
    found.at(109)
    assert outcomes(found) == [None]
    found.at(110)
    assert outcomes(found) == ["cleared"]


def test_11_unless_suppresses_it() -> None:
    found = world(watch("item.x > 5", unless="item.on"))
    item(found, x=9.0, on=False)
    item(found, on=True)
    assert outcomes(found) == ["suppressed"]


def test_11_it_is_withdrawn_with_its_rule() -> None:
    found = world(watch("item.x > 5"))
    item(found, x=9.0)
    found.load(said(watch("item.x > 5").replace("detection d", "detection other_name")))
    assert outcomes(found) == ["withdrawn"]


def test_11_it_is_withdrawn_when_its_subject_is_no_longer_among_those_that_are_meant() -> None:
    found = world(watch("item.x > 5", each='for each item where item.tier == "a"'))
    item(found, x=9.0, tier="a")
    item(found, tier="b")
    assert outcomes(found) == ["withdrawn"]


@pytest.mark.parametrize("how", ["withdrawn", "other tier", "tier unknown", "tier stale"])
def test_11_a_group_that_goes_away_takes_its_fault_along(how: str) -> None:
    found = world(watch(SUM, each=GROUP))
    item(found, tier="a", fresh_for=10.0)
    item(found, x=9.0)
    assert subjects(found) == {"a"}
    match how:
        case "withdrawn":
            found.withdraw("item", "p")
        case "other tier":
            item(found, tier="b")
        case "tier unknown":
            item(found, tier=None)
        case _:
            found.at(30)
    assert outcomes(found)[0] == "withdrawn"
    assert subjects(found) == ({"b"} if how == "other tier" else set())


@pytest.mark.parametrize("part", ["item", "other"])
def test_11_a_join_that_goes_away_takes_its_fault_along(part: str) -> None:
    found = world(watch("item.x > other.y", each=JOIN))
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=1.0)
    found.withdraw(part, "p" if part == "item" else "o")
    assert outcomes(found) == ["withdrawn"]


def test_11_values_of_a_join_that_go_stale_leave_its_fault_unconfirmed() -> None:
    found = world(watch("item.x > other.y", each=JOIN))
    item(found, tier="a")
    item(found, x=9.0, fresh_for=10.0)
    found.report("other", "o", id="o", tier="a", y=1.0)
    found.at(30)
    assert found.fault("d")["unconfirmed"] is True
    assert outcomes(found) == [None]


def test_11_values_of_a_group_that_go_stale_leave_its_fault_unconfirmed() -> None:
    found = world(watch(SUM, each=GROUP))
    for name in "pq":
        item(found, name, tier="a")
        item(found, name, x=9.0, fresh_for=10.0)
    found.at(30)
    assert found.fault("d")["unconfirmed"] is True
    assert outcomes(found) == [None]


DERIVED = "derive sick { for each item where item.x > 5; field level = item.x * 2 }\n"


def test_11_a_derived_fact_goes_with_its_ground_and_takes_its_fault_along() -> None:
    found = world(DERIVED + watch("sick.level > 12", each="for each sick"))
    item(found, x=9.0)
    item(found, "q", x=7.0)
    assert subjects(found) == {"p", "q"}
    item(found, x=1.0)
    found.withdraw("item", "q")
    assert outcomes(found) == ["withdrawn", "withdrawn"]


def test_11_what_rests_on_a_derived_fact_of_a_derived_fact_goes_too() -> None:
    second = "derive dead { for each sick where sick.level > 12; field worse = sick.level }\n"
    found = world(DERIVED + second + watch("count(dead) >= 1", each=""))
    found.report("host", "host", name="host", cpu=0.1)
    item(found, x=9.0)
    assert subjects(found) == {"host"}
    found.withdraw("item", "p")
    assert subjects(found) == set()


def test_11_derived_facts_follow_a_changed_text_twice() -> None:
    rule = watch("sick.level > 12", each="for each sick")
    found = world(DERIVED + rule)
    item(found, x=9.0)
    first = found.fault("d")["id"]
    found.load(said(DERIVED.replace("* 2", "* 3") + rule))
    assert subjects(found) == {"p"}
    assert found.fault("d")["id"] == first
    found.load(said(DERIVED.replace("* 2", "* 1") + rule))
    assert outcomes(found) == ["cleared"]
    found.load(said(DERIVED.replace("> 5", "> 10") + rule))
    assert outcomes(found) == ["cleared"]
    item(found, x=13.0)
    assert subjects(found) == {"p"}
    found.load(said(rule.replace("sick.level > 12", "item.x > 5").replace("each sick", "each item")))
    assert outcomes(found) == ["cleared", "withdrawn", None]


def test_11_a_group_and_a_join_are_withdrawn_with_the_rules_that_ask_for_them() -> None:
    found = world(
        watch(SUM, each=GROUP) + watch("item.x > other.y", each=JOIN).replace("detection d", "detection e")
    )
    item(found, x=9.0, tier="a")
    found.report("other", "o", id="o", tier="a", y=1.0)
    assert len(found.open_faults()) == 2
    found.load(
        said("detection z { for each item; severity error; category agent; when item.x > 99; notify c }\n")
    )
    assert {row["outcome"] for row in found.faults()} == {"withdrawn"}
    assert "item by tier" not in {kind for kind, facts in found.engine.memory.types.items() if facts}


AGENT = 'agent a { health http "http://127.0.0.1:1/h" { every 5s }; labels tier: "x" }\n'
AGENTS = AGENT + AGENT.replace("agent a", "agent b").replace(":1/", ":2/")


def test_11_an_agent_that_is_withdrawn_is_no_member_any_more() -> None:
    rules = watch('count(agent where agent.status == "down") >= 1', each="for each agent by labels.tier")
    found = world(AGENTS + rules)
    for name in "ab":
        found.report("agent", name, status="down", labels={"tier": "x"})
    found.at(60)
    assert subjects(found) == {"x"}
    found.load(said(AGENT + rules))
    found.status("a", "up")
    found.at(120)
    assert subjects(found) == set()


TIERS = """detection d {
    for each item; category agent
    severity warning  when item.x > 5
    severity critical when item.x > 8 for 10s
    notify c
}
"""


def test_12_tiers_are_one_fault_that_rises_and_falls() -> None:
    found = world(TIERS)
    item(found, x=6.0)
    assert found.fault("d")["severity"] == "warning"
    item(found, x=9.0)
    found.at(found.now + 9)
    assert found.fault("d")["severity"] == "warning"
    found.at(found.now + 2)
    assert found.fault("d")["severity"] == "critical"
    item(found, x=7.0)
    assert found.fault("d")["severity"] == "warning"
    item(found, x=1.0)
    assert outcomes(found) == ["cleared"]


def test_12_an_unknown_value_leaves_the_severity_as_it_was() -> None:
    found = world(TIERS)
    item(found, x=9.0)
    found.at(20)
    item(found, x=None)
    found.at(30)
    assert found.fault("d")["severity"] == "critical"
    item(found, x=9.0)
    found.at(31)
    assert found.fault("d")["severity"] == "critical"


NEEDS = """agent root { health tcp "127.0.0.1:1" { every 5s } }
agent leaf { health tcp "127.0.0.1:2" { every 5s }; needs root }
detection down { for each agent; severity SEVERITY; category agent; when agent.status == "down"; notify c }
recovery r { on fault down; try restart { restart agent; verify within 20s }; limit 2 per 1h by agent }
"""


def _failed_need(severity: str = "error") -> list[tuple[float, str, str | None]]:
    rules = NEEDS.replace("SEVERITY", severity)
    found = world(rules, restart=_never())
    for name in ("root", "leaf"):
        found.status(name, "up")
    for name in ("root", "leaf"):
        found.status(name, "down")
    found.at(15)
    assert found.open_faults() == {("down", "root"), ("down", "leaf")}
    return found.did()


def _never() -> object:
    from tests.engine.work.work_world import Goes

    return Goes(None)


def test_13_a_failed_need_inhibits_notices_and_recoveries_and_the_fault_is_still_raised() -> None:
    done = _failed_need()
    assert [target for _, kind, target in done if kind == "restart"] == ["root"]
    assert len([kind for _, kind, _ in done if kind == "notify"]) == 1


def test_13_a_need_that_is_less_severe_inhibits_nothing() -> None:
    rules = NEEDS.replace("SEVERITY", 'warning; unless agent.name == "leaf"') + """
detection leaf_down { for each agent where agent.name == "leaf"; severity critical; category agent; when agent.status == "down"; notify c }
"""  # fmt: skip
    found = world(rules, restart=_never())
    for name in ("root", "leaf"):
        found.status(name, "up")
    for name in ("root", "leaf"):
        found.status(name, "down")
    found.at(15)
    assert len(told(found)) == 2


def test_13_inhibited_by_another_fault() -> None:
    cause = "detection cause { for each item; severity error; category agent; when item.on; notify d }\n"
    rule = watch("item.x > 5", inhibited_by="fault cause where fault.subject == item.name")
    found = world(cause + rule)
    for name in "pq":
        item(found, name, on=name == "p", x=0.0)
        item(found, name, x=9.0)
    found.at(10)
    assert subjects(found) == {"p", "q"}
    assert [channel for _, channel in told(found)] == ["d", "c"]


MAINTENANCE = "maintenance m { every day at 00:10 lasting 10m; covers item }\n"


def test_14_in_maintenance_it_is_detected_and_nobody_is_told_before_its_end() -> None:
    recovery = (
        'recovery r { on fault d; try run { exec ["true"]; verify within 30s }; limit 9 per 1h overall }\n'
    )
    found = world(MAINTENANCE + watch("item.x > 5") + recovery)
    found.at(601)
    item(found, x=9.0)
    found.at(1199)
    assert subjects(found) == {"p"}
    assert found.did() == []
    found.at(1201)
    assert sorted({kind for _, kind, _ in found.did()}) == ["exec", "notify"]


def test_a_fault_in_the_state_of_an_event_counts_and_is_forgotten() -> None:
    found = world(watch("count(event deploy where deploy.item == item.name over 1m) >= 2"))
    item(found, x=1.0)
    for _ in range(2):
        happen(found, "deploy", item="p")
    assert subjects(found) == {"p"}
    found.at(120)
    assert outcomes(found) == ["cleared"]


def test_11_a_pair_of_a_thing_with_itself_stays_when_the_thing_matches_by_another_value() -> None:
    found = world(watch('a.x > 5 or a.tier == "a"', each="for each item as a, item as b matching tier"))
    item(found, x=1.0, tier="a")
    assert subjects(found) == {"p, p"}
    item(found, x=None, tier="b")
    assert outcomes(found) == [None]
    assert found.fault("d")["unconfirmed"] is True
    item(found, tier=None)
    assert outcomes(found) == ["withdrawn"]
