"""Across a restart, clean or not: since when conditions have held, what windows saw, what states set in motion, who holds what back.

The shell asks for it now and then, stores it, and gives it back with `Restored`. What volexd learned after it asked last counts as not
seen, like what happened while it did not run (docs/restarts.md). So a hold goes on if the first that is seen of it says that it is still
true, before what was known of it would have gone stale; a window has a gap, and its own rules say what it makes of that; events keep
their instants, a state goes on until its end is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dsl.program import Program
from engine.analysis.agents import Agents
from engine.analysis.situations import OPEN, Situations
from engine.analysis.written import duration
from engine.carried import ANOTHER_CONDITION, ANOTHER_SUBJECT, GONE, Carried, Reset
from engine.derived.derivation import Derivation
from engine.derived.meaning import Meanings
from engine.knowledge.facts import WorkingMemory
from engine.knowledge.remembered import Begun, Conditions, FirstEvent, Hold, PausedBy, State, Windows
from engine.planning.automations.automations import Automations
from engine.planning.moments import Moments
from engine.planning.orchestrations import Orchestrations
from engine.planning.pauses import BY_HAND, Pauses
from engine.renaming import Names

MOST_HOLDS = 5_000
MOST_SAMPLES = 20_000  # in all windows together


class _Count:
    """What is kept and reset, on the way."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}
        self.lost: dict[tuple[str, str, str, str], int] = {}

    def keep(self, what: str, many: int = 1) -> None:
        self.kept[what] = self.kept.get(what, 0) + many

    def lose(self, what: str, rule: str, why: str, about: str = "", many: int = 1) -> None:
        key = (what, rule, why, about)
        self.lost[key] = self.lost.get(key, 0) + many

    def done(self) -> Carried:
        resets = [Reset(what, rule, many, why, about) for (what, rule, why, about), many in self.lost.items()]
        return Carried({what: many for what, many in self.kept.items() if many}, tuple(resets))


class _Digests:
    """Of what the rules of a program mean: each is worked out once, though it is kept every few seconds."""

    def __init__(self, program: Program, meanings: Meanings) -> None:
        self.program = program
        self._meanings = meanings
        self._known: dict[str, str] = {}

    def of(self, rule: str, meaning: object) -> str:
        if rule not in self._known:
            self._known[rule] = self._meanings.digest(meaning)
        return self._known[rule]


