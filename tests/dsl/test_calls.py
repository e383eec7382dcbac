"""What calls over members, time, events and series mean: text in, expressions out."""

from __future__ import annotations

from math import inf

import pytest

from dsl.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    During,
    Expression,
    Field,
    Foresight,
    Learned,
    Members,
    Occurrences,
    Template,
    Window,
)
from dsl.parts import Binding, Limit
from tests.dsl.checking import checked, program

_GROUND = """\
fact http {
    key   job, code
    field value: number, bytes: size, took: histogram
}
fact owner {
    key   job
    field name: text
}
event deploy { field agent: text, size: size, version: text }
calendar office { hours mon to fri 09:00 to 18:00 }
channel c { url "log:" }
let patience = 3m
workflow rebalance { step prices { exec ["bin/prices"] } }
probe requests { http get "http://127.0.0.1/"; every 20s; into http }
"""


def _rules(condition: str, binding: str, *more: str) -> str:
    clauses = (binding, "category agent", f"when {condition}", "notify c", *more)
    return _GROUND + "detection d {\n" + "".join(f"    {clause}\n" for clause in clauses) + "}\n"


def _meaning(condition: str, binding: str = "for each agent") -> Expression:
    return program(_rules(condition, binding), all_runs=True).detections[0].when.expression


def _left(condition: str, binding: str = "for each agent") -> Expression:
    """What is compared."""
    compared = _meaning(condition, binding)
    assert isinstance(compared, Compare)
    return compared.left


_NAME, _CPU, _CODE = Field("agent", ("name",)), Field("agent", ("cpu",)), Field("http", ("code",))

# --- members ----------------------------------------------------------------------------------------------------------


def test_members_shadow_what_is_bound_unless_they_have_another_name() -> None:
    same = Compare("==", Field("other", ("labels", "tier")), Field("agent", ("labels", "tier")))
    different = Compare("!=", Field("other", ("name",)), _NAME)
    condition = (
        "any(agent as other where other.labels.tier == agent.labels.tier and other.name != agent.name)"
    )
    assert _meaning(condition) == Aggregate("any", Members("agent", "other", And((same, different))))
    own = Compare("==", _NAME, _NAME)
    assert _meaning("no(agent where agent.name == agent.name)") == Aggregate(
        "no", Members("agent", "agent", own)
    )


def test_all_has_a_choice_and_a_condition() -> None:
    chosen = Compare(">", _CPU, Constant(0.5))
    paused = Field("agent", ("paused",))
    assert _meaning("all(agent where agent.cpu > 50% satisfy agent.paused)") == Aggregate(
        "all", Members("agent", "agent", chosen), paused
    )
    assert _meaning("all(agent satisfy agent.paused)") == Aggregate("all", Members("agent", "agent"), paused)


def test_counts_and_sums() -> None:
    assert _left("count(agent) > 3") == Aggregate("count", Members("agent", "agent"))
    memory = Field("agent", ("memory",))
    assert _left("sum(agent.memory) > 1GiB") == Aggregate("sum", Members("agent", "agent"), memory)
    code = Compare("==", _CODE, Constant("500"))
    value = Field("http", ("value",))
    assert _left('max(http.value where http.code == "500") > 3') == Aggregate(
        "max", Members("http", "http", code), value
    )


def test_a_type_that_is_not_bound_is_meant_before_one_that_is() -> None:
    value = Arithmetic("*", Field("http", ("value",)), _CPU)
    assert _left("sum(http.value * agent.cpu) > 3%") == Aggregate("sum", Members("http", "http"), value)


def test_a_window_on_each_member() -> None:
    window = Window("rate", Field("http", ("value",)), "http", 300.0)
    where = Compare("matches", _CODE, Constant("5.."))
    condition = "sum(rate(http.value over 5m) where http.code matches '5..') > 3 / 1s"
    assert _left(condition) == Aggregate("sum", Members("http", "http", where), window)


