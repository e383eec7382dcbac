"""When rules of every kind begin, what guards and blocks them, and what they do: text in, program out."""

from __future__ import annotations

import pytest

from dsl.expressions import Compare, Constant, Field, Or
from dsl.parts import Happening, Schedule, Several
from dsl.program import Condition, Keep, Moment, Program, Retry, Selector, Tier
from tests.dsl.checking import program as checked_program

_GROUND = """\
channel oncall { url "log:" }
event deploy { field agent: text, version: text }
agent api { labels tier: "web"; action reconnect(stream: text) { http post "http://127.0.0.1:1/" } }
agent db { labels tier: "data" }
detection down { for each agent; category agent; when agent.status == "down" }
recovery revive {
    on fault down
    try restart { restart agent; verify within 1m }
    limit 3 per 1h by agent
}
workflow work(list: list) { step a { exec ["x"]; optional }; step b { after a; exec ["x"] }; step c { after a; exec ["x"] } }
"""


def _program(text: str) -> Program:
    return checked_program(_GROUND + text, all_runs=True)


def _busy(share: float, hold: float = 0.0) -> Condition:
    return Condition(Compare(">", Field("host", ("cpu",)), Constant(share)), hold)


# --- detections -------------------------------------------------------------------------------------------------------


def test_tiers_the_mildest_first() -> None:
    found = _program("""\
detection busy {
    category resource
    severity critical when host.cpu > 95% for 10s
    severity warning  when host.cpu > 80% for 1m
    severity error    when host.cpu > 90% or host.load > 20
    notify oncall
}
""").detections[1]
    load = Compare(">", Field("host", ("load",)), Constant(20.0))
    assert [one.severity for one in found.tiers] == ["warning", "error", "critical"]
    assert found.tiers[0] == Tier("warning", _busy(0.8, 60.0))
    assert found.tiers[2].when.hold == 10.0
    assert found.severity == "warning"
    parts = (_busy(0.8).expression, _busy(0.9).expression, load, _busy(0.95).expression)
    assert found.when == Condition(Or(parts), 0.0)


def test_a_fault_that_is_raised_in_a_moment() -> None:
    found = _program("""\
detection rejected {
    for each agent
    category agent
    on event deploy where deploy.agent == agent.name and deploy.version == "bad"
    only if host.cpu < 90%
    until agent.status == "up" for 1m
    message "{deploy.version} on {agent.name}"
    notify oncall "{deploy.version}"
}
detection morning { category agent; every day at 09:00; timezone "Europe/London"; until host.load < 1; notify oncall }
detection fell { for each agent; category agent; on agent.status from "up" to "down"; until agent.status == "up"; notify oncall }
""").detections
    rejected, morning, fell = found[1:]
    assert rejected.on is not None
    assert rejected.on.first is not None
    assert (rejected.on.kind, rejected.on.first.type, rejected.settle) == ("event", "deploy", 0.0)
    assert rejected.when == Condition(Constant(True))
    assert rejected.only_if == Compare("<", Field("host", ("cpu",)), Constant(0.9))
    schedule = Schedule("daily", offset=9 * 3600.0, timezone="Europe/London")
    assert morning.on == Moment("schedule", schedule=schedule)
    assert fell.on == Moment("change", path=("agent", "status"), before="up", after="down")


def test_a_fault_about_what_another_fault_is_about() -> None:
    found = _program("""\
detection lost {
    category agent
    severity critical
    on exhausted revive
    until agent.status == "up"
    message "{agent.name} after {fault.attempts}: {recovery.reason}"
}
detection graver { category agent; on fault lost where fault.attempts > 3; until agent.paused; severity info }
recovery replace {
    on fault lost
    try redeploy { exec ["x", agent.name]; affects agent.status; verify within 1m }
    limit 1 per 1h by agent
}
""")
    _down, lost, graver = found.detections
    assert (lost.binding, lost.on) == (None, Moment("exhausted", ("revive",)))
    assert graver.on is not None
    assert (graver.on.kind, graver.on.names) == ("fault", ("lost",))
    assert found.recoveries[1].limits[0].scope == ("agent",)


# --- recoveries -------------------------------------------------------------------------------------------------------


