"""Which conditions hold of which subjects, since when: holds run here, and only edges leave this file.

A situation exists while its condition holds (pending, until its hold has passed) and while its fault is open. Nothing is kept for the
many subjects of which nothing is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from operator import attrgetter
from typing import Any, Protocol

import msgspec

from engine.alarms import Alarm, Alarms
from engine.analysis.compile import Predicate
from engine.analysis.crossing import next_crossing
from engine.analysis.evaluate import evaluate
from engine.analysis.index import Index
from engine.analysis.watch import SINGLES, Watch
from engine.knowledge.facts import NOTHING, Fact, WorkingMemory
from engine.knowledge.remembered import Begun, Holds, believed_until
from engine.renaming import Names

PENDING, OPEN, OVER = "pending", "open", "over"
PASSED = "passed over"  # its guard was not true when it was to begin


class Situation(msgspec.Struct, eq=False):
    """One watch and one subject. `proof_after`: only samples taken after this instant may end it (see planning.recovery).

    `restless`: every sample may concern it. Of the others, whose `when` is true, only those that bring another value.
    """

    watch: Watch
    fact: Fact
    since: float
    severity: str
    phase: str = PENDING
    restless: bool = True
    unconfirmed: bool = False
    proof_after: float = -inf
    alarm: Alarm | None = None
    ending_since: float | None = None
    ending_alarm: Alarm | None = None
    look: Alarm | None = None
    bound: Mapping[str, Any] = NOTHING  # of a moment: what else was bound in it

    def seen_at(self) -> float:
        """When the newest look was taken that can prove something about it. An agent in its start period proves nothing by running."""
        return self.fact.concluded_at if self.watch.form.on_status else self.fact.sampled_at

    def is_proven(self) -> bool:
        """Whether what is known of its subject may end it; where no proof is asked for, also what was never sampled."""
        return self.proof_after == -inf or self.seen_at() > self.proof_after

    def stand(self) -> None:
        """Its subject knows it. Subjects of which nothing is true share an empty map."""
        if self.fact.situations is NOTHING:
            self.fact.situations = {}
        self.fact.situations[self.watch] = self

    def call_off(self) -> None:
        if self.alarm is not None:
            self.alarm.call_off()
        if self.ending_alarm is not None:
            self.ending_alarm.call_off()
        if self.look is not None:
            self.look.call_off()


_since = attrgetter("since")


class Edges(Protocol):
    """What follows from an edge; the engine's chaining stands behind it."""

    def began(self, situation: Situation) -> None: ...

    def ended(self, situation: Situation, outcome: str) -> None: ...

    def confirmed(self, situation: Situation) -> None: ...

    def graded(self, situation: Situation) -> None: ...


