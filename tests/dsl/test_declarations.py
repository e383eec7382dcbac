"""Events, derived facts, calendars, alerts, and facts of scraped series: text in, program out."""

from __future__ import annotations

import pytest

from dsl.expressions import Arithmetic, Compare, Constant, Field
from dsl.parts import Happening
from dsl.program import (
    Alert,
    Binding,
    Calendar,
    Derive,
    EventType,
    FactField,
    FactType,
    Hours,
    Moment,
    Program,
)
from dsl.routing import AlertStep
from tests.dsl.checking import checked
from tests.dsl.checking import program as checked_program

_GROUND = """\
channel oncall { url "log:" }
channel boss { url "log:" }
event deploy "A new version" { field agent: text, version: text, size: size }
event rollback { field agent: text }
agent api { labels tier: "web" }
detection down { for each agent; category agent; when agent.status == "down" }
recovery revive {
    on fault down
    try restart { restart agent; verify within 1m }
    limit 3 per 1h by agent
}
"""


def _program(text: str) -> Program:
    return checked_program(_GROUND + text, all_runs=True)


def test_events() -> None:
    deploy, rollback = _program("").events
    fields = (FactField("agent", "text"), FactField("version", "text"), FactField("size", "size"))
    assert deploy == EventType("deploy", "A new version", fields)
    assert rollback == EventType("rollback", "", (FactField("agent", "text"),))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("event deploy", Moment("event", first=Happening("deploy", "deploy"))),
        (
            'event deploy as d where d.agent == "api"',
            Moment(
                "event",
                first=Happening("deploy", "d", Compare("==", Field("d", ("agent",)), Constant("api"))),
            ),
        ),
        (
            "event deploy followed by event rollback where rollback.agent == deploy.agent within 10s",
            Moment(
                "event",
                first=Happening("deploy", "deploy"),
                then=Happening(
                    "rollback",
                    "rollback",
                    Compare("==", Field("rollback", ("agent",)), Field("deploy", ("agent",))),
                ),
                within=10.0,
            ),
        ),
        (
            "event deploy not followed by event deploy as second within 1h",
            Moment(
                "event",
                first=Happening("deploy", "deploy"),
                then=Happening("deploy", "second"),
                followed=False,
                within=3600.0,
            ),
        ),
    ],
)
def test_moments_of_events(written: str, expected: Moment) -> None:
    rule = f'orchestration o {{ on {written}; then {{ log "{{deploy.version}}" }} }}'
    if " as d " in written:
        rule = rule.replace("{deploy.version}", "{d.version}")
    assert _program(rule).orchestrations[0].on == expected


def test_calendars() -> None:
    (found,) = _program("""\
calendar office {
    hours mon to fri 09:00 to 18:00
    hours sat, sun 22:00 to 02:00
    hours fri to mon
    hours 12:00 to 13:00
    timezone "Europe/London"
    without "2026-12-26", "2026-12-25"
}
""").calendars
    nine, six, noon = 9 * 3600.0, 18 * 3600.0, 12 * 3600.0
    assert found == Calendar(
        "office",
        (
            Hours((0, 1, 2, 3, 4), nine, six),
            Hours((5, 6), 22 * 3600.0, 2 * 3600.0),
            Hours((0, 4, 5, 6), 0.0, 86400.0),
            Hours((), noon, noon + 3600.0),
        ),
        "Europe/London",
        ("2026-12-25", "2026-12-26"),
    )


def test_derived_facts_stand_after_those_they_read() -> None:
    found = _program("""\
derive worst {
    for each pressure where pressure.share > 50%
    field late = pressure.left / 2
}
derive pressure "How full it is" {
    for each disk
    field share = disk.usage + 5%
    field left: size = disk.total - disk.free
    owner "ops"
}
""")
    pressure, worst = found.derives
    assert (pressure.head.name, pressure.head.owner, worst.head.name) == ("pressure", "ops", "worst")
    assert isinstance(pressure, Derive)
    assert pressure.binding == Binding("disk", "disk")
    assert dict(pressure.fields)["left"] == Arithmetic(
        "-", Field("disk", ("total",)), Field("disk", ("free",))
    )
    fields = (FactField("share", "percent"), FactField("left", "size"))
    kind = FactType("pressure", "How full it is", (FactField("mount", "text"),), fields)
    assert found.fact_types["pressure"] == kind
    assert found.fact_types["worst"].fields == (FactField("late", "size"),)


def test_a_derived_fact_of_the_host() -> None:
    found = _program("derive load { field of_one = host.load / 4 }")
    assert found.derives[0].binding == Binding("host", "host")
    assert found.fact_types["load"].keys == (FactField("name", "text"),)


def test_a_circle_of_derived_facts() -> None:
    findings = checked(
        _GROUND + "derive a { for each b; field x = b.y }\nderive b { for each a; field y = a.x }\n"
        "derive c { for each disk; field c = disk.usage }\n",
        all_runs=True,
    ).findings
    assert [(one.code, one.message) for one in findings] == [
        ("V211", "facts are derived from each other in a circle: a reads b reads a")
    ]


def test_alerts() -> None:
    (found,) = _program("""\
alert night "At night" {
    on fault down where fault.severity >= "warning"
    only if host.cpu < 90%
    unless host.load > 20 for 1m
    group by fault.category, agent.labels.tier within 30s
    then notify boss "still {fault.name}" after 15m unacknowledged repeat every 2h until acknowledged
    notify oncall repeat every 30m until acknowledged
    cleared notify oncall, boss
    was day
}
""").alerts
    assert isinstance(found, Alert)
    assert (found.head.title, found.head.was, found.detections) == ("At night", "day", ("down",))
    assert found.where == Compare(
        ">=",
        Field("fault", ("severity",)),
        Constant("warning"),
        ("info", "warning", "error", "critical"),
    )
    assert found.group_by == (("fault", "category"), ("agent", "labels", "tier"))
    assert found.within == 30.0
    first, then = found.steps
    assert first == AlertStep("oncall", None, 0.0, 1800.0)
    assert (then.channel, then.after, then.repeat) == ("boss", 900.0, 7200.0)
    assert found.cleared == ("oncall", "boss")
    assert found.only_if is not None
    assert found.unless is not None
    assert found.unless.hold == 60.0


def test_facts_of_scraped_series() -> None:
    found = _program("""\
probe node { prometheus "http://127.0.0.1:9100/metrics" { every 15s } }
fact filesystem "Mounted" from prometheus node {
    key instance, mountpoint
    field free: size = node_filesystem_avail_bytes
    field up: number
}
""")
    kind = found.fact_types["filesystem"]
    assert (kind.series_of, kind.title) == ("node", "Mounted")
    assert kind.keys == (FactField("instance", "text"), FactField("mountpoint", "text"))
    computed = Field("item", ("node_filesystem_avail_bytes",))
    assert kind.fields == (FactField("free", "size", (), computed), FactField("up", "number"))
