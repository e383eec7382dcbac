"""What comes out: the program that the engine runs."""

from __future__ import annotations

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    ListOf,
    MapOf,
    Not,
    Or,
    Template,
)
from dsl.program import (
    ActionBehaves,
    Check,
    Condition,
    Cooldown,
    ExpectAction,
    ExpectCount,
    ExpectFault,
    ExpectRecovery,
    Keep,
    Limit,
    LoseFact,
    Notice,
    Selector,
    SetFact,
    Unit,
    Verify,
)
from dsl.source import Source
from tests.dsl.checking import checked, program

_SWARM = """\
    let page_after = 3m
    channel oncall { url secret("env:ONCALL") }
    agent database { unit process ["db"]; health tcp "127.0.0.1:5432" { every 10s } }
    agent realtime "Streams prices" {
        unit process ["python", "-m", "realtime"] { directory "/srv"; environment PORT: "8026" }
        starts within 40s
        health http "http://127.0.0.1:8026/health" {
            timeout 2s
            expect  reply.status == 200 and reply.body.status == "healthy"
        }
        needs  database
        labels tier: "trading", weight: 2
        action reconnect(stream: text) {
            http    post "http://127.0.0.1:8026/connect" { body symbol: stream; header "X-By": "volexd" }
            affects stream.connected
        }
    }
    fact stream "One stream" {
        key   name: text
        field connected: flag, last_update: time, mode: one of ["live", "replay"]
        field remaining: duration = remaining_hours * 1h
    }
    probe streams {
        http  get "http://127.0.0.1:8026/streams"
        every 20s
        into  stream from reply.body.items[0].list
    }
"""


def _condition(text: str, binding: str = "for each agent") -> Expression:
    rules = f"""\
        channel c {{ url "log:" }}
        detection d {{
            {binding}
            category agent
            when {text}
            notify c
        }}
        """
    return program(rules).detections[0].when.expression


# --- what is watched ------------------------------------------------------------------------------------------------------


def test_agents() -> None:
    database, realtime = program(_SWARM).agents
    assert database.health == Check("tcp", (("address", Constant("127.0.0.1:5432")),), 10.0, 5.0)
    assert (database.starts_within, database.needs, database.ready) == (10.0, (), None)
    assert realtime.title == "Streams prices"
    assert realtime.unit == Unit(
        "process",
        (
            ("command", Constant(("python", "-m", "realtime"))),
            ("directory", Constant("/srv")),
            ("environment", MapOf((("PORT", Constant("8026")),))),
        ),
    )
    assert realtime.health == Check(
        "http",
        (("url", Constant("http://127.0.0.1:8026/health")),),
        5.0,
        2.0,
        And(
            (
                Compare("==", Field("reply", ("status",)), Constant(200.0)),
                Compare("==", Field("reply", ("body", "status")), Constant("healthy")),
            )
        ),
    )
    assert (realtime.starts_within, realtime.needs) == (40.0, ("database",))
    assert realtime.labels == (("tier", "trading"), ("weight", 2.0))
    assert realtime.limits == ()


def test_an_agents_own_action() -> None:
    (own,) = program(_SWARM).agents[1].actions
    assert (own.name, own.parameters, own.affects) == (
        "reconnect",
        (("stream", "text"),),
        ("stream.connected",),
    )
    (action,) = own.actions
    assert action.kind == "http"
    assert dict(action.arguments) == {
        "method": Constant("post"),
        "url": Constant("http://127.0.0.1:8026/connect"),
        "body": MapOf((("symbol", Field("stream", ())),)),
        "headers": MapOf((("X-By", Constant("volexd")),)),
    }
    assert action.affects == ("stream.connected",)


def test_facts_and_probes() -> None:
    found = program(_SWARM)
    stream = found.fact_types["stream"]
    assert [key.name for key in stream.keys] == ["name"]
    assert [(one.name, one.type) for one in stream.fields] == [
        ("connected", "flag"),
        ("last_update", "time"),
        ("mode", 'one of ["live", "replay"]'),
        ("remaining", "duration"),
    ]
    assert stream.fields[2].choices == ("live", "replay")
    assert stream.fields[3].computed == Arithmetic("*", Field("item", ("remaining_hours",)), Constant(3600.0))
    (probe,) = found.probes
    assert (probe.into, probe.from_path, probe.stale_after) == ("stream", ("body", "items", 0, "list"), 60.0)
    assert probe.check.settings == (
        ("method", Constant("get")),
        ("url", Constant("http://127.0.0.1:8026/streams")),
    )
    assert {"host", "disk", "agent", "probe", "fault", "recovery"} <= set(found.fact_types)


