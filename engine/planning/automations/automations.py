"""Automations in force: their rows and facts, their due times, pauses, and what of them is known after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from math import inf
from typing import Any

from dsl.parts import Schedule
from dsl.work import Automation
from engine.alarms import Alarm, Alarms
from engine.analysis.written import instant
from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger, as_json
from engine.planning.automations.running import Running
from engine.planning.automations.state import Known
from engine.planning.pauses import BY_HAND, Pauses
from engine.planning.schedule import dues, next_after
from engine.renaming import Names, write

# What a former life knew is told after the first program: until then nothing is written and nothing immediate runs.
PATIENCE = 1.0
_COUNTED = 1000

Row = Mapping[str, Any]


class Automations:
    """`forget(kind, name)` takes a fact out of the working memory, with all that rests on it. `pauses` is set by the owner."""

    pauses: Pauses

    def __init__(
        self, running: Running, memory: WorkingMemory, alarms: Alarms, ledger: Ledger, clock: Callable[[], float],
        forget: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        self.known = running.known
        self._running = running
        self._memory = memory
        self._alarms = alarms
        self._ledger = ledger
        self._clock = clock
        self._forget = forget
        self.announced = False
        self._announcement: Alarm | None = None
        running.told = self.tell

    # --- coming into force -----------------------------------------------------------------------------------------

    def replace(self, plans: Iterable[Automation]) -> None:
        """Take the automations of a new program. Due times go on where the schedule is the same."""
        wanted = {plan.head.name: plan for plan in plans if not plan.head.off}
        for name in [name for name in self.known if name not in wanted]:
            self._drop(self.known.pop(name))
        for name, plan in wanted.items():
            self._take(name, plan)
        if self.announced:
            self._announce_all()
        elif self._announcement is None:
            self._announcement = self._alarms.at(self._clock() + PATIENCE, self.announce)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise: ids, due times and pauses go on, and runs that are under way."""
        known = [*self.known.values()]
        self.known.clear()  # it is shared
        for one in known:
            former, one.plan = one.name, names.rule("automation", one.plan)
            self.known[one.name] = one
            if one.name != former:
                self._memory.rename("automation", former, one.name)
                self._renamed(one, former)

    def _renamed(self, known: Known, former: str) -> None:
        now = self._clock()
        if known.id:
            write(self._ledger, "automation", known.id, "name", former, known.name, now)
        for run in known.live:
            write(self._ledger, "automation_run", run.id, "automation", former, known.name, now)

    def _take(self, name: str, plan: Automation) -> None:
        known = self.known.get(name)
        if known is None:
            known = self.known[name] = Known(plan)
            known.created_at = self._clock()
            known.paused = bool(self.pauses.of("automation", name))
            self._schedule(known)
        else:
            same, known.plan = known.plan.schedule == plan.schedule, plan
            if not same:
                self._schedule(known)
        self.tell(known)

    def _drop(self, known: Known) -> None:
        """It is in force no longer: what waits does not begin, what runs ends under its old text."""
        known.call_off()
        self._running.cancel_waiting(known, "the automation is in force no longer")
        if known.id:
            self._ledger.record("automation", known.id, status="off", next_at=None, updated_at=self._clock())
        self._forget("automation", known.name)

    def announce(self) -> None:
        """From now on its rows are written: what a former life knew has been told, or there was none."""
        if not self.announced:
            self.announced = True
            if self._announcement is not None:
                self._announcement.call_off()
            self._announce_all()

    def _announce_all(self) -> None:
        for known in list(self.known.values()):
            if known.id == 0:
                known.id = self._ledger.new_id()
                self._record(known, created_at=known.created_at)
                if known.plan.schedule is not None and known.plan.schedule.kind == "immediate":
                    self._running.request(known, "schedule", self._clock(), "it came into force")
            else:
                self._record(known)

    def _record(self, known: Known, **columns: object) -> None:
        plan = known.plan
        schedule = " ".join(plan.schedule.text.split()) or plan.schedule.kind if plan.schedule else None
        self._ledger.record(
            "automation", known.id, durable=False, name=known.name, type=plan.type, status=known.values()["status"],
            priority=plan.head.priority, schedule=schedule, next_at=known.next_at, updated_at=self._clock(),
            paused_by=as_json(self.pauses.of("automation", known.name)), **columns,
        )  # fmt: skip

    def tell(self, known: Known) -> None:
        """Bring its fact up to date."""
        if self.known.get(known.name) is known:
            fact = self._memory.fact("automation", known.name)
            self._memory.merge(fact, known.values(), self._clock(), "volexd", inf)

    # --- due times -------------------------------------------------------------------------------------------------

    def _schedule(self, known: Known) -> None:
        """Wait for the next due time."""
        known.call_off()
        schedule = known.plan.schedule
        known.next_at = next_after(schedule, self._clock()) if schedule is not None else None
        if known.next_at is not None:
            known.alarm = self._alarms.at(known.next_at, lambda: self._due(known))

    def _due(self, known: Known) -> None:
        self.announce()
        due_at = known.next_at or self._clock()
        self._schedule(known)
        self._ledger.record("automation", known.id, next_at=known.next_at, updated_at=self._clock())
        self._running.request(known, "schedule", due_at, f"it was due at {instant(due_at)}")

    # --- pauses ----------------------------------------------------------------------------------------------------

    def paused(self, name: str, paused: bool) -> None:
        """Somebody pauses it, or nobody does any more: pauses stop starts, what runs goes on (meaning 22)."""
        known = self.known.get(name)
        if known is None:
            return
        self.announce()
        known.paused = paused
        holders = ", ".join(self.pauses.of("automation", name))
        said = f"paused by {holders}" if paused else "no longer paused"
        self._ledger.explain(known.id, 1, f"automation {name} is {said}", self._clock())
        self._record(known)
        self.tell(known)
        self._running.paused(known)

    def hold_back(self, name: str, holder: str) -> None:
        """As it was in a former life; nobody is told before that is all known."""
        self.pauses.holders.setdefault(("automation", name), []).append(holder)
        self.known[name].paused = True

    # --- after a restart -------------------------------------------------------------------------------------------

    def restore(self, rows: Iterable[Row], runs: Iterable[Row]) -> None:
        """Ids and due times go on; what was due meanwhile is recorded, or caught up once (meaning 23). A pause by hand stands in
        its row too, which is on disk before anybody is told of it."""
        missed = []
        for row in rows:
            known = self.known.get(row["name"])
            if known is None:
                if row["status"] != "off":
                    self._ledger.record(
                        "automation", row["id"], status="off", next_at=None, updated_at=self._clock()
                    )
                continue
            known.id = row["id"]
            known.created_at = row["created_at"] or known.created_at
            by_hand = row["status"] == "paused" and BY_HAND in (row.get("paused_by") or BY_HAND)
            if by_hand and BY_HAND not in self.pauses.of("automation", known.name):
                self.hold_back(known.name, BY_HAND)
            if row["next_at"] is not None and row["next_at"] < self._clock():
                missed.append((known, row["next_at"]))
        for run in runs:
            self._past(run)
        self.announce()
        for known, due_at in missed:
            self._missed(known, due_at)
            self.tell(known)

    def _past(self, row: Row) -> None:
        """When it last ran, for those that come after it."""
        known = self.known.get(row["automation"])
        if known is not None and row["started_at"] is not None:
            known.last_run_at = max(known.last_run_at, row["started_at"])
            if row["status"] == "succeeded" and row["ended_at"] is not None:
                known.last_success_at = max(known.last_success_at, row["ended_at"])

    def _missed(self, known: Known, first: float) -> None:
        schedule = known.plan.schedule
        if schedule is None or schedule.kind == "immediate":
            return
        times = _times(schedule, first, self._clock())
        if schedule.catch_up:
            self._running.request(
                known, "catch-up", first, f"missed {times} while volexd was down, caught up once"
            )
        else:
            self._running.skip(known, "schedule", first, f"missed {times} while volexd was down")


def _times(schedule: Schedule, first: float, now: float) -> str:
    count = 1 + sum(1 for _ in islice(dues(schedule, first, now), _COUNTED))
    return "once" if count == 1 else f"{count} times" if count < _COUNTED else f"at least {_COUNTED} times"
