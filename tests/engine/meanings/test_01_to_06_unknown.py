"""Unknown is not false: meanings 1 to 6 of the language."""

from __future__ import annotations

from math import inf, nan

import pytest

from tests.engine.meanings.saying import happen, item, outcomes, subjects, watch, world


def test_01_a_value_stands_until_it_is_stale() -> None:
    found = world(watch("item.x > 5"))
    item(found, x=9.0, fresh_for=15.0)
    found.at(15)
    assert found.fault("d")["unconfirmed"] is False
    found.at(17)
    assert found.fault("d")["unconfirmed"] is True
    assert outcomes(found) == [None]


def test_01_a_value_without_an_end_stands_for_ever() -> None:
    found = world(watch("item.x > 5 for 1h"))
    item(found, x=9.0)
    found.at(3700)
    assert subjects(found) == {"p"}


def test_01_what_went_stale_is_known_again_with_the_next_sample() -> None:
    found = world(watch("item.x > 5"))
    item(found, x=9.0, fresh_for=5.0)
    found.at(20)
    item(found, x=8.0, fresh_for=5.0)
    assert found.fault("d")["unconfirmed"] is False


@pytest.mark.parametrize(("on", "raised"), [(True, False), (False, True), (None, True)])
def test_02_unless_blocks_only_when_it_is_true(on: bool | None, raised: bool) -> None:
    found = world(watch("item.x > 5", unless="item.on"))
    item(found, on=on, x=9.0)
    assert bool(subjects(found)) is raised


@pytest.mark.parametrize(("on", "raised"), [(True, True), (False, False), (None, False)])
def test_02_only_if_needs_it_true(on: bool | None, raised: bool) -> None:
    found = world(watch("item.x > 5", only_if="item.on"))
    item(found, on=on, x=9.0)
    assert bool(subjects(found)) is raised


@pytest.mark.parametrize(("on", "raised"), [(True, False), (False, True), (None, True)])
def test_02_unless_blocks_a_moment_too(on: bool | None, raised: bool) -> None:
    rule = "on event deploy where deploy.item == item.name; unless item.on"
    found = world(
        f"detection d {{ for each item; severity error; category agent; {rule}; until item.x < 0; notify c }}\n"
    )
    item(found, on=on, x=9.0)
    happen(found, "deploy", item="p")
    assert len(found.faults()) == raised


@pytest.mark.parametrize(("on", "acts"), [(True, True), (False, False), (None, False)])
def test_02_only_if_of_a_recovery(on: bool | None, acts: bool) -> None:
    found = world(watch("item.x > 5") + _recovery("only if item.on"))
    item(found, on=on, x=9.0)
    found.at(10)
    assert bool(found.did("exec")) is acts


@pytest.mark.parametrize(("on", "acts"), [(True, False), (False, True), (None, True)])
def test_02_unless_of_a_recovery(on: bool | None, acts: bool) -> None:
    found = world(watch("item.x > 5") + _recovery("unless item.on"))
    item(found, on=on, x=9.0)
    found.at(10)
    assert bool(found.did("exec")) is acts


def test_02_a_recovery_whose_guard_becomes_true_acts_then() -> None:
    found = world(watch("item.x > 5") + _recovery("only if item.on"))
    item(found, on=False, x=9.0)
    found.at(10)
    item(found, on=True)
    found.at(11)
    assert len(found.did("exec")) == 1


def test_02_a_guard_that_time_makes_true_lets_a_recovery_act() -> None:
    found = world(watch("item.x > 5") + _recovery("only if since(item.since) > 60s"))
    item(found, since=1.0, x=9.0)
    found.at(50)
    assert not found.did("exec")
    found.at(70)
    assert len(found.did("exec")) == 1


@pytest.mark.parametrize("guard", ["fault.subject", "item.name"])
def test_02_a_guard_of_a_recovery_counts_events_of_its_subject(guard: str) -> None:
    text = f"only if count(event deploy where deploy.item == {guard} over 1m) == 0"
    found = world(watch("item.x > 5") + _recovery(text))
    for name in "pq":
        item(found, name, x=0.0)
    happen(found, "deploy", item="p")
    for name in "pq":
        item(found, name, x=9.0)
    found.at(10)
    assert len(found.did("exec")) == 1


def test_02_the_guard_of_a_moment_looks_at_members() -> None:
    text = "on event deploy; only if any(item where item.name == deploy.item and item.x > deploy.size)"
    found = world(f'orchestration o {{ {text}; limit 9 per 1h overall; then {{ exec ["true"] }} }}\n')
    item(found, "p", x=5.0)
    for size in (9.0, 1.0):
        happen(found, "deploy", item="p", size=size)
    happen(found, "deploy", item="q", size=1.0)
    assert len(found.did("exec")) == 1


def test_03_unknown_resets_a_pending_hold() -> None:
    found = world(watch("item.x > 5 for 10s"))
    item(found, x=9.0)
    found.at(8)
    item(found, x=None)
    item(found, x=9.0)
    found.at(17)
    assert subjects(found) == set()
    found.at(18)
    assert subjects(found) == {"p"}


def test_03_unknown_keeps_an_open_fault_and_makes_no_attempt() -> None:
    found = world(watch("item.x > 5") + _recovery("only if not item.on"))
    item(found, x=9.0, on=True)
    item(found, x=None)
    item(found, on=False)
    found.at(100)
    assert found.fault("d")["unconfirmed"] is True
    assert outcomes(found) == [None]
    assert not found.did("exec")
    item(found, x=9.0)
    found.at(101)
    assert len(found.did("exec")) == 1