class Situations:
    def __init__(
        self, memory: WorkingMemory, alarms: Alarms, edges: Edges, clock: Callable[[], float]
    ) -> None:
        self.watches: list[Watch] = []
        self.singles: dict[str, Any] = {}
        self.remembered = Holds()
        self.types = SINGLES  # of facts that may concern it
        self._index = Index(())
        self._by_name: dict[str, dict[str, Watch]] = {}  # and by type: that of a moment may be one of several
        self._memory = memory
        self._alarms = alarms
        self._edges = edges
        self._clock = clock

    # --- what reaches it -------------------------------------------------------------------------------------

    def changed(self, fact: Fact, names: list[str]) -> None:
        """Fields of a fact changed, or a sample confirmed them."""
        former = NOTHING
        if fact.situations:
            former = fact.situations.copy()
            for situation in former.values():
                if situation.restless or not situation.watch.form.fields.isdisjoint(names):
                    self._follow(situation)
        if not fact.considered:
            fact.considered = True
            watches: Iterable[Watch] = self._index.about(fact)
        else:
            watches = self._index.concerned(fact, names) if names else ()
        for watch in watches:
            if watch not in fact.situations and watch not in former:  # what ended now does not begin again
                self._consider(watch, fact)
        if self.remembered.about:
            self.remembered.settle(fact, lambda name, _: self._is_over(name, fact))
        if names and fact.type in SINGLES:
            self.single_changed(fact.type, fact.values)

    def single_changed(self, kind: str, values: Any) -> None:
        """Something changed that is the same for every subject."""
        self.singles[kind] = values
        for watch in self._index.reading(kind):
            if watch.type != kind:
                self._consider_all(watch)

    def _consider_all(self, watch: Watch) -> None:
        for fact in list(self._memory.all(watch.type)):
            self._look_at(watch, fact)

    def withdrawn(self, fact: Fact) -> None:
        """The subject is gone, and what rests on it."""
        if fact.looks:
            self._forget_looks(fact)
        if fact.situations:
            for situation in list(fact.situations.values()):
                self._drop(situation, "withdrawn")
        if fact.type in SINGLES:
            self.single_changed(fact.type, {})

    def _forget_looks(self, fact: Fact) -> None:
        for alarm in fact.looks.values():
            alarm.call_off()
        fact.looks = NOTHING

    def rename(self, names: Names) -> None:
        """Rules are called otherwise."""
        for watch in self.watches:
            watch.rename(names)
        self._by_name = {
            names.within(name, "detection"): {names.type(kind): watch for kind, watch in one.items()}
            for name, one in self._by_name.items()
        }
        self.remembered.rename(names)

    def replace(self, watches: list[Watch]) -> None:
        """Take the watches of a new program. Holds whose condition means the same go on; open ones follow the rule's name."""
        self.watches = watches
        self._index = Index(watches)
        self.types = SINGLES.union(watch.type for watch in watches)
        self._by_name = {}
        for watch in watches:
            self._by_name.setdefault(watch.name, {})[watch.type] = watch
        facts = [fact for kind in self._memory.types.values() for fact in kind.values()]
        for fact in facts:
            self._forget_looks(fact)
        for situation in list(self.all()):
            self._move(situation, self.watch_of(situation.watch.name, situation.watch.type))
        self._look_at_all(facts)

    def all(self) -> Iterator[Situation]:
        """In the order of the facts that they are about."""
        for kind in self._memory.types.values():
            for fact in kind.values():
                yield from fact.situations.values()

    def open(self) -> list[Situation]:
        """Those that hold, and held long enough."""
        return [situation for situation in self.all() if situation.phase == OPEN]

    def _look_at_all(self, facts: Iterable[Fact]) -> None:
        """Everything anew, in the order of the rules; of each rule the facts that its keys leave."""
        found: dict[int, list[tuple[Watch, Fact]]] = {}
        for fact in facts:
            for watch in {**dict.fromkeys(self._index.about(fact)), **fact.situations}:
                found.setdefault(watch.number, []).append((watch, fact))
        for number in sorted(found):
            for watch, fact in found[number]:
                self._look_at(watch, fact)

    def _look_at(self, watch: Watch, fact: Fact) -> None:
        situation = fact.situations.get(watch)
        if situation is None:
            self._consider(watch, fact)
        else:
            self._follow(situation)

    def _move(self, situation: Situation, watch: Watch | None) -> None:
        same = watch is not None and watch.meaning() == situation.watch.meaning()
        if watch is not None and situation.phase == PASSED and not watch.is_guarded_like(situation.watch):
            same = False  # what its former guard did not let pass, another one may
        if watch is None or watch.type != situation.watch.type or not (situation.phase == OPEN or same):
            self._drop(situation, "withdrawn")
            return
        del situation.fact.situations[situation.watch]
        situation.fact.situations[watch] = situation
        situation.watch = watch
        situation.restless = True
        if not same:
            self._not_ending(situation)

    def restore(self, watch: Watch, fact: Fact, since: float) -> Situation:
        """A situation that was open when volexd last ran: unconfirmed until a sample says so."""
        former = fact.situations.get(watch)
        if former is not None:  # what is true before any sample came: it is the one that was open
            self._drop(former, "withdrawn")
        situation = Situation(watch, fact, since, watch.severity)
        situation.phase, situation.unconfirmed = OPEN, True
        situation.stand()
        return situation

    # --- holds across a restart ----------------------------------------------------------------------------------------

    def pending(self, now: float, most: int) -> list[tuple[Watch, Fact, Begun]]:
        """Holds that have begun, at most so many, the longest first; and until when they are believed though nothing more is seen."""
        asked = {w: (w.form.fields, w.meaning()) for w in self.watches if w.hold > 0 and not w.momentary}
        begun = [one for one in self.all() if one.phase == PENDING and one.watch in asked]
        begun.sort(key=_since)
        return [
            (
                watch,
                fact,
                Begun(one.since, believed_until(fact, asked[watch][0], now, watch.hold), asked[watch][1]),
            )
            for one in begun[:most]
            for watch, fact in [(one.watch, one.fact)]
        ]

    def watch_of(self, name: str, kind: str) -> Watch | None:
        """What a rule watches of things of that type; of another type, if it watches none of that."""
        found = self._by_name.get(name, {})
        return found.get(kind) or next(iter(found.values()), None)

    def remember(self, watch: Watch, kind: str, key: str, begun: Begun) -> None:
        """A hold of a former life: it goes on where its condition is true already, or is when it is first known again."""
        fact = self._memory.get(kind, key)
        situation = fact.situations.get(watch) if fact is not None else None
        if situation is None:
            self.remembered.put(kind, key, watch.name, begun)
        elif situation.phase == PENDING and situation.alarm is not None and begun.until >= self._clock():
            situation.alarm.call_off()
            situation.since = begun.since
            situation.alarm = self._alarms.at(begun.since + watch.hold, lambda: self._held(situation))

    def _is_over(self, name: str, fact: Fact) -> bool:
        """Whether what was true of a fact is known not to be. What is unknown may still be true."""
        watch = self.watch_of(name, fact.type)
        if watch is None or watch in fact.situations:
            return True
        parts = [part for part in (watch.where, watch.when) if part is not None]
        return any(part.test(fact.values, self.singles, self._clock()) is False for part in parts)

    # --- evaluation --------------------------------------------------------------------------------------------

    def _consider(self, watch: Watch, fact: Fact) -> None:
        """A watch of which nothing is known here: does it begin?"""
        if watch.momentary:
            return
        values, singles, now = fact.values, self.singles, self._clock()
        if (
            watch.when.test(values, singles, now) is True
            and (watch.where is None or watch.where.test(values, singles, now) is True)
            and (watch.unless is None or watch.unless.test(values, singles, now) is not True)
        ):
            since = (
                self.remembered.since(fact, watch.name, watch.meaning(), now)
                if self.remembered.about
                else now
            )
            self._begin(Situation(watch, fact, since, watch.severity, restless=watch.form.reads_all))
        elif watch.turnings:
            self._look_again(watch, fact)

    def _begin(self, situation: Situation) -> None:
        watch = situation.watch
        situation.stand()
        if watch.hold > 0:
            situation.alarm = self._alarms.at(situation.since + watch.hold, lambda: self._held(situation))
            self._watch_time(situation)
        else:
            self._held(situation)

    def moment(self, name: str, fact: Fact, bound: Mapping[str, Any]) -> None:
        """The moment came in which this begins; where it lasts already, nothing begins."""
        watch = self._by_name.get(name, {}).get(fact.type)
        if watch is not None and watch not in fact.situations:
            situation = Situation(watch, fact, self._clock(), watch.severity)
            situation.bound = {name: value for name, value in bound.items() if name not in self.singles}
            if self._test_bound(watch.unless, situation) is not True:
                self._begin(situation)

    def _held(self, situation: Situation) -> None:
        situation.alarm = None
        watch = situation.watch
        if watch.guard is not None and self._test_bound(watch.guard, situation) is not True:
            situation.phase = PASSED
            if watch.momentary:
                self._drop(situation, "")
            return
        situation.phase = OPEN
        if watch.tiers:
            situation.severity = self._severity(situation)
        if watch.turnings:
            self._watch_time(situation)
        self._edges.began(situation)
        if watch.momentary:
            self._watch_end(situation)

    def _watch_end(self, situation: Situation) -> None:
        """What began in a moment may have its `until` true already, and then no change would tell of it."""
        if situation.fact.situations.get(situation.watch) is situation:
            if situation.look is not None:
                situation.look.call_off()
            situation.look = self._alarms.at(self._clock(), lambda: self._time_came(situation))

    def _test_bound(self, predicate: Predicate | None, situation: Situation) -> object:
        """The same of a moment, in which more is bound than its subject."""
        if predicate is None or not situation.bound:
            return self._test(predicate, situation)
        bindings = {**self.singles, predicate.subject: situation.fact.values, **situation.bound}
        return evaluate(predicate.expression, bindings, self._clock())

    def _severity(self, situation: Situation) -> str:
        """Of the gravest tier that holds; as it was where none is known to."""
        for severity, condition in reversed(situation.watch.tiers):
            if self._test(condition, situation) is True:
                return severity
        return situation.severity

    def _follow(self, situation: Situation) -> None:
        if situation.phase == OPEN:
            self._follow_open(situation)
        else:
            self._follow_pending(situation)

    def _follow_pending(self, situation: Situation) -> None:
        watch = situation.watch
        if (
            self._test(watch.where, situation, missing=True) is True
            and self._test(watch.when, situation) is True
            and self._test(watch.unless, situation, missing=False) is not True
        ):
            self._watch_time(situation)
            situation.restless = watch.form.reads_all
        else:
            self._give_up(situation, "")

    def _follow_open(self, situation: Situation) -> None:
        watch = situation.watch
        if watch.momentary and situation.look is not None and situation.look.due <= self._clock():
            return  # its end is looked for when its fault was raised, and not on the way there
        if watch.turnings:
            self._watch_time(situation)
        if watch.where is not None and self._test(watch.where, situation) is False:
            self._give_up(situation, "withdrawn")
        elif watch.unless is not None and self._test(watch.unless, situation) is True:
            self._give_up(situation, "suppressed")
        else:
            self._follow_symptom(situation, watch)

    def _follow_symptom(self, situation: Situation, watch: Watch) -> None:
        still = watch.when.test(situation.fact.values, self.singles, self._clock())
        situation.restless = still is not True or watch.momentary or watch.form.reads_all
        if (still is None) is not situation.unconfirmed:
            situation.unconfirmed = still is None
            self._edges.confirmed(situation)
        if watch.tiers and (severity := self._severity(situation)) != situation.severity:
            situation.severity = severity
            self._edges.graded(situation)
        if situation.restless or situation.ending_since is not None:
            self._follow_end(situation, self._ends(situation, still))

    def _ends(self, situation: Situation, still: object) -> bool:
        """Whether its end is in sight: `until` holds, or without one `when` does not, on samples that may prove it.

        While `when` holds nothing ends, also where an `until` overlaps it: it would only begin again, without end.
        """
        watch = situation.watch
        if (still is True and not watch.momentary) or not situation.is_proven():
            return False
        return still is False if watch.until is None else self._test(watch.until, situation) is True

    def _follow_end(self, situation: Situation, ends: bool) -> None:
        if not ends:
            if situation.ending_since is not None:
                self._not_ending(situation)
        elif situation.ending_since is None:
            situation.ending_since = now = self._clock()
            patience = situation.watch.patience
            if patience > 0:
                situation.ending_alarm = self._alarms.at(now + patience, lambda: self._cleared(situation))
            else:
                self._cleared(situation)

    def _not_ending(self, situation: Situation) -> None:
        situation.ending_since = None
        if situation.ending_alarm is not None:
            situation.ending_alarm.call_off()
            situation.ending_alarm = None

    def demand_proof(self, situation: Situation, after: float) -> None:
        """From now on only samples taken after that instant may end it."""
        situation.proof_after = after
        if situation.ending_since is not None:
            self._not_ending(situation)
        if situation.fact.situations.get(situation.watch) is situation:
            still = self._test(situation.watch.when, situation)
            situation.restless = situation.restless or still is not True
            self._follow_end(situation, self._ends(situation, still))

    def _cleared(self, situation: Situation) -> None:
        watch = situation.watch
        self._drop(situation, "cleared")
        if watch.until is not None or watch.turnings:  # else it ended because its `when` is not true
            self._consider(watch, situation.fact)

    def _give_up(self, situation: Situation, outcome: str) -> None:
        """It ended, and may begin again as its conditions turn by time alone."""
        self._drop(situation, outcome)
        if situation.watch.turnings:
            self._look_again(situation.watch, situation.fact)

    def _drop(self, situation: Situation, outcome: str) -> None:
        situation.call_off()
        del situation.fact.situations[situation.watch]
        former, situation.phase = situation.phase, OVER
        if former == OPEN:
            self._edges.ended(situation, outcome)

    def _test(self, predicate: Predicate | None, situation: Situation, missing: bool | None = None) -> object:
        if predicate is None:
            return missing
        return predicate.test(situation.fact.values, self.singles, self._clock())

    # --- conditions that follow time ---------------------------------------------------------------------------

    def _watch_time(self, situation: Situation) -> None:
        """Look again when one of its conditions turns by time alone."""
        if not situation.watch.turnings:
            return
        due = self._turns(situation.watch, situation.fact)
        if due is not None and (situation.look is None or situation.look.due > due):
            if situation.look is not None:
                situation.look.call_off()
            situation.look = self._alarms.at(due, lambda: self._time_came(situation))

    def _time_came(self, situation: Situation) -> None:
        situation.look = None
        self._follow(situation)

    def _look_again(self, watch: Watch, fact: Fact) -> None:
        """One alarm a watch and fact; one that rings early, because the fact changed meanwhile, only looks."""
        due = self._turns(watch, fact)
        former = fact.looks.get(watch)
        if due is not None and (former is None or former.due > due):
            if former is not None:
                former.call_off()
            if fact.looks is NOTHING:
                fact.looks = {}
            fact.looks[watch] = self._alarms.at(due, lambda: self._look(watch, fact))

    def _look(self, watch: Watch, fact: Fact) -> None:
        del fact.looks[watch]
        if watch not in fact.situations:
            self._consider(watch, fact)

    def _turns(self, watch: Watch, fact: Fact) -> float | None:
        if not watch.turnings:
            return None
        bindings = {**self.singles, watch.subject: fact.values}
        return next_crossing(watch.turnings, bindings, self._clock())