def test_a_channel_keeps_its_secret_unread() -> None:
    (channel,) = program(_SWARM).channels
    assert channel.settings == (("url", Call("secret", (Constant("env:ONCALL"),))),)


# --- conditions -----------------------------------------------------------------------------------------------------------


def test_conditions_mean_what_they_say() -> None:
    status = Field("agent", ("status",))
    assert _condition('agent.status == "down"') == Compare("==", status, Constant("down"))
    assert _condition('agent.status not in ["up", "down"]') == Not(
        Compare("in", status, Constant(("up", "down")))
    )
    assert _condition('agent.status < "down"') == Compare(
        "<", status, Constant("down"), ("starting", "up", "degraded", "down", "stopped")
    )
    assert _condition("agent.paused and not agent.wanted or agent.paused") == Or(
        (And((Field("agent", ("paused",)), Not(Field("agent", ("wanted",))))), Field("agent", ("paused",)))
    )
    assert _condition("since(agent.since) > 1h30m") == Compare(
        ">", Call("since", (Field("agent", ("since",)),)), Constant(5400.0)
    )
    assert _condition('agent.labels.tier == "x"') == Compare(
        "==", Field("agent", ("labels", "tier")), Constant("x")
    )


def test_units_become_plain_numbers() -> None:
    assert _condition("disk.free / disk.total < 15%", "for each disk") == Compare(
        "<", Arithmetic("/", Field("disk", ("free",)), Field("disk", ("total",))), Constant(0.15)
    )
    assert _condition("disk.free < 2 * 512MiB + 1GB", "for each disk") == Compare(
        "<", Field("disk", ("free",)), Constant(2.0 * 512 * 2**20 + 1e9)
    )
    assert _condition("agent.memory / 1m > 5MiB / 1m") == Compare(
        ">", Arithmetic("/", Field("agent", ("memory",)), Constant(60.0)), Constant(5 * 2**20 / 60)
    )


def test_the_same_meaning_is_equal_however_it_is_written() -> None:
    assert _condition("(agent.paused and agent.wanted) and agent.paused") == _condition(
        "agent.paused\n                and agent.wanted\n                and agent.paused"
    )
    assert _condition("agent.latency > 60s") == _condition("agent.latency > 1m")


def test_a_variable_has_the_name_it_was_given() -> None:
    assert _condition("a.paused", "for each agent as a") == Field("a", ("paused",))


# --- rules ----------------------------------------------------------------------------------------------------------------


def test_detections() -> None:
    (found,) = program(
        """\
        let page_after = 3m
        channel oncall { url "log:" }
        agent a { health tcp "127.0.0.1:1" { every 15s } }
        detection agent_down "It is down" {
            for each agent as one where one.labels.tier == "x"
            severity critical
            category agent
            when     one.status == "down" for 15s
            unless   one.paused
            until    one.status == "up" for 20s
            message  "{one.name} is {one.status} since {one.since}, {one.latency} \\"late\\""
            notify   oncall after page_after "still {one.status}"
            notify   oncall
            priority high
            tags     a, b
            owner    "me"
            runbook  "https://example.org"
            shadow
        }
        agent b { labels tier: "x" }
        """
    ).detections
    assert (found.severity, found.category, found.settle) == ("critical", "agent", 15.0)
    assert found.binding is not None
    assert (found.binding.type, found.binding.name) == ("agent", "one")
    assert found.when == Condition(Compare("==", Field("one", ("status",)), Constant("down")), 15.0)
    assert found.when.text == 'one.status == "down"'
    assert found.until is not None
    assert (found.until.hold, found.unless) == (20.0, Condition(Field("one", ("paused",))))
    assert found.message == Template(
        (
            Field("one", ("name",)),
            " is ",
            Field("one", ("status",)),
            " since ",
            Field("one", ("since",)),
            ", ",
            Field("one", ("latency",)),
            ' "late"',
        ),
        ("text", "text", "time", "duration"),
    )
    assert found.notices == (
        Notice("oncall", 180.0, Template(("still ", Field("one", ("status",))), ("text",))),
        Notice("oncall"),
    )
    head = found.head
    assert (head.name, head.title, head.place.line) == ("agent_down", "It is down", 4)
    assert (head.priority, head.tags, head.owner, head.shadow, head.off) == (
        "high",
        ("a", "b"),
        "me",
        True,
        False,
    )
    assert head.text.startswith("detection agent_down")


