"""A probe: its own state is a fact (`probe`), and with `into` its reply becomes facts of a declared type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from loguru import logger

from daemon.probes.probe import ProbeFailure, ProbeKind, Reply
from daemon.probes.prometheus import SAMPLES, Sample
from daemon.watching.intake import FACTS_LIMIT, Taken, taken
from daemon.watching.look import Seen, judged, look
from daemon.watching.scraped import Scraped, facts_of
from daemon.watching.watch import Watch
from daemon.world.world import World
from dsl.program import FactType, Probe
from engine.events import Looked, Reported, Withdrawn

Values = Mapping[str, object]
Facts = dict[tuple[str, str], Values]  # type and key to values


@dataclass(frozen=True, slots=True)
class ProbePlan:
    probe: Probe
    into: FactType | None
    scraped: tuple[Scraped, ...] = ()  # the types that are made of its series


class ProbeWatch:
    """Implements `Watch`. `ignored` counts the values that no field was declared for."""

    def __init__(self, plan: ProbePlan, kind: ProbeKind, world: World) -> None:
        self.plan = plan
        self.ignored = 0
        self._kind = kind
        self._world = world
        self._known: dict[tuple[str, str], None] = {}  # the facts of the last success
        self._last_success: float | None = None
        self._warned: set[str] = set()

    @property
    def every(self) -> float:
        return self.plan.probe.check.every

    async def look(self) -> None:
        self._tell(await look(self.plan.probe.check, self._kind, self._world))

    def missed(self, reason: str) -> None:
        self._tell(Seen(self._world.now(), error=reason, own=True))

    def take_over(self, former: Watch) -> None:
        if isinstance(former, ProbeWatch):
            self._known, self._last_success = former._known, former._last_success
            if former.plan.probe.name != self.plan.probe.name:
                self._tell_all(self._world.now(), gone=[("probe", former.plan.probe.name)])

    def forget(self) -> None:
        self._tell_all(self._world.now(), gone=[*self._known, ("probe", self.plan.probe.name)])

    def _tell(self, seen: Seen) -> None:
        verdict = judged(self.plan.probe.check, self._kind, seen, self._world.now())
        if verdict.ok and seen.reply is not None:
            try:
                self._succeeded(seen.began, seen.reply)
            except ProbeFailure as failure:
                self._tell_all(seen.began, self._itself(seen.began, ok=False, error=str(failure)))
        else:
            self._tell_all(seen.began, self._itself(seen.began, ok=verdict.ok, error=verdict.error))

    def _succeeded(self, began: float, reply: Reply) -> None:
        facts, complaint = self._facts(reply)
        source, fresh_for = self.plan.probe.name, self.plan.probe.stale_after
        seen = [
            Reported(began, kind, key, values, source, fresh_for) for (kind, key), values in facts.items()
        ]
        gone = [member for member in self._known if member not in facts]
        self._known = dict.fromkeys(facts)
        self._last_success = began
        self._tell_all(began, *seen, self._itself(began, ok=True, error=complaint), gone=gone)

    def _facts(self, reply: Reply) -> tuple[Facts, str]:
        """The facts of a reply, and what is wrong with them though they are taken. Raises ProbeFailure."""
        if self._kind.WORD.name == "host":
            return _host_facts(reply), ""
        if self.plan.scraped:
            return self._scraped(cast(list[Sample], reply[SAMPLES]))
        kind = self.plan.into
        if kind is None:
            return {}, ""
        found = taken(reply, self.plan.probe.from_path, kind, self._world.now(), self._warn)
        self.ignored += found.ignored
        return {(kind.name, key): values for key, values in found.facts.items()}, _complaint(found)

    def _scraped(self, samples: list[Sample]) -> tuple[Facts, str]:
        """The facts of every type that is made of what is scraped here."""
        facts: Facts = {}
        complaints = []
        for plan in self.plan.scraped:
            found = facts_of(samples, plan, self._world.now(), self._warn)
            facts |= {(plan.kind.name, key): values for key, values in found.facts.items()}
            complaints.append(_complaint(found))
        return facts, "; ".join(filter(None, complaints))

    def _itself(self, began: float, *, ok: bool | None, error: str) -> Reported:
        probe = self.plan.probe
        values = {"ok": ok, "last_error": error, "last_success": self._last_success}
        return Reported(began, "probe", probe.name, values, probe.name, probe.stale_after)

    def _tell_all(self, at: float, *seen: Reported, gone: Iterable[tuple[str, str]] = ()) -> None:
        """Of one look, so as one event: what was seen, and what is gone from the source."""
        withdrawn = (Withdrawn(at, kind, key) for kind, key in gone)
        self._world.post(Looked(at, (*seen, *withdrawn)))

    def _warn(self, about: str, sentence: str) -> None:
        """Once for each field: a source that is wrong is wrong at every look."""
        if about not in self._warned:
            self._warned.add(about)
            logger.warning("probe {}: {}", self.plan.probe.name, sentence)


def _complaint(found: Taken) -> str:
    complaints = []
    if found.surplus:
        complaints.append(f"{found.surplus} items beyond the first {FACTS_LIMIT} are left out")
    if found.unusable:
        complaints.append(f"{found.unusable} items without a usable key are left out")
    return "; ".join(complaints)


def _host_facts(reply: Reply) -> Facts:
    facts: Facts = {("host", str(reply["name"])): {name: reply[name] for name in reply if name != "disks"}}
    for disk in cast(list[Values], reply["disks"]):
        facts["disk", str(disk["mount"])] = disk
    return facts