def test_a_recovery_that_takes_over() -> None:
    found = _program("""\
recovery second {
    on exhausted first, revive
    only if host.cpu < 90%
    unless host.load > 20 for 1m
    was old_second
    try redeploy {
        exec ["x", agent.name]
        affects agent.status
        verify within 2m
        retry 2 backoff 5s doubling to 1m
        undo { exec ["y", agent.name]; pause agent }
    }
    otherwise { run work(list: []) }
    limit 1 per 1h by agent
}
recovery first {
    on fault down
    try wait { wait until agent.status == "up" { timeout 5m } }
    limit 1 per 1h by agent
}
""")
    second = next(one for one in found.recoveries if one.head.name == "second")
    assert (second.detections, second.where, second.exhausted) == ((), None, ("first", "revive"))
    assert second.head.was == "old_second"
    assert second.only_if is not None
    assert second.unless is not None
    (step,) = second.tries
    assert step.retry == Retry(2, 5.0, 60.0)
    assert [action.kind for action in step.undo] == ["exec", "pause"]
    assert [action.kind for action in second.otherwise] == ["run"]
    first = next(one for one in found.recoveries if one.head.name == "first")
    (wait,) = first.tries[0].actions
    assert (wait.kind, wait.timeout) == ("wait", 300.0)
    assert dict(wait.arguments) == {"until": Compare("==", Field("agent", ("status",)), Constant("up"))}


# --- work -------------------------------------------------------------------------------------------------------------


def test_orchestrations_keep_something() -> None:
    found = _program(
        'orchestration o { when host.cpu > 90%; keep at least 2 agent where agent.status == "up"; then { log "x" } }'
    ).orchestrations[0]
    up = Compare("==", Field("agent", ("status",)), Constant("up"))
    assert found.keeps == (Keep(2, "agent", up),)


def test_adaptations_begin_in_a_moment() -> None:
    found = _program("""\
adaptation hurry {
    of workflow work
    on event deploy
    only if steps.a.status == "waiting"
    unless host.load > 20 for 1m
    then { skip step a; move step c after b }
}
adaptation failed {
    of workflow work
    on step.status to "failed"
    then { retry step }
}
""").adaptations
    hurry, failed = found
    assert hurry.on == Moment("event", first=Happening("deploy", "deploy"))
    assert hurry.when == Condition(Constant(True))
    assert hurry.only_if is not None
    assert hurry.unless is not None
    move = hurry.then[1]
    assert (move.kind, move.step, move.after, move.before) == ("move", "c", ("b",), ())
    assert failed.on == Moment("change", path=("step", "status"), after="failed")
    assert failed.then[0].step is None


def test_what_blocks_automations_and_windows() -> None:
    found = _program("""\
automation a { every 1h; unless host.load > 20 for 1m; do { exec ["x"] } }
maintenance m { every day at 02:00 lasting 1h; only if host.cpu < 10%; unless host.load > 20; covers agent }
""")
    assert found.automations[0].unless is not None
    assert found.automations[0].unless.hold == 60.0
    assert found.maintenances[0].only_if is not None
    assert found.maintenances[0].unless is not None


def test_steps_that_run_wait_and_ask() -> None:
    found = _program("""\
workflow whole {
    step first { run work(list: ["a"]) }
    step second { after first; wait until host.cpu < 10%; timeout 1h }
    step third { after second; approve by oncall "Go on?"; pass when answer.approved }
}
""").workflows[1]
    first, second, third = (step.action for step in found.steps)
    assert (first.kind, dict(first.arguments)["name"]) == ("run", Constant("work"))
    assert (second.kind, second.timeout) == ("wait", 3600.0)
    assert (third.kind, third.timeout) == ("approve", 3600.0)
    assert dict(third.arguments) == {"channel": Constant("oncall"), "text": Constant("Go on?")}


# --- actions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "several"),
    [
        ("", Several(False, None)),
        (' where agent.labels.tier == "web"', Several(False, None)),
        (" ordered by needs", Several(True, None)),
        (" where agent.paused ordered by needs, 1 at once", Several(True, 1)),
        (" where agent.paused, 2 at once", Several(False, 2)),
        (" 3 at once", Several(False, 3)),
    ],
)
def test_actions_over_several(written: str, several: Several) -> None:
    text = f"orchestration o {{ when host.cpu > 90%; then {{ restart each agent{written} }} }}"
    (action,) = _program(text).orchestrations[0].then
    assert isinstance(action.target, Selector)
    assert action.target.where is not None
    assert (action.several, action.arguments, action.risk) == (several, (), "restart")


