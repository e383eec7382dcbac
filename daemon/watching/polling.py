"""When to look: every check of a program at its own interval, none of them in another's way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor
from typing import cast

from loguru import logger

from daemon import probes
from daemon.discovery import words_in
from daemon.probes.probe import ProbeKind
from daemon.watching.health import HealthPlan, HealthWatch
from daemon.watching.probe import ProbePlan, ProbeWatch
from daemon.watching.processes import ProcessesWatch
from daemon.watching.pushed import PushedPlan, PushedWatch, PushingKind
from daemon.watching.scraped import scraped
from daemon.watching.slots import Slots
from daemon.watching.turns import Turns
from daemon.watching.watch import Watch
from daemon.world.world import World
from dsl.program import Agent, Check, Place, Probe, Program
from dsl.vocabulary.facts import SAMPLED_EVERY

AT_ONCE = 64
_PAUSE = 5.0  # seconds until a source that tells by itself, and failed, is followed anew
_WAKE_UPS = 1.0  # seconds between them, where intervals are that long
_FIRST_LOOKS = (
    0.05,
    5.0,
)  # seconds: so much for each watch, and at most so much, until all were looked at once

_HOST = Probe(
    name="host",
    check=Check("host", (), every=SAMPLED_EVERY, timeout=SAMPLED_EVERY),
    into=None,
    from_path=(),
    stale_after=3 * SAMPLED_EVERY,
    place=Place("built in", 1),
)


def probe_kinds() -> Mapping[str, ProbeKind]:
    """Word to the file that looks."""
    return cast(Mapping[str, ProbeKind], words_in(probes))


@dataclass(slots=True)
class Round:
    """A watch and the task that keeps looking."""

    watch: Watch
    task: asyncio.Task[None]


class Polling:
    """Use it in the thread of the loop. At most `at_once` looks are under way, and one of each watch."""

    def __init__(self, world: World, kinds: Mapping[str, ProbeKind], at_once: int = AT_ONCE) -> None:
        self._world = world
        self._kinds = kinds
        self._slots = Slots(at_once)
        self._turns = Turns()
        self._rounds: dict[str, Round] = {}

    def replace(self, program: Program) -> None:
        """Looks at what this program says from now on. What it says as before goes on undisturbed."""
        wanted = dict(self._watches(program))
        for name in [name for name in self._rounds if name not in wanted]:
            gone = self._rounds.pop(name)
            gone.task.cancel()
            gone.watch.forget()
        fresh = {name: watch for name, watch in wanted.items() if not self._goes_on(name, watch)}
        each, most = _FIRST_LOOKS
        step = min(each, most / max(len(fresh), 1))
        for number, (name, watch) in enumerate(fresh.items()):
            self._begin(name, watch, min(number * step, watch.every))

    async def close(self) -> None:
        tasks = [each.task for each in self._rounds.values()]
        self._rounds.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _watches(self, program: Program) -> Iterator[tuple[str, Watch]]:
        """Name to watch; the names of the kinds do not meet."""
        host = next((probe for probe in program.probes if probe.check.kind == "host"), _HOST)
        yield (
            "host",
            self._probe(host, program),
        )  # one name, so that its facts stand while another probe takes over
        for probe in program.probes:
            if probe is not host:
                yield f"probe {probe.name}", self._probe(probe, program)
        for agent in program.agents:
            for which, check in _checks(agent):
                plan = HealthPlan(agent.name, which, check)
                yield f"{which} of {agent.name}", HealthWatch(plan, self._kinds[check.kind], self._world)
        yield "processes", ProcessesWatch(self._world)

    def _probe(self, probe: Probe, program: Program) -> Watch:
        into = program.fact_types.get(probe.into) if probe.into is not None else None
        kind = self._kinds[probe.check.kind]
        event = next((one for one in program.events if one.name == probe.into), None)
        if kind.WORD.pushes:
            return PushedWatch(PushedPlan(probe, event or into), cast(PushingKind, kind), self._world)
        kinds = [kind for kind in program.fact_types.values() if kind.series_of == probe.name]
        plan = ProbePlan(probe, into, tuple(map(scraped, kinds)))
        return ProbeWatch(plan, self._kinds[probe.check.kind], self._world)

    def _goes_on(self, name: str, watch: Watch) -> bool:
        current = self._rounds.get(name)
        return current is not None and current.watch.plan == watch.plan

    def _begin(self, name: str, watch: Watch, after: float) -> None:
        former = self._rounds.get(name)
        if former is not None:
            former.task.cancel()
            watch.take_over(former.watch)
        task = asyncio.create_task(self._keep_looking(name, watch, after), name=name)
        self._rounds[name] = Round(watch, task)

    async def _keep_looking(self, name: str, watch: Watch, after: float) -> None:
        clock = asyncio.get_running_loop().time
        due = clock() + after
        while watch.every == 0:  # it tells by itself; should it end, it begins anew
            await asyncio.sleep(due - clock())
            try:
                await watch.look()
            except Exception:  # noqa: BLE001 - a bug in one watch must not end it, nor any other
                logger.exception("{}: failed in a way that nobody foresaw", name)
            due = clock() + _PAUSE
        turn = self._turns.at(due)
        try:
            await turn
            due = together(due, watch.every)
            while True:
                await self._look(name, watch)
                due = next_due(due, watch.every, clock())
                turn = self._turns.at(due)
                await turn
        finally:
            self._turns.leave(due, turn)

    async def _look(self, name: str, watch: Watch) -> None:
        try:
            if self._slots.take() or await self._found_slot(watch):
                try:
                    await watch.look()
                finally:
                    self._slots.give_back()
        except Exception:  # noqa: BLE001 - a bug in one watch must not end it, nor any other
            logger.exception("{}: a look failed in a way that nobody foresaw", name)

    async def _found_slot(self, watch: Watch) -> bool:
        """Waiting for a slot is no part of the look's time: a check is not to blame for the others."""
        try:
            with self._world.deadlines.within(watch.every):
                await self._slots.wait()
        except TimeoutError:
            watch.missed("volexd could not look: too many other looks are under way")
            return False
        return True


def together(due: float, every: float) -> float:
    """The instant before the first look that begins its rhythm: at most a fifth of the interval earlier, and shared with others.

    One wake-up for several looks costs much less than one for each.
    """
    return due - due % min(_WAKE_UPS, every / 5)


def next_due(due: float, every: float, now: float) -> float:
    """The next instant of the rhythm that lies ahead; those that passed meanwhile are left out, not made up for."""
    return due + every * max(1, floor((now - due) / every) + 1)


def _checks(agent: Agent) -> Iterator[tuple[str, Check]]:
    if agent.health is not None:
        yield "health", agent.health
    if agent.ready is not None:
        yield "ready", agent.ready