def test_03_unknown_never_clears_a_fault() -> None:
    found = world(watch("item.x > 5", until="item.x < 3 for 5s"))
    item(found, x=9.0)
    item(found, x=1.0)
    found.at(4)
    item(found, x=None)
    found.at(60)
    assert outcomes(found) == [None]
    item(found, x=1.0)
    found.at(64)
    assert outcomes(found) == [None]
    found.at(66)
    assert outcomes(found) == ["cleared"]


def test_03_a_tier_with_a_hold_is_not_cleared_by_the_unknown_either() -> None:
    rule = "detection d { for each item; category agent; severity error when item.x > 5 for 10s; notify c }\n"
    found = world(rule)
    item(found, x=9.0)
    found.at(12)
    item(found, x=None)
    found.at(20)
    item(found, x=9.0)
    found.at(60)
    assert outcomes(found) == [None]
    assert found.fault("d")["unconfirmed"] is False
    item(found, x=1.0)
    found.at(80)
    assert outcomes(found) == ["cleared"]


def test_03_the_unknown_resets_the_pending_hold_of_a_tier() -> None:
    rule = "detection d { for each item; category agent; severity error when item.x > 5 for 10s; notify c }\n"
    found = world(rule)
    item(found, x=9.0)
    found.at(8)
    item(found, x=None)
    item(found, x=9.0)
    found.at(17)
    assert subjects(found) == set()
    found.at(19)
    assert subjects(found) == {"p"}


def test_03_unknown_verifies_no_recovery() -> None:
    found = world(watch("item.x > 5") + _recovery(""))
    item(found, x=9.0)
    found.at(3)
    item(found, x=None)
    found.at(300)
    assert [row["outcome"] for row in found.table("attempt")][:1] == ["failed"]


def test_04_a_member_that_is_withdrawn_counts_no_more() -> None:
    found = world(watch("count(item where item.on) >= 2", each=""))
    found.report("host", "host", name="host", cpu=0.1)
    for name in "pq":
        item(found, name, on=True)
    assert subjects(found) == {"host"}
    found.withdraw("item", "q")
    found.at(10)
    assert subjects(found) == set()


def test_04_a_member_of_which_nothing_is_known_leaves_the_count_unknown() -> None:
    found = world(watch("count(item where item.on) >= 2", each=""))
    found.report("host", "host", name="host", cpu=0.1)
    for name in "pq":
        item(found, name, on=True, fresh_for=5.0 if name == "q" else None)
    found.at(30)
    assert found.fault("d")["unconfirmed"] is True
    assert outcomes(found) == [None]


def test_04_a_withdrawn_subject_closes_its_fault_as_withdrawn() -> None:
    found = world(watch("item.x > 5"))
    item(found, x=9.0)
    found.withdraw("item", "p")
    assert outcomes(found) == ["withdrawn"]


@pytest.mark.parametrize(
    ("condition", "raised"),
    [
        ("count(item where item.on) >= 1", True),
        ("count(item where item.on) >= 3", False),
        ("count(item where item.on) >= 2", False),  # one or two: unknown
        ("not count(item where item.on) >= 2", False),
        ("not count(item where item.on) >= 3", True),
        ("count(item where item.on) < 3", True),
        ("3 > count(item where item.on)", True),
        ("count(item where item.on) != 4", True),
        ("count(item where item.on) == 1", False),
        ("sum(item.x) == 3", True),  # of p and q; r is not known
        ("avg(item.x) == 1.5", True),
        ("avg(item.x where item.tier == 'a') > 0", False),  # known of fewer than half
        ("not avg(item.x where item.tier == 'a') > 0", False),
        ("count(item where item.name == 'z') == 0", True),
        ("sum(item.x where item.name == 'z') == 0", True),
        ("any(item where item.name == 'z')", False),
        ("not any(item where item.name == 'z')", True),
        ("all(item where item.name == 'z' satisfy item.on)", True),
        ("no(item where item.name == 'z')", True),
        ("known(avg(item.x where item.name == 'z'))", False),
        ("known(min(item.x where item.name == 'z')) or known(max(item.x where item.name == 'z'))", False),
        ("known(sum(item.x where item.name == 'z'))", True),
    ],
)
def test_05_counts_are_decided_by_their_bounds_and_the_rest_by_what_is_known(
    condition: str, raised: bool
) -> None:
    found = world(watch(condition, each=""))
    item(found, "p", on=True, x=1.0, tier="b")
    item(found, "q", on=False, x=2.0, tier="b")
    item(found, "r", on=None, x=None, tier="a")
    found.report("host", "host", name="host", cpu=0.1)
    assert bool(subjects(found)) is raised


@pytest.mark.parametrize("x", [nan, inf, None, "text", [1.0], True])
@pytest.mark.parametrize("condition", ["item.x > 5", "not item.x > 5", "10 / item.x > 1", "item.x + 1 <= 5"])
def test_06_a_wrong_value_is_unknown(condition: str, x: object) -> None:
    found = world(watch(condition))
    item(found, x=x)
    assert subjects(found) == set()


def test_06_division_by_zero_is_unknown() -> None:
    found = world(watch("1 / item.x > 5 or not 1 / item.x > 5"))
    item(found, x=0.0)
    assert subjects(found) == set()
    item(found, x=0.1)
    assert subjects(found) == {"p"}


def test_06_a_wrong_value_in_a_window_and_among_members() -> None:
    found = world(watch("max(item.x over 1m) > 5 or sum(item.x) > 100 or max(item.x) > 5"))
    found.report("host", "host", name="host", cpu=0.1)
    for value in ("text", nan, inf, None, {"a": 1.0}):
        item(found, x=value)
        found.at(found.now + 1)
    assert subjects(found) == set()


def _recovery(guard: str) -> str:
    step = 'try run { exec ["true"]; verify within 30s }'
    return f"recovery r {{ on fault d; {guard}; {step}; limit 9 per 1h overall }}\n"
