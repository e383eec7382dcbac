"""What follows from facts before any condition is looked at: windows, aggregates, groups, joins, derived facts, to the end.

A change is followed through everything that is derived from it, and only then are the rules told, once, of each fact that changed. So no
rule ever sees a count that does not belong to the facts beside it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

from dsl.expressions import Field, Foresight
from dsl.program import Calendar, FactType, Program
from engine.alarms import Alarm, Alarms
from engine.analysis.evaluate import MEMBERS
from engine.analysis.watch import SINGLES
from engine.derived.calendars import lies_in, next_turn
from engine.derived.derives import Deriving
from engine.derived.followers import Follower, Followers
from engine.derived.following import Following
from engine.derived.groups import Grouping
from engine.derived.happenings import Happening, Remembered
from engine.derived.holding import Holding
from engine.derived.joins import Joining
from engine.derived.lowering import Lowering
from engine.derived.meaning import Meanings
from engine.derived.plan import Followed, Plan, Source, Tallied
from engine.derived.programs import lower
from engine.derived.renamed import FAULTS, fault_renamed, renamed
from engine.derived.scanning import Scanning
from engine.derived.tallies import Counting, Reading
from engine.derived.telling import Settling, World
from engine.knowledge.facts import Fact, WorkingMemory
from engine.knowledge.learned import Learned
from engine.knowledge.remembered import Begun, Counted, Hold, Windows
from engine.renaming import Names

_MISSING: Any = object()


def _nothing() -> None:
    """What led here was done already; only what comes of it is left."""


_Entering = tuple[
    Happening, Mapping[str, Any], float
]  # an event, when it happened, and a window that counts it


def _enter(events: Iterable[_Entering]) -> None:
    for window, values, at in events:
        window.happened(values, at)


class Rules(Protocol):
    """Who is told at the end."""

    def fact_changed(self, fact: Fact, names: list[str]) -> None: ...

    def fact_gone(self, fact: Fact) -> None: ...

    def single_changed(self, slot: str, value: Any) -> None: ...


class Derivation:
    def __init__(
        self, memory: WorkingMemory, alarms: Alarms, singles: dict[str, Any], rules: Rules, clock: Callable[[], float]
    ) -> None:  # fmt: skip
        self.plan = Plan()
        self.follows: frozenset[str] = frozenset()  # the types of facts from which something is derived
        self.foresees = False  # something learns what is usual
        self._lowering = Lowering()
        self._world = World(memory, alarms.of_facts, singles, clock)
        self._types = memory.types
        self._rules = rules
        self._following = Following(self._world, self)
        self._countings: dict[Tallied, Counting] = {}
        self._happenings: dict[Tallied | Source, Happening] = {}
        self._by_event: dict[str, list[Happening]] = {}
        self._holdings: dict[str, Holding] = {}
        self._groupings: dict[str, Grouping] = {}
        self._joinings: dict[str, Joining] = {}
        self._derivings: list[Deriving] = []
        self._followers: dict[str, Followers] = {}
        self._wired = 0  # how often: a fact that was seen before is new to those that were wired since
        self._by_single: dict[str, list[Callable[[], None]]] = {}
        self._turns: dict[str, Alarm] = {}
        # Ordered ones: the oldest of a plain dict is behind the places of all that were taken before it.
        self._dirty: OrderedDict[Fact, dict[str, None]] = OrderedDict()
        self._dirty_singles: dict[str, None] = {}
        self._told: dict[Fact, dict[str, None]] = {}
        self._told_singles: dict[str, None] = {}
        self._leaving: OrderedDict[Fact, None] = OrderedDict()  # derived facts, unless they are brought back
        self._unsettled: OrderedDict[Settling, None] = OrderedDict()
        self._gone: list[Fact] = []
        self.under_way = False  # something is being followed to its end; the rules are told after it
        singles[MEMBERS] = lambda kind: [fact.values for fact in memory.all(kind)]

    # --- what happens ------------------------------------------------------------------------------------------------

    def together(self, begin: Callable[[], None]) -> None:
        """All that this brings about is followed to its end as one change."""
        self._follow(begin)

    def changed(self, fact: Fact, names: Iterable[str], said: Iterable[str]) -> None:
        """Fields of a fact changed, and these were sampled (or went stale)."""
        # As `_follow`, without a call made ready for each sample: that was a twentieth of a join and of a negation.
        begins, self.under_way = not self.under_way, True
        try:
            if fact.type in SINGLES:
                self._world.singles[fact.type] = fact.values
            if begins and not self.foresees:
                self._fact_followed(fact, dict.fromkeys(names))  # it is the first of all: nothing else waits
            else:
                self.touched(fact, names)
            if self.foresees:
                self._following.sampled(fact, said)
            if begins:
                self._follow_up()
        finally:
            self.under_way = not begins
        if begins:
            self._tell_rules()

    def late(self, fact: Fact, values: Mapping[str, Any], at: float) -> None:
        """These were its fields at an earlier instant: newer is known by now, so only windows are concerned."""
        if self.foresees:
            self._follow(lambda: self._following.late(fact, values, at))

    def withdrawn(self, fact: Fact) -> None:
        """A fact is no longer in working memory."""
        self._follow(partial(self._lose, fact))

    def listens(self, kind: str) -> bool:
        """Whether events of that type are counted."""
        return kind in self._by_event

    def happened(self, kind: str, values: Mapping[str, Any], at: float) -> None:
        """An event of that type; a fault that was raised is one of type `fault`."""
        windows = [(window, values, at) for window in self._by_event.get(kind, ())]
        if windows:
            self._follow(partial(_enter, windows))

    def learn(self, fact: Fact, fields: Iterable[Field], learning: bool) -> None:
        """Something stands, or no longer, whose condition reads these: what it finds unusual is not learned meanwhile."""
        for field in fields:
            slot = str(field.path[-1]) if field.path else ""
            followed = self.plan.followed.get(slot)
            if followed is not None and isinstance(followed.node, Foresight):
                about = fact.parts.get(str(field.path[0]), fact)
                self._following.learn(about, (slot,), learning)

    def learn_anew(self) -> None:
        """The rules are others: which faults stand is told again."""
        self._following.learn_anew()

    def resume(self, fact: Fact, fields: Iterable[Field]) -> None:
        """A fault was open when volexd last ran: what these say of it had held for long enough."""
        for field in fields:
            holding = self._holdings.get(str(field.path[-1])) if field.path else None
            if holding is not None:
                holding.resume(fact)

    # --- what stands -------------------------------------------------------------------------------------------------

    def standing(self) -> Iterator[tuple[str, Hashable, int, str]]:
        """What was counted, held and sampled so far: kind, by what it is found again, how much, and in words what it is."""
        texts = self.plan.texts
        for slot, count in self._following.standing().items():
            yield "windows", slot, count, texts.get(slot, slot)
        for slot, holding in self._holdings.items():
            for fact in holding.begun():
                yield "holds", (slot, fact.type, fact.key), 1, texts.get(slot, slot)
        events = self._texts_of_events()
        slots: dict[Tallied | Source, str] = {one.tallied: slot for slot, one in self.plan.readers.items()}
        for asked, happening in self._happenings.items():
            about = events.get(asked, happening.source.name)
            yield "events in windows", slots.get(asked) or asked, happening.count, about
        for what, parts in (("groups", self._groupings), ("joins", self._joinings)):
            for name, part in parts.items():
                yield what, name, len(part.facts()), name
        for deriving in self._derivings:
            yield "derived facts", deriving.name, len(deriving.facts()), deriving.derive.head.name

    def _texts_of_events(self) -> dict[Tallied | Source, str]:
        return {reader.tallied: self.plan.texts.get(slot, slot) for slot, reader in self.plan.readers.items()}

    def held_since(self, slot: str, fact: Fact) -> float | None:
        """Since when the condition of a tier has been true of a fact."""
        holding = self._holdings.get(slot)
        return None if holding is None else holding.since(fact)

    def known_of(self, slot: str, fact: Fact) -> float | None:
        """Of how many seconds of a window the value was known; None: nothing was sampled."""
        return self._following.known_of(slot, fact)

    def windows_beside(self, former: Followed) -> list[str]:
        """The slots of what is asked now of the value of which a former program asked something else."""
        return self._following.windows_beside(former)

    # --- across a restart --------------------------------------------------------------------------------------------

    def kept_holds(self, now: float) -> list[Hold]:
        meanings = Meanings(self.plan)
        return [
            Hold("", meanings.digest(one.held), fact.type, fact.key, begun.since, begun.until)
            for one in self._holdings.values()
            for fact, begun in one.running(now)
        ]

    def kept_windows(self, most: int) -> Windows:
        """At most so many samples, and as many events."""
        meanings, events = Meanings(self.plan), []
        series, left_out = self._following.kept(meanings, self.plan.texts, most)
        texts = self._texts_of_events()
        for asked, window in self._happenings.items():
            inside = window.kept()
            most -= len(inside)
            if inside and most >= 0:
                events.append(Counted(meanings.digest(asked), inside, texts.get(asked, window.source.name)))
        return Windows(series, events, left_out)

    def remember_hold(self, hold: Hold, meanings: Meanings) -> bool:
        """That of a tier of a former life: whether it goes on when it is seen to be true still."""
        for holding in self._holdings.values():
            if holding.held.type == hold.type and hold.meaning in meanings.digests(holding.held):
                holding.remember(hold.type, hold.key, Begun(hold.since, hold.until, holding.held))
                return True
        return False

    def remember_windows(self, windows: Windows, names: Names) -> tuple[int, int, list[str]]:
        """How many series and how many events go on, and in words each that nobody asks for any more."""
        meanings = Meanings(self.plan, names)
        kept, lost = self._following.remember(windows.series, meanings)
        entering: list[_Entering] = []
        known = {
            digest: window for asked, window in self._happenings.items() for digest in meanings.digests(asked)
        }
        for counted in windows.events:
            window = known.get(counted.meaning)
            if window is None:
                lost.append(counted.about)
                continue
            is_of_faults = window.source.type == FAULTS
            entering += [
                (window, fault_renamed(values, names) if is_of_faults else values, at)
                for values, at in counted.events
            ]
        self._follow(partial(_enter, entering))
        return kept, len(entering), lost

    def learned(self, learned: Learned) -> None:
        """What past runs taught may have changed."""
        if self.plan.learned:
            self._follow(partial(self._learned, learned))

    def _learned(self, learned: Learned) -> None:
        for slot, (what, step) in self.plan.learned.items():
            lesson = learned.lessons.get(step)
            self.single(
                slot, learned.cost(step) if what == "duration" else lesson.success() if lesson else None
            )

    # --- what the parts tell (`Tell`) --------------------------------------------------------------------------------

    def field(self, fact: Fact, name: str, value: Any) -> None:
        """A derived field of a fact has this value now."""
        former = fact.values.get(name, _MISSING)
        if former is not value and (former != value or former.__class__ is not value.__class__):
            fact.values[name] = value
            if self.under_way and self._is_final(fact.type, name) and self._told_at_once(fact, name):
                return
            self.touched(fact, (name,))
            if not self.under_way:
                self._follow(_nothing)

    def _told_at_once(self, fact: Fact, name: str) -> bool:
        """Nothing is derived from that field: if the rules are to be told of the fact next, or anyway, that is all."""
        told = self._told.get(fact)
        if told is not None:
            told[name] = None
        elif not self._dirty and fact.followed == self._wired:
            self._told[fact] = {name: None}
        else:
            return False
        return True

    def _is_final(self, kind: str, name: str) -> bool:
        """Whether nothing is derived from that field, so that only the rules have to be told."""
        followers = self._followers.get(kind)
        return kind not in SINGLES and (followers is None or not followers.of(name))

    def fields(self, fact: Fact, values: Mapping[str, Any]) -> None:
        """Derived fields of a fact have these values now."""
        known, names = fact.values, []
        for name, value in values.items():
            former = known.get(name, _MISSING)
            if former is not value and (former != value or former.__class__ is not value.__class__):
                known[name] = value
                names.append(name)
        if names:
            self.touched(fact, names)
            self._follow(_nothing)

    def single(self, slot: str, value: Any) -> None:
        """A derived value that is everybody's."""
        if self._world.singles.get(slot, _MISSING) != value:
            self._world.singles[slot] = value
            self._dirty_singles[slot] = self._told_singles[slot] = None
            self._follow(_nothing)

    def touched(self, fact: Fact, names: Iterable[str]) -> None:
        """Something that a fact is made of changed, or was seen again."""
        known = self._dirty.get(fact)
        if known is None:
            self._dirty[fact] = dict.fromkeys(names)
        else:
            known.update(dict.fromkeys(names))

    def gone(self, fact: Fact) -> None:
        """A derived fact is no longer there: what rests on it goes when the whole change is known."""
        self._leaving[fact] = None
        self._follow(_nothing)

    def there(self, fact: Fact) -> None:
        """It was taken away by one part of a change, and another part brings it back."""
        self._leaving.pop(fact, None)

    def settles(self, part: Settling) -> None:
        """It looks when the whole change is known."""
        self._unsettled[part] = None

    # --- to the end --------------------------------------------------------------------------------------------------

    def _follow(self, begin: Callable[[], None]) -> None:
        """Do this, and follow what comes of it to the end; unless that is under way already."""
        if self.under_way:
            begin()
            return
        self.under_way = True
        try:
            begin()
            self._follow_up()
        finally:
            self.under_way = False
        self._tell_rules()

    def _follow_up(self) -> None:
        self._follow_dirty()
        while self._unsettled:
            part, _ = self._unsettled.popitem(last=False)
            part.settle()
            self._follow_dirty()

    def _follow_dirty(self) -> None:
        dirty, singles = self._dirty, self._dirty_singles
        while True:
            if singles:
                slot = next(iter(singles))
                del singles[slot]
                self._single_followed(slot)
            elif dirty:
                fact, names = dirty.popitem(last=False)
                facts = self._types.get(fact.type)
                if facts is not None and facts.get(fact.key) is fact:  # else it was withdrawn meanwhile
                    self._fact_followed(fact, names)
            elif self._leaving:
                self._leave(next(iter(self._leaving)))
            else:
                return

    def _fact_followed(self, fact: Fact, names: dict[str, None]) -> None:
        told = self._told.get(fact)
        if told is None:
            self._told[fact] = names
        else:
            told.update(names)
        followers = self._followers.get(fact.type)
        if followers is not None:
            is_new, fact.followed = fact.followed != self._wired, self._wired
            for follower in followers.all if is_new else followers.concerned(names):
                follower.changed(fact, names)
        if fact.type in SINGLES and names:
            self._single_followed(fact.type)

    def _single_followed(self, name: str) -> None:
        for look_at_all in self._by_single.get(name, ()):
            look_at_all()

    def _leave(self, fact: Fact) -> None:
        del self._leaving[fact]
        self._world.memory.withdraw(fact.type, fact.key)
        self._lose(fact)

    def _lose(self, fact: Fact) -> None:
        self._dirty.pop(fact, None)
        if self.foresees:
            self._following.forget(fact)
        followers = self._followers.get(fact.type)
        for follower in followers.all if followers is not None else ():
            follower.forget(fact)
        self._told.pop(fact, None)  # also what it was told of itself while it went
        self._gone.append(fact)

    def _tell_rules(self) -> None:
        """Whoever is told may change facts again: that is told within it."""
        told, self._told = self._told, {}
        gone, singles = self._gone, self._told_singles
        if gone:
            self._gone = []
        if singles:
            self._told_singles = {}
        for fact in gone:
            self._rules.fact_gone(fact)
        for fact, names in told.items():
            self._rules.fact_changed(fact, list(names))
        for slot in singles:
            self._rules.single_changed(slot, self._world.singles[slot])

    # --- another program ---------------------------------------------------------------------------------------------

    def replace(self, program: Program, learned: Learned) -> Program:
        """Take another program, and give it back over slots. What was counted, held and sampled for what means the same goes on.

        The rules are not told: whoever calls it looks at everything anew.
        """
        lowered = lower(program, self._lowering)
        self.plan = self._lowering.plan
        self.foresees = bool(self.plan.followed)
        self.under_way = True
        self._take(program.fact_types)
        self._feed(learned)
        self.under_way = False
        gone, self._gone = self._gone, []
        for fact in gone:
            self._rules.fact_gone(fact)
        return lowered

    def rename(self, names: Names) -> None:
        """What is derived is called otherwise, and detections are, whose faults were counted. Nobody is told; `replace` comes next."""
        for former_type, kind in names.kinds.get("derive", {}).items():
            self._world.memory.rename_type(former_type, kind)
        self._followers = {names.type(kind): one for kind, one in self._followers.items()}
        self._following.rename(names)
        for deriving in self._derivings:
            deriving.rename(names)
        for holding in self._holdings.values():
            holding.held = renamed(holding.held, names)
            holding.remembered.rename(names)
        self._lowering.rename(names)
        for slot, reader in self.plan.readers.items():
            self.plan.readers[slot] = renamed(reader, names)
        former, self._happenings = self._happenings, {}
        for asked, window in former.items():
            now_asked = renamed(asked, names)
            self._happenings[now_asked] = window
            if window.source.type != FAULTS:
                continue
            counting = None
            if isinstance(now_asked, Tallied):
                self._countings.pop(asked).stop()  # type: ignore[arg-type]
                counting = self._countings[now_asked] = Counting(now_asked, self._world)
            window.rename(names, counting)

    def _take(self, types: Mapping[str, FactType]) -> None:
        """Build the parts of the new plan."""
        plan, world = self.plan, self._world
        for holding in self._holdings.values():
            if holding.held.slot not in plan.held:
                holding.stop()
        self._retire()
        self._following.replace(plan.followed.values(), plan.intervals)
        self._holdings = {
            slot: self._holdings.get(slot) or Holding(held, world, self) for slot, held in plan.held.items()
        }
        self._groupings = {
            name: self._groupings.get(name) or Grouping(grouped, world, self)
            for name, grouped in plan.grouped.items()
        }
        self._joinings = {
            name: self._joinings.get(name) or Joining(joined, world, self)
            for name, joined in plan.joined.items()
        }
        former = {one.name: one for one in self._derivings}
        self._derivings = [
            Deriving(one, types[one.head.name], world, self) for one in plan.derives if not one.head.off
        ]
        for one in self._derivings:
            if one.name in former:
                one.take_over(former[one.name])
        self._wire(self._count())

    def _retire(self) -> None:
        """Groups, joins and derived facts that nothing asks for any more leave working memory."""
        kept = {f"{one.head.name} of {one.binding.type}" for one in self.plan.derives if not one.head.off}
        retired: list[Grouping | Joining | Deriving] = [
            *(one for name, one in self._groupings.items() if name not in self.plan.grouped),
            *(one for name, one in self._joinings.items() if name not in self.plan.joined),
            *(one for one in self._derivings if one.name not in kept),
        ]
        for one in retired:
            for fact in one.facts():
                self._world.memory.withdraw(fact.type, fact.key)
                self._lose(fact)

    def _count(self) -> list[Reading]:
        """The tallies anew, from the facts; those over events go on."""
        former, happenings = self._countings, self._happenings
        self._countings, self._happenings = {}, {}
        for reader in self.plan.readers.values():
            tallied = reader.tallied
            if tallied in self._countings:
                continue
            kept = former.get(tallied) if tallied.source.happens else None
            counting = self._countings[tallied] = kept or Counting(tallied, self._world)
            counting.readers.clear()
            if tallied.source.happens:
                self._happenings[tallied] = happenings.get(tallied) or Happening(
                    tallied.source, counting, self._world
                )
        for source in self.plan.remembered.values():
            kept_window = happenings.get(source)
            self._happenings[source] = kept_window or Happening(
                source, Remembered(self._world, self), self._world
            )
        self._stop(former, happenings)
        readers = self.plan.readers.values()
        return [Reading(one, self._countings[one.tallied], self._world, self) for one in readers]

    def _stop(
        self, countings: Mapping[Tallied, Counting], happenings: Mapping[Tallied | Source, Happening]
    ) -> None:
        """Of these, what is no longer asked for; and events find their windows by their types."""
        for asked, window in happenings.items():
            if asked not in self._happenings:
                window.stop()
        for tallied, counting in countings.items():
            if self._countings.get(tallied) is not counting:
                counting.stop()
        self._by_event = {}
        for one in self._happenings.values():
            self._by_event.setdefault(one.source.type.removeprefix("event "), []).append(one)

    def _wire(self, readings: list[Reading]) -> None:
        """Who follows which type, and what is everybody's."""
        self._followers, self._by_single = {}, {}
        self._wired += 1
        scannings = [Scanning(one, self._world, self) for one in self.plan.scanned.values()]
        for grouping in self._groupings.values():
            self._followed(grouping.grouped.type, grouping)
        for joining in self._joinings.values():
            for kind in dict.fromkeys(kind for kind, _ in joining.joined.parts):
                self._followed(kind, joining)
        for counting in self._countings.values():
            if not counting.tallied.source.happens:
                self._followed(counting.tallied.source.type, counting, counting.reads)
            self._read(counting.others, counting.look_at_all)
        for reading in readings:
            if reading.reader.owner is not None:
                self._followed(reading.reader.owner, reading, reading.reads)
        for scanning in scannings:
            for kind in dict.fromkeys((scanning.scanned.node.members.type, scanning.scanned.owner)):
                self._followed(kind, scanning, scanning.reads)
            self._read(scanning.others, scanning.look_at_all)
        for holding in self._holdings.values():
            self._followed(holding.held.type, holding, holding.reads)
            self._read(holding.others, holding.look_at_all)
        for deriving in self._derivings:
            self._followed(deriving.type, deriving)
            self._read(deriving.others, deriving.look_at_all)
        self._readings = readings
        singles = () if self.plan.is_empty() else SINGLES
        self.follows = frozenset(
            {*self._followers, *(one.type for one in self.plan.followed.values()), *singles}
        )

    def _followed(self, kind: str, follower: Follower, reads: frozenset[str] | None = None) -> None:
        self._followers.setdefault(kind, Followers()).add(follower, reads)

    def _read(self, names: Iterable[str], look_at_all: Callable[[], None]) -> None:
        for name in names:
            self._by_single.setdefault(name, []).append(look_at_all)

    def _feed(self, learned: Learned) -> None:
        """Everything that is known, once more, through the new parts."""
        if self.plan.is_empty():
            return
        self._open_calendars()
        self.learned(learned)
        for reading in self._readings:
            if reading.reader.owner is None:
                reading.tell_all()
        for kind in list(self._world.memory.types.values()):
            for fact in list(kind.values()):
                self._following.again(fact)
                self.touched(fact, fact.values.keys())
        self._follow_up()
        self._told.clear()
        self._told_singles.clear()

    # --- calendars ---------------------------------------------------------------------------------------------------

    def _open_calendars(self) -> None:
        for alarm in self._turns.values():
            alarm.call_off()
        self._turns.clear()
        for slot, calendar in self.plan.calendars.items():
            self._turned(slot, calendar)

    def _turned(self, slot: str, calendar: Calendar) -> None:
        now = self._world.clock()
        due = next_turn(calendar, now)
        if due is not None:
            self._turns[slot] = self._world.at(due, lambda: self._turned(slot, calendar))
        self.single(slot, lies_in(calendar, now))