def test_answers_are_a_list_that_is_bound() -> None:
    rules = """\
        workflow w {
            step vote {
                for each agent
                http get "http://127.0.0.1/"
                pass when count(answers where answers.status == 200) >= 2
            }
        }
        """
    passes = program(rules, all_runs=True).workflows[0].steps[0].passes
    assert passes is not None
    where = Compare("==", Field("answers", ("status",)), Constant(200.0))
    count = Aggregate("count", Members("answers", "answers", where))
    assert passes.expression == Compare(">=", count, Constant(2.0))


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "window"),
    [
        ("avg(agent.cpu over 5m) > 3%", Window("avg", _CPU, "agent", 300.0)),
        ("max(agent.cpu over 50m ending 10m ago) > 3%", Window("max", _CPU, "agent", 3000.0, 600.0)),
        ("past(agent.cpu, 15m) > 3%", Window("past", _CPU, "agent", ending=900.0)),
        ("age(agent.cpu) > 3s", Window("age", _CPU, "agent")),
        ("quantile(99%, agent.cpu over 1h) > 3%", Window("quantile", _CPU, "agent", 3600.0, number=0.99)),
        ("quantile(0.5, agent.cpu over 1h) > 3%", Window("quantile", _CPU, "agent", 3600.0, number=0.5)),
    ],
)
def test_windows(condition: str, window: Window) -> None:
    assert _left(condition) == window


def test_a_window_may_be_over_what_is_calculated_from_one_fact() -> None:
    up = Compare("==", Field("agent", ("status",)), Constant("up"))
    assert _left('share(agent.status == "up" over 1d) > 99%') == Window("share", up, "agent", 86400.0)
    free = Arithmetic("/", Field("one", ("free",)), Field("one", ("total",)))
    found = _left("min(one.free / one.total over 1h) < 5%", "for each disk as one")
    assert found == Window("min", free, "one", 3600.0)


def test_durations_may_be_constants() -> None:
    found = _meaning("absent(agent.cpu over patience)", "for each agent")
    assert found == Window("absent", _CPU, "agent", 180.0)


def test_histograms_of_members_are_one() -> None:
    rate = Window("rate_of_histogram", Field("http", ("took",)), "http", 300.0)
    together = Aggregate("sum_of_histograms", Members("http", "http"), rate)
    found = _left("quantile(99%, sum(rate(http.took over 5m))) > 500ms")
    assert found == Call("quantile", (Constant(0.99), together))


# --- events and faults ------------------------------------------------------------------------------------------------


def test_events() -> None:
    own = Compare("==", Field("deploy", ("agent",)), _NAME)
    assert _left("count(event deploy where deploy.agent == agent.name over 2m) > 0") == Occurrences(
        "event", "deploy", "deploy", own, 120.0
    )
    other = Compare("==", Field("one", ("agent",)), _NAME)
    assert _left(
        "count(event deploy as one where one.agent == agent.name over 2m ending 1h ago) > 0"
    ) == Occurrences("event", "deploy", "one", other, 120.0, 3600.0)
    size = Field("deploy", ("size",))
    assert _left("sum(deploy.size where deploy.agent == agent.name over 1h) > 1GB") == Occurrences(
        "event", "deploy", "deploy", own, 3600.0, function="sum", value=size
    )


def test_faults() -> None:
    assert _left("count(fault d of agent over 1h) > 3") == Occurrences(
        "fault", "d", "fault", None, 3600.0, of="agent"
    )
    grave = Compare("==", Field("fault", ("severity",)), Constant("critical"))
    assert _left('count(fault where fault.severity == "critical" over 1h) > 3') == Occurrences(
        "fault", "", "fault", grave, 3600.0
    )
    assert _left('count(fault where fault.severity == "critical") > 3') == Aggregate(
        "count", Members("fault", "fault", grave)
    )


# --- foresight and the rest -------------------------------------------------------------------------------------------


def test_foresight() -> None:
    assert _left("forecast(agent.cpu after 6h over 3h) > 90%") == Foresight(
        "forecast", _CPU, "agent", 10800.0, 21600.0
    )
    assert _left("anomaly(agent.cpu over 1d) > 0.99") == Foresight("anomaly", _CPU, "agent", 86400.0)
    crossing = Foresight("time_until", _CPU, "agent", 21600.0, operator=">=", threshold=0.95)
    assert _left("time_until(agent.cpu >= 95% over 6h) < 12h") == crossing
    assert _left("time_until(95% <= agent.cpu over 6h) < 12h") == crossing
    assert _meaning("time_until(agent.cpu >= 95% over 6h) == never") == Compare("==", crossing, Constant(inf))


