"""A probe: its own state is a fact (`probe`), and with `into` its reply becomes facts of a declared type."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from daemon.probes.probe import ProbeFailure, ProbeKind, Reply
from daemon.probes.prometheus import LEFT_OUT, SAMPLES, LeftOut, Sample
from daemon.watching import scraped
from daemon.watching.intake import Taken, Taking, items_of
from daemon.watching.look import Seen, Verdict, judged, look
from daemon.watching.scraped import Scraped
from daemon.watching.source import Source
from daemon.watching.watch import Watch
from daemon.world.refusals import Refusal
from daemon.world.world import World
from dsl.program import FactType, Probe
from engine.events import Looked, Reported, Withdrawn

Values = Mapping[str, object]
Member = tuple[str, str]  # type and key
Facts = dict[Member, Values]
_MANY = 5_000  # samples: so many are sorted in another thread


@dataclass(frozen=True, slots=True)
class ProbePlan:
    probe: Probe
    into: FactType | None
    scraped: tuple[Scraped, ...] = ()  # the types that are made of its series


class ProbeWatch:
    """Implements `Watch`."""

    def __init__(self, plan: ProbePlan, kind: ProbeKind, world: World) -> None:
        self.plan = plan
        self._kind = kind
        self._world = world
        self._known: dict[Member, None] = {}  # the facts of the last success
        self._let_in: set[Member] = set()  # by the look under way: nothing was told of them yet
        self._last_success: float | None = None
        kinds = [plan.into] if plan.into is not None else [one.kind for one in plan.scraped]
        self._sources = {one.name: Source(plan.probe.name, one.name, world) for one in kinds}

    @property
    def every(self) -> float:
        return self.plan.probe.check.every

    async def look(self) -> None:
        self._tell_all(self._world.now())  # what volexd knows of the source before it has looked
        seen = await look(self.plan.probe.check, self._kind, self._world)
        verdict = judged(self.plan.probe.check, self._kind, seen, self._world.now())
        if not verdict.ok or seen.reply is None:
            self._failed(seen.began, verdict)
            return
        try:
            facts, complaint = await self._facts(seen.reply)
        except ProbeFailure as failure:
            self._failed(seen.began, Verdict(False, str(failure)))
        else:
            self._succeeded(seen.began, facts, complaint)

    def missed(self, reason: str) -> None:
        seen = Seen(self._world.now(), error=reason, own=True)
        self._failed(seen.began, judged(self.plan.probe.check, self._kind, seen, seen.began))

    def take_over(self, former: Watch) -> None:
        if isinstance(former, ProbeWatch):
            former._give_back()
            self._known, self._last_success = former._known, former._last_success
            mine = self._itself_members()
            self._tell_all(
                self._world.now(), gone=[one for one in former._itself_members() if one not in mine]
            )

    def forget(self) -> None:
        self._give_back()
        self._release(self._known)
        self._tell_all(self._world.now(), gone=[*self._known, *self._itself_members()])

    def _failed(self, began: float, verdict: Verdict) -> None:
        self._give_back()
        self._tell_all(began, self._itself(began, verdict.ok, verdict.error))

    def _succeeded(self, began: float, facts: Facts, complaint: str) -> None:
        source, fresh_for = self.plan.probe.name, self.plan.probe.stale_after
        seen = [
            Reported(began, kind, key, values, source, fresh_for) for (kind, key), values in facts.items()
        ]
        gone = [member for member in self._known if member not in facts]
        self._release(gone)
        self._let_in.clear()
        self._known = dict.fromkeys(facts)
        self._last_success = began
        self._tell_all(began, *seen, self._itself(began, True, complaint), gone=gone)

    # --- from the reply to facts -------------------------------------------------------------------------------------

    async def _facts(self, reply: Reply) -> tuple[Facts, str]:
        """The facts of a reply, and what is wrong with them though they are taken. Raises ProbeFailure."""
        if self._kind.WORD.name == "host":
            return _host_facts(reply), ""
        kind, facts, complaints = self.plan.into, Facts(), []
        if kind is not None and not self.plan.scraped:
            complaints += await self._take(kind, items_of(reply, self.plan.probe.from_path, kind), facts)
        for plan in self.plan.scraped:
            items, refused = await _sorted(cast(list[Sample], reply[SAMPLES]), plan)
            refused.update(plan.refusals(cast(LeftOut, reply[LEFT_OUT])))
            for refusal, count in refused.items():
                self._sources[plan.kind.name].refuse(refusal, count)
            complaints += await self._take(plan.kind, items, facts)
        return facts, "; ".join(complaints)

    async def _take(self, kind: FactType, items: Iterable[object], facts: Facts) -> list[str]:
        """Adds the facts of one type; says what is wrong."""
        source = self._sources[kind.name]
        taking = Taking(kind, self._world.now(), _Door(self, kind, source))
        for _ in taking.steps(items):
            await asyncio.sleep(0)
        found = taking.taken
        source.account.unknown_fields = found.unknown
        source.account.full = found.surplus > 0
        facts.update({(kind.name, key): values for key, values in found.facts.items()})
        return _complaints(found, self._world.keys.most(kind.name))

    def _give_back(self) -> None:
        """The look came to nothing: what it let in was never told."""
        self._release(self._let_in - self._known.keys())
        self._let_in.clear()

    def _release(self, members: Iterable[Member]) -> None:
        for kind, key in members:
            self._world.keys.release(kind, key)

    # --- what the engine is told -------------------------------------------------------------------------------------

    def _itself(self, began: float, ok: bool | None, error: str) -> Reported:
        probe = self.plan.probe
        values = {"ok": ok, "last_error": error, "last_success": self._last_success}
        return Reported(began, "probe", probe.name, values, probe.name, probe.stale_after)

    def _itself_members(self) -> list[Member]:
        return [("probe", self.plan.probe.name), *(("source", one.key) for one in self._sources.values())]

    def _tell_all(self, at: float, *seen: Reported, gone: Iterable[Member] = ()) -> None:
        """Of one look, so as one event: what was seen, what there is to say of the source, and what is gone from it."""
        sources = (one.news(at) for one in self._sources.values())
        withdrawn = (Withdrawn(at, kind, key) for kind, key in gone)
        told: tuple[Reported | Withdrawn, ...] = (*seen, *filter(None, sources), *withdrawn)
        if told:
            self._world.post(Looked(at, told))


class _Door:
    """Implements `intake.Door` for one look of a probe and one type."""

    def __init__(self, watch: ProbeWatch, kind: FactType, source: Source) -> None:
        self._watch = watch
        self._kind = kind.name
        self._source = source
        self.refuse = source.refuse

    def admits(self, key: str) -> bool:
        admitted = self._source.admits(key)
        if admitted:
            self._watch._let_in.add((self._kind, key))
        return admitted

    def arrived(self, keys: Collection[str]) -> None:
        """What is gone from the source makes room."""
        watch, kind = self._watch, self._kind
        watch._release([(known, key) for known, key in watch._known if known == kind and key not in keys])


async def _sorted(samples: list[Sample], plan: Scraped) -> tuple[Iterable[object], Counter[Refusal]]:
    if len(samples) < _MANY:
        return scraped.items_of(samples, plan)
    return await asyncio.to_thread(scraped.items_of, samples, plan)


def _complaints(found: Taken, most: int) -> list[str]:
    complaints = []
    if found.surplus:
        complaints.append(f"{found.surplus} items beyond the {most} that there may be are left out")
    if found.unusable:
        complaints.append(f"{found.unusable} items without a usable key are left out")
    return complaints


def _host_facts(reply: Reply) -> Facts:
    facts: Facts = {("host", str(reply["name"])): {name: reply[name] for name in reply if name != "disks"}}
    for disk in cast(list[Values], reply["disks"]):
        facts["disk", str(disk["mount"])] = disk
    return facts
