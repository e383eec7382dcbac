"""Windows and forecasts: each fact's samples go into series, one for all windows over the same value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from dsl.expressions import Expression, Foresight, Window
from engine.alarms import Alarm
from engine.analysis.compile import Predicate
from engine.derived.bounds import NO_LEAST, NO_MOST
from engine.derived.lowering import LEAST, MOST, is_bounded
from engine.derived.meaning import Meanings
from engine.derived.plan import IT, Followed
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact
from engine.knowledge.remembered import Seen
from engine.renaming import Names
from engine.series.series import Series

_WAITS_S = 86_400.0
Meaning = tuple[Window | Foresight, ...]  # what is asked of one value


class Line:
    """What is followed of every fact of a type: one value, and the windows over it."""

    def __init__(self, value: Expression, followed: Iterable[Followed], interval: float) -> None:
        self.followed = tuple(followed)
        self.value_of = value
        self.slots = tuple(one.slot for one in self.followed)
        self.interval = interval
        self._value = Predicate(value, IT)
        self.reads = frozenset(str(one.path[0]) for one in self._value.fields if one.path)

    def meaning(self) -> Meaning:
        return tuple(one.node for one in self.followed)

    def new(self) -> Series:
        return Series([one.node for one in self.followed], self.interval)

    def value(self, values: Mapping[str, object], at: float, world: World) -> object:
        return self._value.test(values, world.singles, at)

    def fields(self, values: Iterable[object], bounds: Iterable[str]) -> dict[str, object]:
        """What stands in the slots: a value that is only a bound stands in that of the bound alone."""
        found: dict[str, object] = {}
        for one, value, bound in zip(self.followed, values, bounds, strict=True):
            found[one.slot] = None if bound else value
            if is_bounded(one.node):
                seen = value is not None
                found[f"{one.slot}{LEAST}"] = NO_LEAST if seen and bound == "most" else value
                found[f"{one.slot}{MOST}"] = NO_MOST if seen and bound == "least" else value
        return found

    def is_lost(self, fact: Fact) -> bool:
        """Whether something that it reads is not known any more."""
        return any(name not in fact.values for name in self.reads)


class Following:
    """The series of all facts, kept across programs where the windows are the same."""

    def __init__(self, world: World, tell: Tell) -> None:
        self._world = world
        self._tell = tell
        self._lines: dict[str, list[Line]] = {}
        self._series: dict[Fact, dict[Meaning, Series]] = {}
        self._alarms: dict[Series, Alarm] = {}
        self._remembered: dict[tuple[str, str], dict[Meaning, Seen]] = {}  # they wait for the first sample
        self._standing: dict[Fact, dict[str, int]] = {}  # by slot: how many faults stand that rest on it

    def replace(self, followed: Iterable[Followed], intervals: dict[str, float]) -> None:
        """The windows of a new program."""
        grouped: dict[tuple[str, Expression], list[Followed]] = {}
        for one in followed:
            grouped.setdefault((one.type, one.node.value), []).append(one)
        self._lines = {}
        for (kind, value), same in grouped.items():
            self._lines.setdefault(kind, []).append(Line(value, same, intervals.get(kind, 0.0)))
        for fact in list(self._series):
            self._move(fact)

    def rename(self, names: Names) -> None:
        """Types are called otherwise."""
        self._lines = {names.type(kind): lines for kind, lines in self._lines.items()}
        self._remembered = {(names.type(kind), key): seen for (kind, key), seen in self._remembered.items()}

    def _move(self, fact: Fact) -> None:
        """To the new lines. Of a value of which other windows are asked now, the samples stay."""
        series = self._series.pop(fact)
        values = {meaning[0].value: meaning for meaning in series}
        moved = {}
        for line in self._lines.get(fact.type, ()):
            former = values.get(line.value_of)
            if former == line.meaning():
                moved[line.meaning()] = series.pop(former)
            elif former is not None:
                moved[line.meaning()] = new = line.new()
                new.take_over(series[former])
        for one in series.values():
            self._stop(one)
        if moved:
            self._series[fact] = moved

    def sampled(self, fact: Fact, said: Iterable[str]) -> None:
        """These fields of the fact were sampled, or went stale."""
        lines = self._lines.get(fact.type)
        if not lines:
            return
        now, series = self._world.clock(), self._series.setdefault(fact, {})
        for line in lines:
            if line.reads.isdisjoint(said):
                continue
            one = self._one(fact, line, series)
            if line.is_lost(fact):
                one.lost(now)
            else:
                one.sampled(now, line.value(fact.values, now, self._world))
            self._write(fact, line, one)

    def standing(self) -> dict[str, int]:
        """By slot of how many facts there are samples for it."""
        found: dict[str, int] = {}
        for fact, series in self._series.items():
            lines = self._lines.get(fact.type, [])
            for line in lines:
                if len(series) == len(lines) or line.meaning() in series:
                    for slot in line.slots:
                        found[slot] = found.get(slot, 0) + 1
        return found

    def known_of(self, slot: str, fact: Fact) -> float | None:
        """Of how many seconds of a window the value was known; None: nothing was sampled."""
        for line in self._lines.get(fact.type, ()):
            series = self._series.get(fact, {}).get(line.meaning()) if slot in line.slots else None
            if series is not None:
                node = line.followed[line.slots.index(slot)].node
                ending = node.ending if isinstance(node, Window) else 0.0
                return series.known((node.over, ending), self._world.clock())
        return None

    def windows_beside(self, former: Followed) -> list[str]:
        """The slots of what is asked of the same value."""
        lines = [line for line in self._lines.get(former.type, ()) if line.value_of == former.node.value]
        return [slot for line in lines for slot in line.slots]

    def late(self, fact: Fact, values: Mapping[str, object], at: float) -> None:
        """These were its fields at that instant, before those that are known now."""
        lines = self._lines.get(fact.type, ())
        then, series = {**fact.values, **values}, self._series.setdefault(fact, {})
        for line in lines:
            if not line.reads.isdisjoint(values):
                one = self._one(fact, line, series)
                one.sampled(at, line.value(then, at, self._world))
                self._write(fact, line, one)

    def _one(self, fact: Fact, line: Line, series: dict[Meaning, Series]) -> Series:
        """The series of a line, made if it is new."""
        one = series.get(line.meaning())
        if one is None:
            one = series[line.meaning()] = self._taken_up(fact, line) or line.new()
            self._born(fact, one)
            one.learning = self._learns(fact, line)
        return one

    # --- across a restart ----------------------------------------------------------------------------------------------

    def kept(self, meanings: Meanings, texts: Mapping[str, str], most: int) -> tuple[list[Seen], int]:
        """The samples of all series, at most so many: the shortest series first. And how many series were left out."""
        named = {
            line.meaning(): (meanings.digest(line.meaning()), ", ".join(texts.get(s, s) for s in line.slots))
            for lines in self._lines.values()
            for line in lines
        }
        found = [
            (fact, meaning, one) for fact, series in self._series.items() for meaning, one in series.items()
        ]
        kept: list[Seen] = []
        for fact, meaning, one in sorted(found, key=lambda each: each[2].length):
            most -= one.length
            if most < 0:
                break
            data = one.dump()
            samples = msgspec.Raw(msgspec.json.encode(data))
            digest, about = named[meaning]
            kept.append(Seen(digest, fact.type, fact.key, data["heard"] or 0.0, samples, about))
        left_out = len(found) - len(kept)
        return kept + self._waiting(named), left_out

    def _waiting(self, named: Collection[Meaning]) -> list[Seen]:
        """What has not been seen again yet, for a day: volexd may end once more before it is."""
        since = self._world.clock() - _WAITS_S
        return [
            seen
            for about in self._remembered.values()
            for meaning, seen in about.items()
            if meaning in named and seen.heard >= since
        ]

    def remember(self, seen: Iterable[Seen], meanings: Meanings) -> tuple[int, list[str]]:
        """Series of a former life; each goes on with the first sample of its fact. How many do, and in words what nobody asks for."""
        lines = {
            (kind, digest): line.meaning()
            for kind, lines in self._lines.items()
            for line in lines
            for digest in meanings.digests(line.meaning())
        }
        kept, lost = 0, []
        for one in seen:
            meaning = lines.get((one.type, one.meaning))
            fact = self._world.memory.get(one.type, one.key)
            if meaning is None or (fact is not None and meaning in self._series.get(fact, {})):
                lost.append(one.about)
            else:
                self._remembered.setdefault((one.type, one.key), {})[meaning] = one
                kept += 1
        return kept, lost

    def _taken_up(self, fact: Fact, line: Line) -> Series | None:
        """The series that a former life left. One that cannot be read, for another release wrote it, begins anew."""
        if not self._remembered:
            return None
        seen = self._remembered.get((fact.type, fact.key), {}).pop(line.meaning(), None)
        if seen is None:
            return None
        if not self._remembered[fact.type, fact.key]:
            del self._remembered[fact.type, fact.key]
        series = line.new()
        try:
            series.load(msgspec.json.decode(seen.samples))
        except (msgspec.DecodeError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None
        return series

    def _born(self, fact: Fact, series: Series) -> None:
        """What its source did not have when it was asked before came into being since (meaning 8)."""
        probe = None if fact.considered else self._world.memory.get("probe", fact.source)
        asked = probe.values.get("last_success") if probe is not None else None
        if isinstance(asked, (int, float)) and asked < fact.sampled_at:
            series.born(float(asked))

    def again(self, fact: Fact) -> None:
        """After a change of the program: what is known of it is written anew."""
        for line in self._lines.get(fact.type, ()):
            one = self._series.get(fact, {}).get(line.meaning())
            if one is not None:
                self._write(fact, line, one)
            else:
                self.sampled(fact, line.reads & fact.values.keys())

    def learn(self, fact: Fact, slots: Iterable[str], learning: bool) -> None:
        """While a fault stands that rests on what is unusual, that does not become usual (meaning 10)."""
        standing = self._standing.setdefault(fact, {})
        for slot in slots:
            standing[slot] = max(0, standing.get(slot, 0) + (-1 if learning else 1))
        for line in self._lines.get(fact.type, ()):
            series = self._series.get(fact, {}).get(line.meaning())
            if series is not None:
                series.learning = self._learns(fact, line)

    def learn_anew(self) -> None:
        """The rules are others: nothing stands, until that is told again."""
        self._standing.clear()
        for series in self._series.values():
            for one in series.values():
                one.learning = True

    def _learns(self, fact: Fact, line: Line) -> bool:
        standing = self._standing.get(fact, {})
        return not any(standing.get(slot) for slot in line.slots)

    def forget(self, fact: Fact) -> None:
        self._standing.pop(fact, None)
        for series in self._series.pop(fact, {}).values():
            self._stop(series)

    def _stop(self, series: Series) -> None:
        alarm = self._alarms.pop(series, None)
        if alarm is not None:
            alarm.call_off()

    def _write(self, fact: Fact, line: Line, series: Series) -> None:
        now = self._world.clock()
        self._tell.fields(fact, line.fields(series.values(now), series.bounds(now)))
        due = series.turns(now)
        former = self._alarms.get(series)
        if former is not None and former.due == due:
            return
        self._stop(series)
        if due is not None:
            self._alarms[series] = self._world.at(due, lambda: self._turned(fact, line, series))

    def _turned(self, fact: Fact, line: Line, series: Series) -> None:
        self._alarms.pop(series, None)
        self._write(fact, line, series)
