"""Across a restart, clean or not: since when conditions have held, what windows saw, which agents somebody stopped or paused.

The shell asks for it now and then, stores it, and gives it back with `Restored`. What volexd learned after it asked last counts as not
seen, like what happened while it did not run. So a hold goes on if the first that is seen of it says that it is still true, before
what was known of it would have gone stale; a window has a gap, and its own rules say what it makes of that; events keep their instants.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.analysis.agents import Agents
from engine.analysis.situations import Situations
from engine.derived.derivation import Derivation
from engine.derived.meaning import Meanings
from engine.knowledge.remembered import Begun, Conditions, Hold, Windows
from engine.planning.pauses import BY_HAND, Pauses

MOST_HOLDS = 5_000
MOST_SAMPLES = 20_000  # in all windows together


class TakenUp(NamedTuple):
    """How much of a former life goes on, and how much begins anew: its rule is another now, or it was too long ago."""

    holds: int = 0
    windows: int = 0  # series of samples, and events
    reset: int = 0


class Remembering:
    def __init__(
        self, situations: Situations, derivation: Derivation, agents: Agents, pauses: Pauses
    ) -> None:
        self._situations = situations
        self._derivation = derivation
        self._agents = agents
        self._pauses = pauses

    # --- what is kept ----------------------------------------------------------------------------------------------------

    def conditions(self, now: float) -> Conditions:
        holds = [*self._of_rules(now), *self._derivation.kept_holds(now)]
        holds.sort(key=lambda hold: hold.since)  # of too many, those that have lasted longest
        return Conditions(
            holds[:MOST_HOLDS],
            [name for name, state in self._agents.states.items() if not state.wanted],
            [name for kind, name in self._pauses.held_by(BY_HAND) if kind == "agent"],
        )

    def windows(self) -> Windows:
        return self._derivation.kept_windows(MOST_SAMPLES)

    def _of_rules(self, now: float) -> list[Hold]:
        meanings = Meanings(self._derivation.plan)
        begun = [
            (watch.name, fact.type, fact.key, one)
            for watch, fact, one in self._situations.pending(now, MOST_HOLDS)
        ]
        begun += [(name, kind, key, one) for kind, key, name, one in self._situations.remembered.waiting(now)]
        digests: dict[str, str] = {}
        for name, *_, one in begun:
            if name not in digests:
                digests[name] = meanings.digest(one.meaning)
        return [Hold(name, digests[name], kind, key, one.since, one.until) for name, kind, key, one in begun]

    # --- what is given back ------------------------------------------------------------------------------------------------

    def take_up(self, conditions: Conditions, windows: Windows, now: float) -> TakenUp:
        """After the first program."""
        for name in conditions.unwanted:
            self._agents.want(name, False)
        for name in conditions.paused:
            if name in self._agents.states:
                self._pauses.pause("agent", name, BY_HAND)
        seen, forgotten = self._derivation.remember_windows(windows)
        holds = self._derivation.remember_holds(hold for hold in conditions.holds if not hold.rule)
        holds += self._take_up_rules(conditions, now)
        return TakenUp(holds, seen, len(conditions.holds) - holds + forgotten)

    def _take_up_rules(self, conditions: Conditions, now: float) -> int:
        meanings = Meanings(self._derivation.plan)
        kept = 0
        for hold in conditions.holds:
            watch = self._situations.watch_of(hold.rule) if hold.rule else None
            if watch is None or watch.type != hold.type or hold.until < now:
                continue
            if meanings.digest(watch.meaning()) == hold.meaning:
                begun = Begun(hold.since, hold.until, watch.meaning())
                self._situations.remember(watch, hold.type, hold.key, begun)
                kept += 1
        return kept
