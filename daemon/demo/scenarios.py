"""How the demonstration breaks its swarm, and what its rules promise for each case."""

from __future__ import annotations

import asyncio
import os
import signal
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from daemon.demo.story import Story
from daemon.demo.swarm import Swarm

Break = Callable[["Target"], None]


@dataclass(frozen=True, slots=True)
class Target:
    swarm: Swarm
    agent: str
    pid: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """`steps` are the attempts that must follow, with their outcomes; `ends` is how the recovery ends.

    `untouched` are agents that must be left alone meanwhile.
    """

    name: str
    title: str
    agent: str
    break_it: Break
    steps: tuple[tuple[str, str], ...]
    ends: str = "succeeded"
    untouched: tuple[str, ...] = ()
    within: float = 16.0  # seconds; it is given up as failed then


def kill(target: Target) -> None:
    os.kill(target.pid, signal.SIGKILL)


def hang(target: Target) -> None:
    os.kill(target.pid, signal.SIGSTOP)


def corrupt(target: Target) -> None:
    """From now on it answers 200, and that it is unhealthy."""
    url = f"http://127.0.0.1:{target.swarm.ports[target.agent]}/corrupt"
    urllib.request.urlopen(urllib.request.Request(url, data=b"", method="POST"), timeout=5).close()


def crash_loop(target: Target) -> None:
    """Its journal cannot be read any more, so no start succeeds until that is set aside."""
    journal = target.swarm.directory / f"{target.agent}.journal"
    journal.write_text('{"orders": [{"id": 1, "sy', encoding="utf-8")
    kill(target)


def expire(target: Target) -> None:
    """A cause that no step of its recovery removes."""
    (target.swarm.directory / f"{target.agent}.stuck").touch()


SCENARIOS = (
    Scenario(
        "killed", "prices is killed; signals needs it", "prices", kill, (("restart", "succeeded"),), untouched=("signals",)
    ),
    Scenario("hung", "signals hangs: its process is stopped", "signals", hang, (("restart", "succeeded"),)),
    Scenario(
        "unhealthy", 'risk answers HTTP 200 with "status": "unhealthy"', "risk", corrupt,
        (("restart", "succeeded"),),
    ),
    Scenario(
        "crash loop", "orders crashes at every start: its journal is broken", "orders", crash_loop,
        (("restart", "failed"), ("repair", "succeeded")),
    ),
    Scenario(
        "dependency", "database is killed: prices, risk and orders need it and fail with it", "database", kill,
        (("restart", "succeeded"),), untouched=("prices", "risk", "orders", "signals"),
    ),
    Scenario(
        "empty success", "news has lost its feed: reconnecting reports success and changes nothing", "news", corrupt,
        (("reconnect", "failed"), ("restart", "succeeded")),
    ),
    Scenario(
        "page", "gateway's certificate has expired: its one step exits 0 and changes nothing", "gateway", expire,
        (("renew", "failed"),), ends="exhausted",
    ),
)  # fmt: skip


async def until(condition: Callable[[], bool], within: float) -> bool:
    """Whether it became true in time. Looked at often: the swarm is the clock of the demonstration."""
    deadline = asyncio.get_running_loop().time() + within
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def play(scenario: Scenario, swarm: Swarm, story: Story) -> bool:
    """Breaks one thing and waits until its recovery ended, everything else is well again, and so it stays for a moment."""
    since = story.last_id()
    target = Target(swarm, scenario.agent, int(story.agents[scenario.agent]["pid"]))
    await asyncio.to_thread(scenario.break_it, target)
    return await until(lambda: _over(scenario, story, since), scenario.within)


def _over(scenario: Scenario, story: Story, since: int) -> bool:
    faults = [f["id"] for f in story.faults(scenario.agent, since)]
    ended = [r for r in story.tables["recovery"].values() if r["fault_id"] in faults and r.get("outcome")]
    return bool(ended) and all(_well(name, scenario, story) for name in story.agents)


def _well(name: str, scenario: Scenario, story: Story) -> bool:
    """Whether an agent is as it should be when the scenario is over."""
    given_up = name == scenario.agent and scenario.ends == "exhausted"
    still_open = any(f["subject"] == name and not f.get("outcome") for f in story.tables["fault"].values())
    return given_up or (story.agents[name]["status"] == "up" and not still_open)
