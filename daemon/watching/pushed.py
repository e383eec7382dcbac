"""A source that tells by itself: what it says becomes events, or facts of a declared type."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from daemon.probes.probe import Listener, ProbeFailure, Reply
from daemon.watching.flow import Flow, Waiting
from daemon.watching.intake import taken, value_of
from daemon.watching.source import Source
from daemon.watching.watch import Watch
from daemon.world.refusals import Refusal
from daemon.world.settings import settings_of
from daemon.world.world import World
from dsl.operators import walk
from dsl.program import EventType, FactType, Probe
from engine.events import Happened, Looked, Reported, Withdrawn

_NEWS_EVERY = 1.0  # seconds: so often at most is told how much was refused
_FLOOD = Refusal("flood", "", "it tells more than volexd takes in; what is over that is left out")


class PushingKind(Protocol):
    """A file of `daemon/probes/` whose word `pushes`."""

    async def follow(self, settings: Mapping[str, object], world: World, listener: Listener) -> None:
        """Until it is cancelled."""


@dataclass(frozen=True, slots=True)
class PushedPlan:
    probe: Probe
    into: FactType | EventType | None


class PushedWatch:
    """Implements `Watch`, `Listener` and `intake.Door`; its `every` is 0, since nobody looks."""

    every = 0.0

    def __init__(self, plan: PushedPlan, kind: PushingKind, world: World) -> None:
        self.plan = plan
        self._kind = kind
        self._world = world
        self._source = Source(plan.probe.name, plan.into.name, world) if plan.into is not None else None
        self._flow = Flow(self._take, world.bounds.per_second, world.bounds.waiting)
        self._told_at: dict[
            str, float
        ] = {}  # of facts that go stale: the one that was told longest ago first
        self._news: asyncio.TimerHandle | None = None

    async def look(self) -> None:
        """Follow the source, until it is cancelled."""
        check = self.plan.probe.check
        self._tell_news()
        try:
            settings = settings_of(check.settings, {}, self._world.now())
            await self._kind.follow(settings, self._world, self)
        except ProbeFailure as failure:
            self.trouble(str(failure))

    def missed(self, reason: str) -> None:
        """Nobody looks, so nothing is missed."""

    def take_over(self, former: Watch) -> None:
        """What it said stands, and what waits is still to be said."""
        if isinstance(former, PushedWatch):
            self._told_at = former._told_at
            for one in former._end(self._source):
                self._offer([one])

    def forget(self) -> None:
        """What happened, happened."""
        self._end(None)

    def _end(self, goes_on: Source | None) -> list[Waiting]:
        if self._news is not None:
            self._news.cancel()
        source = self._source
        if source is not None and (goes_on is None or goes_on.key != source.key):
            self._world.post(Withdrawn(self._world.now(), "source", source.key))
        return self._flow.close()

    # --- what the source says (`Listener`) ---------------------------------------------------------------------------

    def say(self, reply: Reply, items: int = 1, size: int = 0) -> bool:
        """Events are taken one by one, however many came together; facts that came together are one look."""
        now, probe = self._world.now(), self.plan.probe
        if not isinstance(self.plan.into, EventType):
            return self._offer([Waiting(reply, now, items, size)])
        found = walk(reply, probe.from_path)
        events = found if isinstance(found, (list, tuple)) else [found]
        return self._offer([Waiting(event, now, 1, size // len(events)) for event in events])

    def _offer(self, came: list[Waiting]) -> bool:
        taken = self._flow.offer(came)
        if not taken:
            self.lost(sum(one.items for one in came))
        return taken

    def lost(self, items: int) -> None:
        self.refuse(_FLOOD, items)
        self._tell_news_later()

    def trouble(self, reason: str) -> None:
        probe, now = self.plan.probe, self._world.now()
        values: dict[str, object] = {"ok": not reason, "last_error": reason}
        self._world.post(Reported(now, "probe", probe.name, values, probe.name))

    # --- who is let in (`Door`) --------------------------------------------------------------------------------------

    def arrived(self, keys: Collection[str]) -> None:
        """What is not said again stands: nothing makes room."""

    def admits(self, key: str) -> bool:
        assert self._source is not None
        if self._source.admits(key) or (self._make_room() and self._source.admits(key)):
            return True
        self._source.account.full = True
        return False

    def refuse(self, refusal: Refusal, count: int = 1) -> None:
        if self._source is not None:
            self._source.refuse(refusal, count)

    def _make_room(self) -> bool:
        """Facts of which all has gone stale go, when there is no room for new ones."""
        assert self._source is not None
        now, gone = self._world.now(), []
        for key, told_at in self._told_at.items():
            if told_at + self.plan.probe.stale_after > now:
                break
            gone.append(key)
        for key in gone:
            del self._told_at[key]
            self._world.keys.release(self._source.kind, key)
        if gone:
            self._world.post(Looked(now, tuple(Withdrawn(now, self._source.kind, key) for key in gone)))
        return bool(gone)

    # --- what the engine is told -------------------------------------------------------------------------------------

    def _take(self, one: Waiting) -> None:
        into = self.plan.into
        if isinstance(into, EventType):
            self._happened(into, one)
        elif into is not None:
            try:
                self._reported(into, one)
            except ProbeFailure as failure:
                self.refuse(Refusal("no_object", "", str(failure)), one.items)
        self._tell_news_later()

    def _happened(self, into: EventType, one: Waiting) -> None:
        now = self._world.now()
        if not isinstance(one.what, Mapping):
            self.refuse(Refusal("no_object", "", "something was said that is no object, and is left out"))
            return
        values = {field.name: value_of(field, one.what, now, self) for field in into.fields}
        if self._source is not None:
            self._source.account.unknown_fields = sum(name not in values for name in one.what)
        self._world.post(Happened(now, into.name, values, one.came_at, self.plan.probe.name))

    def _reported(self, into: FactType, one: Waiting) -> None:
        assert self._source is not None
        probe, at = self.plan.probe, one.came_at
        found = taken(cast(Reply, one.what), probe.from_path, into, at, self)
        self._source.account.unknown_fields = found.unknown
        fresh = None if probe.stale_after == float("inf") else probe.stale_after
        if fresh is not None:
            for key in found.facts:
                self._told_at.pop(key, None)
                self._told_at[key] = at
        told = (Reported(at, into.name, key, fact, probe.name, fresh) for key, fact in found.facts.items())
        self._world.post(Looked(at, tuple(told)))

    def _tell_news_later(self) -> None:
        """How much was refused, soon: a flood is told of by seconds, not by drops."""
        if self._news is None and self._source is not None:
            self._news = asyncio.get_running_loop().call_later(_NEWS_EVERY, self._tell_news)

    def _tell_news(self) -> None:
        self._news = None
        news = self._source.news(self._world.now()) if self._source is not None else None
        if news is not None:
            self._world.post(news)
