"""What is started in which order, and how it ends. The engine runs in this loop, and nowhere else."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from loguru import logger

from daemon.config import Config
from daemon.rules.loading import Loaded, load_rules, utc_day
from daemon.rules.made import made_by_calls, with_made
from daemon.rules.watch import RulesWatch
from daemon.service.desk import Desk
from daemon.service.engine_loop import EngineLoop, Observer
from daemon.service.executor import Executor, action_kinds
from daemon.service.in_force import RulesInForce, RulesRefused
from daemon.service.journal import Journal, Keeping
from daemon.service.notify import notifier
from daemon.service.remembering import Remembering, say_taken_up
from daemon.service.signals import handled
from daemon.service.withholding import Withholding
from daemon.store.facts import FactRecorder
from daemon.store.restore import first_ids, restored
from daemon.store.retention import let_go
from daemon.store.store import Store
from daemon.watching.polling import Polling, probe_kinds
from daemon.world.bounds import Bounds
from daemon.world.capacity import of_this_machine
from daemon.world.clock import Clock
from daemon.world.commands import Commands
from daemon.world.refusals import Refusals
from daemon.world.world import World, real_world
from dsl.program import Program
from dsl.shadow import in_shadow
from dsl.source import Source
from engine.engine import Engine
from engine.events import CapacityKnown

if TYPE_CHECKING:
    from daemon.control.server import ControlServer
    from daemon.intelligence.calls import Calls

EXIT_REFUSED = 78  # EX_CONFIG: systemd does not start it again
_GRACE = 8.0  # seconds for actions under way
_STOP_GRACE = 5.0  # seconds for agents
_RETENTION_EVERY = 3600.0
_GARBAGE = 10_000  # objects that came and did not go, before they are looked through
_TICK = 10.0  # seconds between two ticks when no watchdog asks for them


def _collect_garbage_from_now_on() -> None:
    """What the start has left is no garbage, and is not looked through again. Nearly everything ends by itself here; Python would look
    700 objects over in the middle of one event in twenty, and find that the looks under way still need theirs."""
    gc.set_threshold(_GARBAGE)
    gc.collect()
    gc.freeze()
    gc.enable()


class Service:
    """`run`, or `start` and `stop` by somebody who lives in the same loop."""

    def __init__(
        self, config: Config, now: Callable[[], float] | None = None, *, shadow: bool = False
    ) -> None:
        """In the `shadow` it watches, decides and records, and nothing of it reaches the world."""
        self.config = config
        self._shadow = shadow
        self._now = now or Clock()
        self._observers: list[Observer] = []
        self._notifier = notifier()
        self._tasks: list[asyncio.Task[None]] = []
        self._reload: asyncio.Task[None] | None = None
        self._control: ControlServer | None = None
        self._journal: Journal | None = None
        self._calls: Calls | None = None

    def calls(self) -> Calls:
        """The eleven calls on this service, once it has started; loaded when they are first asked for."""
        if self._calls is None:
            from daemon.intelligence.calls import Calls

            self._calls = Calls(self.loop, self.rules, self.store, self._now)
        return self._calls

    def observe(self, observer: Observer) -> None:
        """It will see every event with its effects. Before `start` only."""
        self._observers.append(observer)

    async def run(self) -> int:
        """Until TERM or INT. The exit status of the process."""
        try:
            await self.start()
        except RulesRefused as refusal:
            logger.error("the rules are refused, nothing runs\n{}", refusal)
            return EXIT_REFUSED
        ended = asyncio.Event()
        with handled(end=ended.set, reload=self.reload_soon, say=self._say_state):
            self._notifier.ready(self._state())
            _collect_garbage_from_now_on()
            await ended.wait()
            self._notifier.stopping()
            await self.stop()
        return 0

    async def start(self) -> None:
        """Raises RulesRefused, StoreError; then nothing is left running."""
        if self._shadow:
            logger.warning("volexd runs in the shadow: it watches, decides and records, and does nothing")
        commands = self._commands()
        loaded = await asyncio.to_thread(load_rules, self.config, commands, today=utc_day(self._now()))
        if loaded.program is None:
            raise RulesRefused(loaded.as_text())
        self.store = Store.open(self.config.database.url)
        self.engine = Engine(*first_ids(self.store))
        recorder = FactRecorder(partial(self.store.take_id, "fact"))
        self.loop = EngineLoop(self.engine, self.store.writer, recorder, self._now)
        self.loop.observers += self._observers
        self.world = self._make_world(commands)
        self.loop.executor = Withholding(self.world) if self._shadow else Executor(self.world, action_kinds())
        self.polling = Polling(self.world, probe_kinds(), self.config.polling.concurrency)
        as_run = in_shadow if self._shadow else _as_written
        self.rules = RulesInForce(
            self.config, self.loop, self.world, self.polling, self.store, self._now, as_run
        )
        self._keep_journal()
        await self._begin(*await asyncio.to_thread(self._with_made, loaded, commands))

    def _with_made(self, loaded: Loaded, commands: Commands) -> tuple[Loaded, tuple[Source, ...]]:
        """The rules of the files, and those that calls made in a former life."""
        today = utc_day(self._now())
        return with_made(
            lambda made: load_rules(self.config, commands, made, today=today, memory=loaded.memory),
            loaded,
            made_by_calls(self.store),
        )

    def _keep_journal(self) -> None:
        """From the first event on, where a directory is configured. One that cannot be used is a warning."""
        configured = self.config.journal
        if configured.directory is None:
            return
        keeping = Keeping(configured.keep_hours * 3600.0, configured.largest_mb * 2**20)
        try:
            self._journal = Journal(configured.directory, keeping, lambda: self.rules.loaded)
        except OSError as error:
            logger.warning("no journal is kept: {}", error)
            return
        self._journal.begin(self._now(), (self.engine.ledger.next_id, self.engine.ledger.next_line))
        self.loop.observers.append(self._journal.observe)

    def _commands(self) -> Commands:
        configured = self.config.commands
        programs = str(configured.programs) if configured.programs else None
        directories = tuple(map(str, configured.directories))
        return Commands(tuple(map(str, configured.path)), programs, directories=directories)

    def _make_world(self, commands: Commands) -> World:
        logs = str(self.config.logs.agents) if self.config.logs.agents else None
        prunable = tuple(map(str, self.config.prune.directories))
        facts = self.config.facts
        bounds = Bounds(facts.keys, dict(facts.keys_of), facts.per_second, facts.waiting)
        self.loop.refusals = Refusals(self._now, lambda: self.store.take_id("refusal"))
        address = self.config.webhooks.address
        return real_world(
            commands, logs, self.loop.post, self._now, address, prunable, bounds, self.loop.refusals
        )

    async def _begin(self, loaded: Loaded, made: tuple[Source, ...]) -> None:
        """What the machine has, the rules, what was open when volexd last ended, then its agents; people may ask from then on."""
        has = of_this_machine(dict(self.config.work.slots))
        self.loop.post(CapacityKnown(self._now(), has.cpu, has.memory, has.slots or {}))
        await self.rules.begin(loaded, made)
        self.loop.post(restored(self.store, self._now()))
        say_taken_up(self.engine.taken_up)
        self._remembering = Remembering(self.loop, self.store.writer, self._now)
        self.rules.start_agents(self.rules.program.agents)
        self._watch = RulesWatch(asyncio.get_running_loop(), self.reload_soon)
        self._watch.start(self.config.rules)
        await self._listen()
        self._tasks.append(asyncio.create_task(self._feed_watchdog(), name="watchdog"))
        self._tasks.append(asyncio.create_task(self._let_go_of_what_is_old(), name="retention"))
        self._tasks.append(asyncio.create_task(self._remembering.run(), name="remembering"))

    async def _listen(self) -> None:
        """A socket that cannot be used is a warning, not an end."""
        from daemon.control.listening import SocketInUse, SocketUnusable
        from daemon.control.server import serve

        path = self.config.socket.path
        if path is None:
            logger.warning("no place for the control socket; give one with --socket")
            return
        try:
            self._control = await serve(
                Desk(self.engine, self.loop, self.store, self.rules, self.calls, self._now),
                path,
                self.config.socket.mode,
            )
        except (SocketInUse, SocketUnusable) as error:
            logger.warning("nobody can talk to this volexd: {}", error)

    async def stop(self) -> None:
        """Drain and persist: no more looks, what is under way ends, agents end, everything is written."""
        self._watch.stop()
        if self._control is not None:
            await self._control.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.polling.close()
        self._remembering.keep(
            windows=True
        )  # before the agents end, which is volexd's doing and nobody's wish
        self.rules.stop_agents()
        assert self.loop.executor is not None
        await self.loop.executor.close(_GRACE)
        await self.world.close(_STOP_GRACE)
        self.loop.close()
        if self._journal is not None:
            self._journal.close()
        await asyncio.to_thread(self.store.close)
        self.engine.close()

    def reload_soon(self) -> None:
        """A signal came, or a file changed."""
        self._reload = asyncio.create_task(self._reload_now())

    async def _reload_now(self) -> None:
        self._notifier.reloading()
        await self.rules.reload()
        self._notifier.ready(self._state())

    def _state(self) -> str:
        shadow = "in the shadow: " if self._shadow else ""
        return f"{shadow}{len(self.rules.program.agents)} agents, {len(self.engine.faults.open)} open faults"

    def _say_state(self) -> None:
        logger.info("{}; {} events taken", self._state(), self.loop.steps)

    async def _let_go_of_what_is_old(self) -> None:
        while True:
            await asyncio.sleep(_RETENTION_EVERY)
            let_go(self.store.writer, self._now(), self.config.database.retention_days)

    async def _feed_watchdog(self) -> None:
        """Alive is who takes events: a tick goes through the engine, and only if it did is the watchdog fed."""
        while True:
            before = self.loop.steps
            self.loop.tick()
            if self.loop.steps > before:
                self._notifier.alive()
            await asyncio.sleep(self._notifier.watchdog_interval or _TICK)


def _as_written(program: Program) -> Program:
    return program