def test_units_that_are_no_agents() -> None:
    text = (
        'orchestration o { when host.cpu > 90%; then { restart systemd "nginx.service"; stop docker "x" } }'
    )
    restart, stop = _program(text).orchestrations[0].then
    assert dict(restart.arguments) == {"unit": Constant("systemd"), "name": Constant("nginx.service")}
    assert (restart.kind, restart.target, restart.affects) == ("restart", None, None)
    assert (stop.kind, dict(stop.arguments)["unit"]) == ("stop", Constant("docker"))


def test_actions_of_their_own() -> None:
    found = _program("""\
orchestration o {
    when host.cpu > 90%
    then {
        prune "/var/log/api" older than 7d, down to 2GB { matching '.*[.]gz' }
        cap agent api cpu: 1.5, memory: 512MiB
        http get "http://127.0.0.1:1/" { expect reply.status == 200 and reply.body.ok; retry 3 backoff 2s }
    }
}
""").orchestrations[0]
    prune, cap, http = found.then
    assert dict(prune.arguments) == {
        "path": Constant("/var/log/api"),
        "age": Constant(7 * 86400.0),
        "size": Constant(2e9),
        "matching": Constant(".*[.]gz"),
    }
    assert dict(cap.arguments) == {"cpu": Constant(1.5), "memory": Constant(512.0 * 1024**2)}
    assert cap.target == Selector("agent", Constant("api"))
    assert http.retry == Retry(3, 2.0)
    assert http.expect is not None
    assert "expect" not in dict(http.arguments)


# --- agents and probes ------------------------------------------------------------------------------------------------


def test_units_that_something_else_runs() -> None:
    found = _program("""\
agent one { unit systemd "postgresql@14-main.service" }
agent two { unit docker "swarm-db_1" }
agent three {
    unit commands { start ["/opt/start", "-d"]; stop ["/opt/stop"]; status ["/opt/status"]; directory "/opt" }
    limit 5 per 1h overall
}
""").agents
    one, two, three = (agent.unit for agent in found[2:])
    assert one is not None
    assert (one.kind, one.settings) == (
        "systemd",
        (("name", Constant("postgresql@14-main.service")),),
    )
    assert two is not None
    assert (two.kind, two.settings) == ("docker", (("name", Constant("swarm-db_1")),))
    assert three is not None
    assert three.kind == "commands"
    assert dict(three.settings) == {
        "start": Constant(("/opt/start", "-d")),
        "stop": Constant(("/opt/stop",)),
        "status": Constant(("/opt/status",)),
        "directory": Constant("/opt"),
    }
    assert len(found[4].limits) == 1


def test_probes() -> None:
    found = _program("""\
fact queue { key name; field backlog: number }
probe backups { file "/var/backups/*.dump"; every 1h; expect reply.age < 1d }
probe unit { systemd "ssh.service"; expect reply.state == "active" }
probe box { docker "box" { expect reply.health == "healthy" } }
probe queues { sql "select name, backlog from queue" { database secret("env:DB") }; into queue from reply.rows }
probe name { dns mx "example.org" { server "127.0.0.1:53" } }
probe errors { log "/var/log/api.log" into deploy from reply.groups { matching 'ERROR (?P<agent>.*)' } }
probe entries { journal "api.service"; into deploy }
probe hooks { webhook "/deploy" into deploy { token secret("env:TOKEN") } }
""").probes
    by_name = {probe.name: probe for probe in found}
    assert by_name["queues"].from_path == ("rows",)
    assert [name for name, _ in by_name["queues"].check.settings] == ["query", "database"]
    assert dict(by_name["name"].check.settings)["record"] == Constant("mx")
    errors = by_name["errors"]
    assert (errors.into, errors.from_path, errors.check.every) == ("deploy", ("groups",), 0.0)
    assert dict(errors.check.settings) == {
        "path": Constant("/var/log/api.log"),
        "matching": Constant("ERROR (?P<agent>.*)"),
    }
    assert (by_name["entries"].into, by_name["entries"].from_path) == ("deploy", ())
    assert (by_name["hooks"].into, by_name["hooks"].from_path) == ("deploy", ("body",))
    assert by_name["hooks"].stale_after == float("inf")


def test_an_agent_is_seen_by_what_runs_it() -> None:
    found = _program(
        'agent x { unit systemd "x.service"; health systemd "x.service"; ready docker "y" }'
    ).agents[-1]
    assert found.health is not None
    assert found.ready is not None
    assert (found.health.kind, found.ready.kind) == ("systemd", "docker")
