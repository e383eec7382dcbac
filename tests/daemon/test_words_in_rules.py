"""The words as rules use them: every example is sound, and from the text to the deed nothing is lost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from daemon.service.executor import Executor, action_kinds
from daemon.vocabulary import vocabulary
from daemon.watching.polling import Polling, probe_kinds
from dsl.check import check
from dsl.program import Program
from dsl.source import Source
from engine.analysis.evaluate import evaluate
from engine.effects import Do
from engine.events import ActionFinished, HealthObserved, Reported
from tests.daemon.service.test_executor import stored
from tests.daemon.worlds import LIMIT, a_server, a_world, http_reply

RULES = """
agent realtime {
    unit process ["/bin/sleep", "3600"] { environment PORT: "8026" }
    health HEALTH
}
fact stream { key name: text; field connected: flag, updated: time, remaining: duration = hours * 1h }
fact switch { key name: text; field enabled: flag }
channel oncall { url "log:" }
probe streams {
    PROBE
    every 3s
    into stream from reply.body.connections
}
detection agent_down {
    for each agent
    category agent
    when agent.status == "down" for 15s
}
detection stream_down {
    for each stream
    category communication
    when stream.connected == false
}
recovery revive {
    on fault agent_down
    try one { ACTION; verify within 60s }
    limit 3 per 1h by agent
}
recovery reconnect {
    on fault stream_down
    try one { set stream.connected = true; verify within 60s }
    limit 3 per 1h by stream
}
"""


def program(
    action: str = "restart agent realtime", probe: str = 'exec ["true"]', health: str = 'exec ["true"]'
) -> Program:
    text = RULES.replace("ACTION", action).replace("PROBE", probe).replace("HEALTH", health)
    if probe.startswith("prometheus"):  # facts say themselves which series they are made of
        text = text.replace("    into stream from reply.body.connections\n", "")
    if probe.startswith(("log", "webhook")):  # they tell by themselves, of what happens
        text = text.replace("    every 3s\n    into stream from reply.body.connections\n", "")
        text += "event deploy { field agent: text }\n"
    checked = check([Source("a.rules", text)], vocabulary())
    assert checked.errors == ()
    assert checked.program is not None
    return checked.program


@pytest.mark.parametrize("word", sorted(action_kinds()))
def test_the_example_of_an_action_is_sound(word: str) -> None:
    found = program(action=action_kinds()[word].WORD.example)
    assert found.recoveries[0].tries[0].actions[0].kind == word


@pytest.mark.parametrize("word", sorted(probe_kinds()))
def test_the_example_of_a_probe_is_sound(word: str) -> None:
    example = probe_kinds()[word].WORD.example
    assert program(probe=example).probes[0].check.kind == word
    if probe_kinds()[word].WORD.health:
        health = program(health=f"{example} {{ every 7s }}").agents[0].health
        assert health is not None
        assert (health.kind, health.every) == (word, 7.0)


def do(found: Program, recovery: int = 0, target: str | None = None) -> Do:
    action = found.recoveries[recovery].tries[0].actions[0]
    bindings = {"stream": {"name": "BTC"}}
    arguments = {name: evaluate(value, bindings, time.time()) for name, value in action.arguments}
    return Do(action=1, kind=action.kind, target=target, arguments=arguments, timeout=action.timeout)


def environment_of(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def test_from_the_rules_to_the_deed() -> None:
    heads: list[bytes] = []
    environments: list[bytes] = []

    def serve(head: bytes) -> bytes:
        heads.append(head)
        return http_reply("{}")

    async def scenario() -> None:
        async with a_server(serve) as url:
            found = program(
                action=f'http post "{url}/connect" {{ body symbol: "BTC"; header "X-Token": "t" }}'
            )
            async with a_world(*found.agents) as (world, events):
                executor = Executor(world, action_kinds())
                executor.begin(do(found), stored())
                assert (await events.when(ActionFinished)).detail == "HTTP 200"
                executor.begin(do(found, recovery=1), stored())
                event = await events.when(Reported, type="stream")
                assert (event.key, event.values) == ("BTC", {"connected": True})
                pid = await world.units.start("realtime")
                environments.append(environment_of(pid))
                await executor.close(LIMIT)

    asyncio.run(scenario())
    assert b"PORT=8026\0" in environments[0]
    assert heads[0].startswith(b"POST /connect")
    assert b"X-Token: t\r\n" in heads[0]


def test_from_the_rules_to_the_facts() -> None:
    body = '{"status": "healthy", "connections": {"BTC": {"connected": true, "updated": 60, "hours": 2, "x": 1}}}'

    async def scenario() -> None:
        async with a_server(lambda _: http_reply(body)) as url:
            found = program(
                probe=f'http get "{url}/status"',
                health=f'http "{url}/health" {{ expect reply.status == 200 and reply.body.status == "healthy" }}',
            )
            async with a_world(*found.agents) as (world, events):
                polling = Polling(world, probe_kinds())
                polling.replace(found)
                stream = await events.when(Reported, type="stream")
                health = await events.when(HealthObserved)
                await polling.close()
        assert (stream.key, stream.fresh_for, stream.source) == ("BTC", 9.0, "streams")
        assert stream.values == {"name": "BTC", "connected": True, "updated": 60.0, "remaining": 7200.0}
        assert (health.agent, health.ok) == ("realtime", True)

    asyncio.run(scenario())