def test_recoveries() -> None:
    found = program(
        _SWARM
        + """\
    detection stale { for each stream; category communication; when not stream.connected; notify oncall after page_after }
    recovery heal {
        on fault stale where fault.severity >= "warning"
        try reconnect { reconnect stream.name on agent realtime; verify stream.connected within 30s }
        try script {
            exec ["/bin/heal", stream.name, 5] { timeout 10s; directory "/srv"; repeatable }
            log "tried {recovery.attempt} times"
            affects stream.connected
        }
        try mark { set stream.mode = "replay"; set stream "other" connected: true; signal HUP agent realtime }
        otherwise { notify oncall "{stream.name}: {recovery.reason}" }
        cooldown 10s doubling to 5m
        limit 3 per 1h by stream
        limit 1 at once overall
        keep at least 2 stream where stream.connected
    }
    """
    ).recoveries[0]
    assert found.detections == ("stale",)
    severities = ("info", "warning", "error", "critical")
    assert found.where == Compare(">=", Field("fault", ("severity",)), Constant("warning"), severities)
    reconnect, script, mark = found.tries
    action = reconnect.actions[0]
    assert (action.kind, action.target) == ("reconnect", Selector("agent", Constant("realtime")))
    assert action.arguments == (("stream", Field("stream", ("name",))),)
    assert reconnect.verify == Verify(Field("stream", ("connected",)), 30.0, "stream.connected")
    run, log = script.actions
    assert dict(run.arguments) == {
        "command": ListOf((Constant("/bin/heal"), Field("stream", ("name",)), Constant(5.0))),
        "directory": Constant("/srv"),
    }
    assert (run.timeout, run.repeatable, run.affects) == (10.0, True, ("stream.connected",))
    assert log.arguments[0][1] == Template(("tried ", Field("recovery", ("attempt",)), " times"), ("number",))
    assert script.verify == Verify(None, 60.0)
    assert [dict(one.arguments) for one in mark.actions[:2]] == [
        {
            "type": Constant("stream"),
            "key": Field("stream", ("name",)),
            "values": MapOf((("mode", Constant("replay")),)),
        },
        {
            "type": Constant("stream"),
            "key": Constant("other"),
            "values": MapOf((("connected", Constant(True)),)),
        },
    ]
    assert mark.actions[2].arguments == (("signal", Constant("HUP")),)
    assert dict(found.otherwise[0].arguments)["channel"] == Constant("oncall")
    assert found.cooldown == Cooldown(10.0, 300.0)
    assert found.limits == (Limit(3, 3600.0, ("stream",)), Limit(1, None, None))
    assert found.keeps == (Keep(2, "stream", Field("stream", ("connected",))),)


def test_a_recovery_by_condition_binds_what_all_its_detections_bind() -> None:
    rules = """\
        detection a {{ for each agent; category agent; when agent.paused }}
        detection b {{ for each agent; category agent; when agent.wanted }}
        detection c {{ for each disk; category {category}; when disk.usage > 90% }}
        recovery r {{
            on fault where fault.category == "agent"
            try x {{ restart agent }}
            limit 1 per 1h by agent
        }}
        """
    found = checked(rules.format(category="resource"))
    assert [finding.code for finding in found.findings] == ["V404"]
    assert found.program is not None
    assert found.program.recoveries[0].tries[0].actions[0].target == Selector("agent")
    assert [finding.code for finding in checked(rules.format(category="agent")).errors] == ["V209", "V203"]


def test_settle_is_the_longest_interval_of_what_is_read() -> None:
    rules = """\
        channel c {{ url "log:" }}
        agent a {{ health tcp "127.0.0.1:1" {{ every 7s }}; ready tcp "127.0.0.1:2" {{ every 9s }} }}
        fact s {{ key name; field ok: flag }}
        probe p {{ http get "http://127.0.0.1/"; every 30s; into s }}
        {probe}
        detection d {{ {binding}; category agent; when {when}; notify c }}
        """
    for probe, binding, when, settle in (
        ("", "for each agent", "agent.paused", 9.0),
        ("", "for each s", "not s.ok", 30.0),
        ("", "for each s", "not s.ok or host.cpu > 5%", 30.0),
        ("", "off", "host.cpu > 5%", 5.0),
        ("probe h { host; every 2s }", "for each disk", "disk.usage > 5%", 2.0),
        ("", "for each fault", 'fault.severity == "info"', 0.0),
    ):
        text = rules.format(probe=probe, binding=binding, when=when)
        assert program(text).detections[0].settle == settle