def test_calendars_instants_and_what_was_learned() -> None:
    assert _meaning("during(office)") == During("office")
    ago = Arithmetic("-", Call("now", ()), Constant(300.0))
    assert _meaning("agent.since < now - 5m") == Compare("<", Field("agent", ("since",)), ago)
    assert _left("learned.duration(rebalance/prices) > 3s") == Learned("duration", "rebalance/prices")
    rules = (
        _GROUND
        + "adaptation a {\n    of workflow rebalance\n    when learned.success(prices) < 80%\n    then { skip step prices }\n}\n"
    )
    found = checked(rules, all_runs=True)
    assert [one.code for one in found.findings if one.severity == "error"] == ["V421"]


def test_they_are_read_in_texts() -> None:
    rules = _rules(
        "agent.cpu > 90%", "for each agent", 'message "{count(agent)} of {avg(agent.cpu over 5m)}"'
    )
    found = program(rules, all_runs=True).detections[0].message
    assert found == Template(
        (Aggregate("count", Members("agent", "agent")), " of ", Window("avg", _CPU, "agent", 300.0)),
        ("number", "percent"),
    )


# --- groups and joins -------------------------------------------------------------------------------------------------


def test_a_group() -> None:
    condition = "sum(http.value) > 3 and any(http as one where one.code == http.job) and count(owner) > 0"
    found = program(_rules(condition, "for each http by job where http.bytes > 1GB"), all_runs=True)
    (rule,) = found.detections
    large = Compare(">", Field("http", ("bytes",)), Constant(1e9))
    assert rule.binding == Binding("http", "http", large, by=("job",))
    assert isinstance(rule.when.expression, And)
    total, other, count = rule.when.expression.operands
    members = Members("http", "http", of_group=True)
    assert total == Compare(">", Aggregate("sum", members, Field("http", ("value",))), Constant(3.0))
    where = Compare("==", Field("one", ("code",)), Field("http", ("job",)))
    assert other == Aggregate("any", Members("http", "one", where, of_group=True))
    assert count == Compare(">", Aggregate("count", Members("owner", "owner")), Constant(0.0))
    assert rule.settle == 20.0


def test_a_member_of_a_map_makes_groups_too() -> None:
    rules = (
        _GROUND
        + """\
detection d {
    for each agent by labels.tier
    category agent
    when count(agent where agent.status == "up") < 2
    message "{agent.labels.tier}"
    notify c
}
agent web { unit process ["web"]; labels tier: "front" }
recovery r { on fault d; try t { exec ["bin/x", agent.labels.tier]; affects agent.status }; limit 1 per 1h by agent.labels.tier }
"""
    )
    found = program(rules, all_runs=True)
    assert found.detections[0].binding == Binding("agent", "agent", by=("labels.tier",))
    assert found.recoveries[0].limits == (Limit(1, 3600.0, ("agent", "labels", "tier")),)


def test_a_join() -> None:
    rules = _rules(
        "http.value > 3 and one.name != http.job",
        'for each http, owner as one matching job where one.name != "x"',
    )
    (rule,) = program(rules, all_runs=True).detections
    where = Compare("!=", Field("one", ("name",)), Constant("x"))
    assert rule.binding == Binding("http", "http", where, joined=(("owner", "one"),), matching=("job",))


def test_recoveries_bind_all_that_is_joined_by_the_names_of_types() -> None:
    rules = _rules("http.value > 3", "for each http as h, owner as o matching job").replace(
        "http.value", "h.value"
    )
    rules += 'recovery r { on fault d; try t { exec ["bin/x", owner.name, http.code]; affects http.value }; limit 1 per 1h by owner }\n'
    (rule,) = program(rules, all_runs=True).recoveries
    assert rule.limits == (Limit(1, 3600.0, ("owner",)),)


@pytest.mark.parametrize(
    ("condition", "seconds"),
    [
        ("sum(http.value) > 3", 20.0),
        ("any(http as one where one.value > 3)", 20.0),
        ("count(event deploy where deploy.agent == agent.name over 1h) > 3", 0.0),
        ("max(host.cpu over 5m) > 3%", 5.0),
    ],
)
def test_settling_sees_what_is_read_inside(condition: str, seconds: float) -> None:
    assert program(_rules(condition, "for each agent"), all_runs=True).detections[0].settle == seconds
