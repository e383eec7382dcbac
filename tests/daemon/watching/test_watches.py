"""What the engine is told of a look."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from loguru import logger

from daemon.probes.probe import ProbeFailure, ProbeKind
from daemon.watching.health import HealthPlan, HealthWatch, base_url
from daemon.watching.polling import probe_kinds
from daemon.watching.probe import ProbePlan, ProbeWatch
from daemon.watching.processes import ProcessesWatch
from daemon.world.failures import OwnFailure
from daemon.world.world import World
from dsl.expressions import And, Compare, Constant, Field
from dsl.program import Check, FactField, FactType, Probe
from dsl.vocabulary.word import ProbeWord
from engine.events import HealthObserved, Looked, Reported, UnitObserved, Withdrawn
from tests.daemon.worlds import (
    CLOSED_PORT,
    HERE,
    Events,
    Mailbox,
    a_check,
    a_server,
    a_world,
    an_agent,
    http_reply,
    python,
)

KINDS = probe_kinds()
WORD = ProbeWord(name="scripted", inside=(), shape="", doc="", example="")
STREAM = FactType("stream", "", (FactField("name", "text"),), (FactField("connected", "flag"),))
HEALTHY = And(
    (
        Compare("==", Field("reply", ("status",)), Constant(200.0)),
        Compare("==", Field("reply", ("body", "status")), Constant("healthy")),
    )
)


class Scripted:
    """A kind of probe that gives what it is told to give, one thing after the other."""

    WORD = WORD

    def __init__(self, *script: object) -> None:
        self._script = iter(script)

    async def look(self, settings: Mapping[str, object], world: World) -> Mapping[str, object]:
        step = next(self._script)
        if isinstance(step, Exception):
            raise step
        return {"body": step}

    def healthy(self, reply: Mapping[str, object]) -> bool:
        return True

    def described(self, reply: Mapping[str, object]) -> str:
        return "scripted"


def probe_watch(
    kind: ProbeKind, world: World, into: FactType | None = STREAM, **fields: object
) -> ProbeWatch:
    check = Check("scripted", (), 10.0, 5.0, **fields)  # type: ignore[arg-type]
    probe = Probe("streams", check, into.name if into else None, ("body",), 30.0, HERE)
    return ProbeWatch(ProbePlan(probe, into), kind, world)


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}")  # type: ignore[arg-type]
    yield lines
    logger.remove(sink)


async def watched(*script: object, into: FactType | None = STREAM) -> Events:
    async with a_world() as (world, events):
        watch = probe_watch(Scripted(*script), world, into)
        for _ in script:
            await watch.look()
        return events


# --- probes -------------------------------------------------------------------------------------------------------


def test_a_probe_gives_its_facts_and_is_one_itself() -> None:
    events = asyncio.run(watched([{"name": "a", "connected": True}]))
    fact, probe = events.all
    assert (fact.type, fact.key, fact.source, fact.fresh_for) == ("stream", "a", "streams", 30.0)
    assert fact.values == {"name": "a", "connected": True}
    assert (probe.type, probe.key) == ("probe", "streams")
    assert probe.values == {"ok": True, "last_error": "", "last_success": probe.at}


def test_one_look_is_one_event_with_what_is_gone_since_the_look_before() -> None:
    events = asyncio.run(watched(["a", "b"], ["b", "c"]))
    looks = events.posted[1:]  # before the first look, what volexd knows of the source is told
    assert [type(look) for look in looks] == [Looked, Looked]
    assert [(type(one), one.type, one.key) for one in looks[1].seen] == [
        (Reported, "stream", "b"),
        (Reported, "stream", "c"),
        (Reported, "probe", "streams"),
        (Withdrawn, "stream", "a"),
    ]


def test_a_member_that_is_missing_from_a_success_is_withdrawn_and_from_a_failure_not() -> None:
    events = asyncio.run(watched(["a", "b"], ProbeFailure("connection refused"), ["b"]))
    assert [(event.type, event.key) for event in events.of(Withdrawn)] == [("stream", "a")]
    states = [event.values for event in events.of(Reported, type="probe")]
    assert [state["ok"] for state in states] == [True, False, True]
    assert states[1]["last_error"] == "connection refused"
    assert states[1]["last_success"] == states[0]["last_success"]
    assert events.all.index(events.of(Withdrawn)[0]) > events.all.index(events.of(Reported, type="probe")[1])


def test_a_failure_of_our_own_says_nothing_about_the_source() -> None:
    events = asyncio.run(watched(OwnFailure("too many open files")))
    (state,) = events.all
    assert state.values == {
        "ok": None,
        "last_error": "volexd could not look: too many open files",
        "last_success": None,
    }


def test_a_bug_in_a_probe_is_a_failure_of_our_own(log: list[str]) -> None:
    events = asyncio.run(watched(KeyError("x")))
    assert events.all[0].values["ok"] is None
    assert any("nobody foresaw" in line for line in log)


def test_a_reply_without_facts_is_a_failure() -> None:
    (state,) = asyncio.run(watched("no list")).all
    assert state.values["ok"] is False
    assert state.values["last_error"] == "the reply holds a text where a list or an object should be"


def test_one_warning_for_a_field_that_is_wrong_at_every_look(log: list[str]) -> None:
    asyncio.run(watched(*[[{"name": "a", "connected": 1}, {"name": "b", "connected": 2}]] * 3))
    assert log == ["probe streams: connected is a number, not true or false, and counts as unknown\n"]


def test_a_probe_without_into_is_only_a_fact_itself() -> None:
    (state,) = asyncio.run(watched("anything", into=None)).all
    assert (state.type, state.values["ok"]) == ("probe", True)


def test_what_a_probe_does_not_expect_is_a_failure() -> None:
    async def scenario() -> None:
        async with a_world() as (world, events):
            expect = Compare("==", Field("reply", ("body",)), Constant("fine"))
            watch = probe_watch(Scripted("bad", "fine"), world, None, expect=expect)
            await watch.look()
            await watch.look()
            assert [event.values["ok"] for event in events.all] == [False, True]
            assert events.all[0].values["last_error"] == "not as expected: scripted"

    asyncio.run(scenario())


def test_a_probe_that_is_looked_at_no_more_takes_its_facts_with_it() -> None:
    async def scenario() -> None:
        async with a_world() as (world, events):
            watch = probe_watch(Scripted(["a"]), world)
            await watch.look()
            watch.forget()
            assert [(event.type, event.key) for event in events.of(Withdrawn)] == [
                ("stream", "a"),
                ("probe", "streams"),
            ]

    asyncio.run(scenario())


def test_the_host_probe_gives_the_host_and_its_disks() -> None:
    async def scenario() -> None:
        async with a_world() as (world, events):
            probe = Probe("here", a_check("host"), None, (), 15.0, HERE)
            await ProbeWatch(ProbePlan(probe, None), KINDS["host"], world).look()
            (host,) = events.of(Reported, type="host")
            assert host.values.keys() == {"name", "cpu", "memory", "swap", "load", "uptime"}
            root = events.of(Reported, type="disk", key="/")[0]
            assert root.values.keys() == {"mount", "usage", "inodes", "free", "total"}

    asyncio.run(scenario())


# --- health ---------------------------------------------------------------------------------------------------------


async def observed(check: Check, which: str = "health") -> Events:
    async with a_world() as (world, events):
        await HealthWatch(HealthPlan("api", which, check), KINDS[check.kind], world).look()
        return events


def answered(
    serve: Callable[[bytes], bytes | None], **fields: object
) -> tuple[HealthObserved, list[Reported]]:
    async def scenario() -> Events:
        async with a_server(serve) as url:
            return await observed(a_check("http", url=f"{url}/health", **fields))  # type: ignore[arg-type]

    events = asyncio.run(scenario())
    (health,) = events.of(HealthObserved)
    return health, events.of(Reported)


def test_a_good_check() -> None:
    health, (plan, fact) = answered(
        lambda _: http_reply('{"status": "healthy"}'), expect=HEALTHY, every=5.0, timeout=2.0
    )
    assert (health.agent, health.check, health.ok, health.error, health.fresh_for) == (
        "api",
        "health",
        True,
        "",
        17.0,  # three intervals, and the time that a look which times out would take
    )
    assert health.started_at <= health.at
    assert (fact.type, fact.key, fact.at, fact.fresh_for) == ("agent", "api", health.started_at, 17.0)
    assert plan.values["url"].startswith("http://127.0.0.1:")
    assert not plan.values["url"].endswith("/health")
    assert plan.fresh_for is None
    assert fact.values["latency"] > 0


def test_200_with_an_unhealthy_body_is_not_healthy() -> None:
    health, _ = answered(lambda _: http_reply('{"status":"unhealthy"}'), expect=HEALTHY)
    assert health.ok is False
    assert health.error == 'not as expected: HTTP 200: {"status":"unhealthy"}'


@pytest.mark.parametrize("body", ["rubbish", "{}", '{"status": null}', "[]"])
def test_what_is_not_known_to_be_healthy_is_not(body: str) -> None:
    assert answered(lambda _: http_reply(body), expect=HEALTHY)[0].ok is False


def test_without_expect_2xx_is_healthy() -> None:
    assert answered(lambda _: http_reply("", "204 No Content"))[0].ok is True
    assert answered(lambda _: http_reply("", "404 Not Found"))[0].ok is False


def test_a_slow_answer_is_none() -> None:
    health, (_, fact) = answered(lambda _: None, timeout=0.05)
    assert (health.ok, health.error) == (False, "no answer within 50ms")
    assert fact.values["latency"] is None


def test_the_defaults_of_the_other_kinds() -> None:
    def ok(check: Check) -> bool | None:
        return asyncio.run(observed(check)).of(HealthObserved)[0].ok  # type: ignore[no-any-return]

    assert ok(a_check("exec", command=["true"])) is True
    assert ok(a_check("exec", command=["false"])) is False
    assert ok(a_check("tcp", address=f"127.0.0.1:{CLOSED_PORT}")) is False
    assert ok(a_check("process", name="no such process")) is False


def test_ready_is_only_observed() -> None:
    events = asyncio.run(observed(a_check("exec", command=["true"]), "ready"))
    (event,) = events.all
    assert (event.check, event.ok) == ("ready", True)


def test_a_check_that_could_not_be_made_leaves_the_health_unknown() -> None:
    async def scenario() -> None:
        async with a_world() as (world, events):
            watch = HealthWatch(
                HealthPlan("api", "health", a_check("exec", command=["true"])), KINDS["exec"], world
            )
            watch.missed("volexd could not look: too many other looks are under way")
            (health,) = events.of(HealthObserved)
            assert (health.ok, health.error) == (
                None,
                "volexd could not look: too many other looks are under way",
            )

    asyncio.run(scenario())


SERVER = """
import socket
server = socket.create_server(("127.0.0.1", 0))
say(server.getsockname()[1])
while True:
    connection, _ = server.accept()
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    connection.close()
"""


def test_a_process_that_hangs_though_its_port_is_open_does_not_answer(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)

    async def scenario() -> None:
        async with a_world(an_agent("api", python(mailbox.says() + SERVER))) as (world, events):
            pid = await world.units.start("api")
            assert pid is not None
            url = f"http://127.0.0.1:{await mailbox.next()}/"
            patient = HealthWatch(HealthPlan("api", "health", a_check("http", url=url)), KINDS["http"], world)
            await patient.look()
            assert events.of(HealthObserved)[-1].ok is True
            os.kill(pid, signal.SIGSTOP)
            strict = a_check("http", url=url, timeout=0.2)
            await HealthWatch(HealthPlan("api", "health", strict), KINDS["http"], world).look()
            assert events.of(HealthObserved)[-1].error == "no answer within 200ms"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"url": "http://127.0.0.1:80/health?x"}, "http://127.0.0.1:80"),
        ({"url": "https://user:word@db/health"}, "https://db"),
        ({"url": "http://[::1"}, None),
        ({"address": "db:5432"}, "tcp://db:5432"),
        ({"command": ["true"]}, None),
    ],
)
def test_the_url_of_an_agent_is_where_it_is_reached(settings: dict[str, object], url: str | None) -> None:
    assert base_url(a_check("http", **settings)) == url


# --- processes ---------------------------------------------------------------------------------------------------------


def test_the_processes_of_agents_are_measured_while_they_run() -> None:
    async def scenario() -> None:
        async with a_world(an_agent("api", ["/bin/sleep", "3600"]), an_agent("idle", ["/bin/true"])) as (
            world,
            events,
        ):
            await world.units.start("api")
            watch = ProcessesWatch(world)
            await watch.look()
            await watch.look()
            first, second = events.of(Reported)
            assert (first.type, first.key, first.fresh_for) == ("agent", "api", 15.0)
            assert first.values["cpu"] is None
            assert second.values["cpu"] >= 0.0
            assert second.values["memory"] > 0
            assert second.values["threads"] == 1
            assert second.values["age"] >= 0.0
            assert second.values["descriptors"] == 3
            await world.units.stop("api", 60.0)
            assert events.of(UnitObserved, running=False)
            await watch.look()
            await watch.look()
            *_, last = events.of(Reported)
            assert set(last.values.values()) == {None}
            assert len(events.of(Reported)) == 3

    asyncio.run(scenario())
