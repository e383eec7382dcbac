"""A source that tells by itself: what it says becomes events, or facts of a declared type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from daemon.probes.probe import ProbeFailure, Reply
from daemon.watching.intake import Unfit, fitted, taken
from daemon.watching.look import valued
from daemon.watching.watch import Watch
from daemon.world.settings import settings_of
from daemon.world.world import World
from dsl.operators import walk
from dsl.program import EventType, FactField, FactType, Probe
from engine.events import Happened, Looked, Reported


class PushingKind(Protocol):
    """A file of `daemon/probes/` whose word `pushes`."""

    async def follow(
        self,
        settings: Mapping[str, object],
        world: World,
        say: Callable[[Reply], None],
        trouble: Callable[[str], None],
    ) -> None:
        """Until it is cancelled; `trouble` is told why nothing comes, "" when something can come again."""


@dataclass(frozen=True, slots=True)
class PushedPlan:
    probe: Probe
    into: FactType | EventType | None


class PushedWatch:
    """Implements `Watch`; its `every` is 0, since nobody looks."""

    every = 0.0

    def __init__(self, plan: PushedPlan, kind: PushingKind, world: World) -> None:
        self.plan = plan
        self._kind = kind
        self._world = world
        self._warned: set[str] = set()

    async def look(self) -> None:
        """Follow the source, until it is cancelled."""
        check = self.plan.probe.check
        try:
            settings = settings_of(check.settings, {}, self._world.now())
            await self._kind.follow(settings, self._world, self._say, self._trouble)
        except ProbeFailure as failure:
            self._trouble(str(failure))

    def missed(self, reason: str) -> None:
        """Nobody looks, so nothing is missed."""

    def take_over(self, former: Watch) -> None:
        """What it said stands."""

    def forget(self) -> None:
        """What happened, happened."""

    def _trouble(self, reason: str) -> None:
        probe, now = self.plan.probe, self._world.now()
        values: dict[str, object] = {"ok": not reason, "last_error": reason}
        self._world.post(Reported(now, "probe", probe.name, values, probe.name))

    def _say(self, reply: Reply) -> None:
        probe, into, now = self.plan.probe, self.plan.into, self._world.now()
        if isinstance(into, EventType):
            for item in _items(walk(reply, probe.from_path)):
                values = {one.name: self._value(one, item) for one in into.fields}
                self._world.post(Happened(now, into.name, values, now, probe.name))
        elif into is not None:
            fresh = None if probe.stale_after == float("inf") else probe.stale_after
            found = taken(reply, probe.from_path, into, now, self._warn)
            told = (
                Reported(now, into.name, key, fact, probe.name, fresh) for key, fact in found.facts.items()
            )
            self._world.post(Looked(now, tuple(told)))

    def _value(self, one: FactField, item: Mapping[str, object]) -> object:
        given = (
            item.get(one.name)
            if one.computed is None
            else valued(one.computed, {"item": item}, self._world.now())
        )
        try:
            return None if given is None else fitted(one, given)
        except Unfit as error:
            self._warn(one.name, f"{one.name} is {error}, and counts as unknown")
            return None

    def _warn(self, about: str, sentence: str) -> None:
        """Once for each field: a source that is wrong is wrong every time."""
        if about not in self._warned:
            self._warned.add(about)
            logger.warning("probe {}: {}", self.plan.probe.name, sentence)


def _items(found: object) -> list[Mapping[str, object]]:
    """One event, or several in a list."""
    members = found if isinstance(found, (list, tuple)) else [found]
    return [member for member in members if isinstance(member, Mapping)]
