"""The rules in force. A new program takes effect at one instant, everywhere, or nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from loguru import logger

from daemon.config import Config
from daemon.rules import rows
from daemon.rules.loading import Loaded, load_rules, utc_day
from daemon.service.engine_loop import EngineLoop
from daemon.store.store import Store
from daemon.watching.polling import Polling
from daemon.world.world import World
from dsl.program import Agent, Program
from dsl.source import Source
from engine.carried import Carried
from engine.events import Commanded, ProgramReplaced

_GRACE = 5.0  # seconds for the units of agents that are in the rules no longer
_SAID = 20  # resets in the log; the row of the reload has all of them


class RulesRefused(Exception):
    """There is an error in the rules, so they cannot run; the text is all that was found."""


@dataclass(frozen=True, slots=True)
class Reload:
    """`outcome` is applied, refused or unchanged."""

    outcome: str
    loaded: Loaded
    detail: str = ""
    carried: Carried = field(default_factory=Carried)


class RulesInForce:
    """Knows everybody who has to be told of a new program."""

    def __init__(
        self,
        config: Config,
        loop: EngineLoop,
        world: World,
        polling: Polling,
        store: Store,
        now: Callable[[], float],
        as_run: Callable[[Program], Program],
    ) -> None:
        """`as_run` makes of a program what is in force of it: itself, or the same in the shadow."""
        self.program = Program()
        self._as_run = as_run
        self.loaded = Loaded(None, (), ())
        self.made: tuple[Source, ...] = ()  # by calls, beside the files
        self._config = config
        self._loop = loop
        self._world = world
        self._polling = polling
        self._store = store
        self._now = now
        self._turn = asyncio.Lock()

    async def begin(self, loaded: Loaded, made: tuple[Source, ...] = ()) -> None:
        """The first program of this life. The agents are started by `start_agents`, when the past is known."""
        if loaded.program is None:
            raise RulesRefused(loaded.as_text())
        self.made = made
        await self._apply(loaded, loaded.program)

    def start_agents(self, agents: Sequence[Agent]) -> None:
        """Units that are volexd's children are volexd's to start; the engine decides that like everything else. What
        somebody stopped stays stopped, also in a later life. In the shadow they are somebody else's."""
        if self.program.shadow:
            return
        states = self._loop.engine.agents.states
        for agent in agents:
            state = states.get(agent.name)
            if agent.unit is not None and (state is None or state.wanted):
                self._loop.post(Commanded(self._now(), "start", agent.name, "volexd, which runs it"))

    def stop_agents(self) -> None:
        """They end with volexd, if it runs them."""
        if self.program.shadow:
            return
        for agent in self.program.agents:
            if agent.unit is not None:
                self._loop.post(Commanded(self._now(), "stop", agent.name, "volexd, which ends"))

    async def reload(self) -> Reload:
        """Read the rules again. What is refused changes nothing, and is stored."""
        async with self._turn:
            reload = await self._reload(self.made)
        if reload.outcome == "refused":
            logger.error("the rules are refused; what runs goes on\n{}", reload.loaded.as_text())
        return reload

    async def remake(self, made: tuple[Source, ...]) -> Reload:
        """Let these take the place of what calls made before, if the rules are good with them. Whoever called is told if not."""
        async with self._turn:
            reload = await self._reload(made)
            if reload.outcome != "refused":
                self.made = made
            return reload

    async def _reload(self, made: tuple[Source, ...]) -> Reload:
        loaded = await asyncio.to_thread(
            load_rules,
            self._config,
            self._world.commands,
            made,
            today=utc_day(self._now()),
            memory=self.loaded.memory,
        )
        if loaded.program is None:
            return self._stored(Reload("refused", loaded, f"{len(loaded.errors)} errors"))
        if loaded.program.digest == self.program.digest:
            return self._stored(Reload("unchanged", loaded))
        before = {agent.name for agent in self.program.agents}
        reload = await self._apply(loaded, loaded.program)
        self.start_agents([agent for agent in loaded.program.agents if agent.name not in before])
        return reload

    async def _apply(self, loaded: Loaded, program: Program) -> Reload:
        program = self._as_run(program)
        self.program, self.loaded = program, loaded
        retired = self._world.units.replace(program)
        self._world.channels.replace(program.channels)
        self._loop.post(ProgramReplaced(self._now(), program))
        carried = self._loop.engine.carried
        self._polling.replace(program)
        files = len(loaded.sources)
        self._store.writer.submit(rows.of_program(program, files, self._store.take_id, self._now()))
        self._say(loaded, program, carried)
        await asyncio.gather(*(self._world.units.retire(agent, _GRACE) for agent in retired))
        return self._stored(Reload("applied", loaded, carried.said(), carried))

    def _say(self, loaded: Loaded, program: Program, carried: Carried) -> None:
        if loaded.findings:
            logger.warning("the rules run, with findings\n{}", loaded.as_text())
        parts = {
            "agents": program.agents,
            "probes": program.probes,
            "detections": program.detections,
            "recoveries": program.recoveries,
            "workflows": program.workflows,
            "automations": program.automations,
        }
        said = ", ".join(f"{len(found)} {name}" for name, found in parts.items() if found)
        logger.info("{}: {}", "in the shadow" if program.shadow else "in force", said)
        if carried.kept or carried.resets:
            logger.info("what was under way: {}", carried.said())
        for one in carried.resets[:_SAID]:
            logger.info("reset: {}", one.said())

    def _stored(self, reload: Reload) -> Reload:
        digest = reload.loaded.program.digest if reload.loaded.program else ""
        row = rows.of_reload(
            reload.outcome, reload.loaded.findings, digest, reload.carried, reload.detail, self._store.take_id,
            self._now(),
        )  # fmt: skip
        self._store.writer.submit([row])
        return reload
