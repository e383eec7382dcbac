"""Units that are child processes of volexd: `unit process ["python", "-m", "realtime"]`.

A unit is a process group. It has ended when its last process has: what a dead leader leaves behind (workers that hold the port)
is killed before the unit may be started again. Processes that leave the group (a double fork, `setsid`) are out of reach.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from daemon.units.unit import UnitFailure
from daemon.world.child import Child, Command, StartFailure, living_members, spawn
from daemon.world.commands import CommandRefused, Commands
from daemon.world.failures import OwnFailure, reason
from daemon.world.secrets import SecretFailure
from daemon.world.settings import settings_of
from dsl.program import Agent
from engine.events import Event, UnitObserved

_DEATH_LIMIT = 10.0  # seconds after SIGKILL until a process is called undying
_LOOK_AGAIN = (0.01, 0.5)  # seconds between looks at a group that outlives its leader: first, and at most
_LOG_NAME = re.compile(r"[\w.@-]+")


@dataclass(slots=True)
class Run:
    """One run of an agent's unit. While it `drains`, its processes may end in their own time."""

    child: Child
    watch: asyncio.Task[None] | None = None
    drains: bool = False


class ProcessUnits:
    """Implements `UnitKind`. Output goes to `<logs>/<agent>.log`, or where volexd's own goes when there is no such directory."""

    def __init__(
        self, commands: Commands, logs: Path | None, post: Callable[[Event], None], now: Callable[[], float]
    ) -> None:
        self._commands = commands
        self._logs = logs
        self._post = post
        self._now = now
        self._runs: dict[str, Run] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def start(self, agent: Agent) -> int:
        async with self._lock(agent.name):
            await self._free(agent.name)
            child = await self._spawned(agent)
            run = self._runs[agent.name] = Run(child)
            self._post(UnitObserved(at=self._now(), agent=agent.name, running=True, pid=child.pid))
            run.watch = asyncio.create_task(self._watch(agent.name, run), name=f"unit {agent.name}")
            return child.pid

    async def stop(self, agent: Agent, grace: float) -> None:
        async with self._lock(agent.name):
            run = self._runs.get(agent.name)
            if run is not None:
                await _ended(agent.name, run, grace)

    async def signal(self, agent: Agent, number: int) -> None:
        run = self._runs.get(agent.name)
        if run is None:
            raise UnitFailure(f"{agent.name} does not run")
        try:
            run.child.signal(number)
        except OSError as error:
            raise UnitFailure(f"{agent.name} (process {run.child.pid}): {reason(error)}") from error

    def pid(self, agent: str) -> int | None:
        run = self._runs.get(agent)
        return None if run is None else run.child.pid

    async def close(self, grace: float) -> None:
        runs = dict(self._runs)
        outcomes = await asyncio.gather(
            *(_ended(name, run, grace) for name, run in runs.items()), return_exceptions=True
        )
        failures = [str(outcome) for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            raise UnitFailure("; ".join(failures))

    async def _free(self, agent: str) -> None:
        """Waits for the last processes of a run that has ended; refuses one that goes on."""
        run = self._runs.get(agent)
        if run is None:
            return
        if run.watch is None or not run.child.has_ended:
            raise UnitFailure(f"{agent} is already running (process {run.child.pid})")
        await asyncio.wait({run.watch})

    def _lock(self, agent: str) -> asyncio.Lock:
        return self._locks.setdefault(agent, asyncio.Lock())

    async def _spawned(self, agent: Agent) -> Child:
        try:
            command = self._command(agent)
            output = self._log(agent.name)
            try:
                return await spawn(command, stdout=output, stderr=output)
            finally:
                if output is not None:
                    os.close(output)
        except (CommandRefused, SecretFailure, StartFailure, OwnFailure) as error:
            raise UnitFailure(str(error)) from error
        except OSError as error:
            raise UnitFailure(f"the log of {agent.name} cannot be written: {error}") from error

    def _command(self, agent: Agent) -> Command:
        settings = settings_of(agent.unit.settings if agent.unit else (), {}, self._now())
        directory, environment = settings.get("directory"), settings.get("environment")
        return Command(
            self._commands.argv(settings.get("command")),
            self._commands.environment(environment if isinstance(environment, Mapping) else {}),
            directory if isinstance(directory, str) else None,
        )

    def _log(self, agent: str) -> int | None:
        if self._logs is None:
            return None
        if not _LOG_NAME.fullmatch(agent):
            raise StartFailure(f"{agent!r} cannot be the name of a log file; use letters, digits, - and _")
        self._logs.mkdir(mode=0o750, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(self._logs / f"{agent}.log", flags, 0o640)

    async def _watch(self, agent: str, run: Run) -> None:
        """Tells at once when the leader ends, and takes the unit away when all of its group is gone."""
        ending = await run.child.ended()
        self._post(UnitObserved(at=self._now(), agent=agent, running=False, detail=str(ending)))
        await _group_gone(run)
        run.child.reap()
        del self._runs[agent]


async def _group_gone(run: Run) -> None:
    """Until the group is empty. The leader is still unreaped: the number of the group cannot be anybody else's."""
    pause, longest = _LOOK_AGAIN
    while living_members(run.child.pid):
        if not run.drains:
            with suppress(
                PermissionError
            ):  # what became another user outlives us; the stop that waits says so
                run.child.signal_group(signal.SIGKILL)
        await asyncio.sleep(pause)
        pause = min(pause * 2, longest)


async def _ended(agent: str, run: Run, grace: float) -> None:
    """SIGTERM to all, SIGKILL to all after the grace. A cancelled stop leaves no group half watched: `drains` ends with it."""
    assert run.watch is not None
    run.drains = True
    try:
        _signal_all(agent, run, signal.SIGTERM)
        _signal_all(agent, run, signal.SIGCONT)  # what is stopped could not die of the first
        await asyncio.wait({run.watch}, timeout=grace)
    finally:
        run.drains = False
    if not run.watch.done():
        _signal_all(agent, run, signal.SIGKILL)
        await asyncio.wait({run.watch}, timeout=_DEATH_LIMIT)
    if not run.watch.done():
        raise UnitFailure(f"{agent} (process {run.child.pid}) does not die, not even of SIGKILL")


def _signal_all(agent: str, run: Run, number: signal.Signals) -> None:
    try:
        run.child.signal_group(number)
    except OSError as error:
        raise UnitFailure(f"{agent} (process {run.child.pid}): {number.name}: {reason(error)}") from error