def test_rules_stand_by_priority_then_file_then_place() -> None:
    rule = "detection {} {{ category agent; when host.cpu > 5%; severity info; priority {} }}\n"
    files = [
        Source("b.rules", rule.format("b1", "medium") + rule.format("b2", "critical")),
        Source(
            "a.rules", rule.format("a1", "low") + rule.format("a2", "medium") + rule.format("a3", "medium")
        ),
    ]
    for order in (files, files[::-1]):
        found = check(order, vocabulary()).program
        assert found is not None
        assert [one.head.name for one in found.detections] == ["b2", "a2", "a3", "b1", "a1"]


def test_the_digest_follows_the_text() -> None:
    assert program("let a = 1").digest == program("\n# comment\nlet a = 1\n").digest
    assert program("let a = 1").digest != program("let a = 2").digest


def test_use_takes_in_files_shadows_them_and_leaves_out() -> None:
    library = {
        "std.a": 'detection one { category agent; when host.cpu > 5%; severity info }\nchannel two { url "log:" }\n',
        "sub/b.rules": "use std.a\nlet three = 3\n",
    }

    class Given:
        def read(self, name: str) -> Source | None:
            return Source(name, library[name]) if name in library else None

    text = 'use std.a { without two; shadow }\nchannel two { url "file:/x" }\n'
    found = check([Source("main.rules", text)], vocabulary(), library=Given()).program
    assert found is not None
    assert [one.head.shadow for one in found.detections] == [True]
    assert [dict(one.settings)["url"] for one in found.channels] == [Constant("file:/x")]
    again = check(
        [Source("main.rules", 'use "sub/b.rules"\nuse std.a { shadow }\n')], vocabulary(), library=Given()
    )
    assert again.program is not None
    assert [one.head.shadow for one in again.program.detections] == [False]


# --- tests ----------------------------------------------------------------------------------------------------------------


def test_tests() -> None:
    (case,) = program(
        """\
        agent api { unit process ["api"] }
        detection down { for each agent; category agent; when agent.status == "down" }
        recovery revive { on fault down; try again { restart agent }; limit 1 per 1h overall }
        test "all of it" {
            given agent api status: "up", latency: 250ms
            given  host cpu: 5%
            action restart fails
            every 5s set host load: 3
            at 10s set agent "api" status: "down"
            at 11s lose agent api
            at 12s expect no fault down
            at 13s expect fault down on agent api
            at 14s expect no fault
            at 15s expect action restart on agent api
            at 16s action restart succeeds
            at 17s expect recovery revive exhausted
            at 18s expect recovery revive succeeded with again
            at end expect count(action restart) >= 2
            at end expect count(fault) == 0
        }
        """
    ).tests
    assert case.name == "all of it"
    assert [(step.at, step.repeat, step.what) for step in case.steps] == [
        (0.0, None, SetFact("agent", "api", (("status", "up"), ("latency", 0.25)))),
        (0.0, None, SetFact("host", "host", (("cpu", 0.05),))),
        (0.0, None, ActionBehaves("restart", "fails")),
        (0.0, 5.0, SetFact("host", "host", (("load", 3.0),))),
        (10.0, None, SetFact("agent", "api", (("status", "down"),))),
        (11.0, None, LoseFact("agent", "api")),
        (12.0, None, ExpectFault("down", None, False)),
        (13.0, None, ExpectFault("down", "api", True)),
        (14.0, None, ExpectFault(None, None, False)),
        (15.0, None, ExpectAction("restart", "api", True)),
        (16.0, None, ActionBehaves("restart", "succeeds")),
        (17.0, None, ExpectRecovery("revive", "exhausted", None)),
        (18.0, None, ExpectRecovery("revive", "succeeded", "again")),
        (None, None, ExpectCount("action", "restart", ">=", 2.0)),
        (None, None, ExpectCount("fault", None, "==", 0.0)),
    ]
    assert (case.steps[0].place.line, case.steps[0].text) == (
        5,
        'given agent api status: "up", latency: 250ms',
    )