class Remembering:
    """`moments` are those of the kinds of rules that wait for events, by kind."""

    def __init__(
        self, situations: Situations, derivation: Derivation, memory: WorkingMemory, agents: Agents, pauses: Pauses,
        automations: Automations, orchestrations: Orchestrations, moments: Mapping[str, Moments],
        program: Callable[[], Program],
    ) -> None:  # fmt: skip
        self._situations = situations
        self._derivation = derivation
        self._memory = memory
        self._agents = agents
        self._pauses = pauses
        self._automations = automations
        self._orchestrations = orchestrations
        self._moments = moments
        self._program = program
        self._digests = _Digests(program(), Meanings(derivation.plan))

    # --- what is kept ----------------------------------------------------------------------------------------------------

    def conditions(self, now: float) -> Conditions:
        holds = [*self._of_rules(now), *self._derivation.kept_holds(now)]
        holds.sort(key=lambda hold: hold.since)  # of too many, those that have lasted longest
        return Conditions(
            holds[:MOST_HOLDS],
            [name for name, state in self._agents.states.items() if not state.wanted],
            [
                PausedBy(kind, name, holder)
                for (kind, name), holders in self._pauses.holders.items()
                for holder in holders
            ],
            list(self._states()),
            list(self._first_events()),
        )

    def windows(self) -> Windows:
        return self._derivation.kept_windows(MOST_SAMPLES)

    def _of_rules(self, now: float) -> list[Hold]:
        if self._digests.program is not self._program():
            self._digests = _Digests(self._program(), Meanings(self._derivation.plan))
        digest = self._digests.of
        begun = [
            (watch.name, fact.type, fact.key, one)
            for watch, fact, one in self._situations.pending(now, MOST_HOLDS)
        ]
        begun += [(name, kind, key, one) for kind, key, name, one in self._situations.remembered.waiting(now)]
        return [
            Hold(name, digest(name, one.meaning), kind, key, one.since, one.until)
            for name, kind, key, one in begun
        ]

    def _states(self) -> Iterator[State]:
        """What orchestrations did about something that goes on. Those in the shadow did nothing."""
        for one in self._situations.all():
            if one.phase == OPEN and one.watch.of_state and not one.watch.rule.head.shadow:
                done = self._orchestrations.of(one)
                run, taken_back = (done.id, done.taken_back) if done is not None else (0, False)
                yield State(one.watch.name, one.fact.type, one.fact.key, one.since, run, taken_back)

    def _first_events(self) -> Iterator[FirstEvent]:
        meanings = Meanings(self._derivation.plan)
        for kind, moments in self._moments.items():
            for name, moment, waiting in moments.waiting():
                digest = meanings.digest(moment)
                for one in waiting:
                    yield FirstEvent(kind, name, digest, *one.subject, dict(one.values), one.due)

    # --- what is given back ------------------------------------------------------------------------------------------------

    def take_up_wishes(self, conditions: Conditions) -> Carried:
        """Who is not to run, what goes on until its end is seen, and what is held back: before anything is due."""
        count = _Count()
        for name in conditions.unwanted:
            self._agents.want(name, False)
        resumed = {self._take_up_state(state, count) for state in conditions.states}
        for paused in conditions.pauses:
            self._take_up_pause(paused, resumed, count)
        return count.done()

    def take_up(self, conditions: Conditions, windows: Windows, names: Names, now: float) -> Carried:
        """What was seen, after the first program. `names` are of rules that are called otherwise since."""
        count = _Count()
        seen, events, lost = self._derivation.remember_windows(windows, names)
        count.keep("windows", seen)
        count.keep("events in windows", events)
        for about in lost:
            count.lose("windows", "", "nothing asks for it any more", about)
        meanings = Meanings(self._derivation.plan, names)
        for hold in conditions.holds:
            why = self._take_up_hold(hold, meanings, now)
            if why:
                count.lose("holds", hold.rule, why)
            else:
                count.keep("holds")
        for first in conditions.firsts:
            self._take_up_first(first, meanings, now, count)
        return count.done()

    def _take_up_hold(self, hold: Hold, meanings: Meanings, now: float) -> str:
        """Why it begins anew; empty, if it goes on when it is seen to be true still."""
        if hold.until < now:
            return (
                f"what was known of it went stale {duration(now - hold.until)} ago, while volexd did not run"
            )
        if not hold.rule:
            return "" if self._derivation.remember_hold(hold, meanings) else ANOTHER_CONDITION
        watch = self._situations.watch_of(hold.rule, hold.type)
        if watch is None:
            return GONE
        if watch.type != hold.type:
            return ANOTHER_SUBJECT
        if hold.meaning not in meanings.digests(watch.meaning()):
            return ANOTHER_CONDITION
        self._situations.remember(watch, hold.type, hold.key, Begun(hold.since, hold.until, watch.meaning()))
        return ""

    def _take_up_state(self, state: State, count: _Count) -> str:
        """By what name it holds pauses; empty, if it does not go on."""
        watch = self._situations.watch_of(state.rule, state.type)
        if watch is None or watch.type != state.type or watch.rule.head.shadow:
            count.lose("states", state.rule, GONE if watch is None else ANOTHER_SUBJECT)
            return ""
        situation = self._situations.restore(watch, self._memory.fact(state.type, state.key), state.since)
        count.keep("states")
        if not state.run:
            return ""
        self._orchestrations.resume(situation, state.run, taken_back=state.taken_back)
        done = self._orchestrations.of(situation)
        return done.holder if done is not None else ""

    def _take_up_pause(self, paused: PausedBy, resumed: set[str], count: _Count) -> None:
        """By whom it is held goes on: what waits for an end of a run, or of a state, that nobody will see holds nothing."""
        kind, name, holder = paused.kind, paused.name, paused.holder
        why = self._not_held(holder, resumed)
        known = name in self._agents.states if kind == "agent" else name in self._automations.known
        if not known:
            why = f"there is no {kind} {name} any more"
        if why:
            count.lose("pauses", holder, why, f"{kind} {name}")
            return
        count.keep("pauses")
        if kind == "agent":
            self._pauses.pause(kind, name, holder)
        else:
            self._automations.hold_back(name, holder)

    def _not_held(self, holder: str, resumed: set[str]) -> str:
        kind, _, rest = holder.partition(" ")
        name = rest.partition(" on ")[0]
        if holder == BY_HAND or holder in resumed:
            return ""
        if kind == "workflow":
            return "its run was interrupted"
        if not self._is_in_force(kind, name):
            return GONE
        plan = self._orchestrations.plans.get(name) if kind == "orchestration" else None
        return "its state is over" if plan is not None and plan.when is not None else ""

    def _is_in_force(self, kind: str, name: str) -> bool:
        program = self._program()
        kinds: dict[str, Iterable[Any]] = {
            "orchestration": program.orchestrations, "automation": program.automations,
            "recovery": program.recoveries, "maintenance": program.maintenances,
        }  # fmt: skip
        return any(rule.head.name == name and not rule.head.off for rule in kinds.get(kind, ()))

    def _take_up_first(self, first: FirstEvent, meanings: Meanings, now: float, count: _Count) -> None:
        """The second event may still come in time; what came while volexd did not run it will never know."""
        moments = self._moments.get(first.kind)
        moment = moments.moment_of(first.rule) if moments is not None else None
        if moments is None or moment is None:
            count.lose("sequences", first.rule, GONE)
        elif first.meaning not in meanings.digests(moment):
            count.lose("sequences", first.rule, "it waits for other events now")
        elif first.due <= now:
            ago = duration(now - first.due)
            count.lose("sequences", first.rule, f"its time was over {ago} ago, while volexd did not run")
        else:
            moments.wait_again(first.rule, (first.type, first.key), first.values, first.due)
            count.keep("sequences")
