"""How much harm a step of a recovery may do: its class of risk is that of the gravest thing it does.

An action has the class that its word declares beside its code. What an agent can do for itself is a reconnect, if it only talks to the
agent; if it does anything graver, it is that.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from dsl.parts import RISKS, Action
from dsl.program import Agent, Recovery

_OWN, _TALKS = RISKS.index("reconnect"), RISKS.index("reload")


class Risks:
    """Of the steps of one program's recoveries."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        own: dict[str, tuple[Action, ...]] = {}
        for agent in agents:
            for action in agent.actions:
                own[action.name] = own.get(action.name, ()) + action.actions
        self._own = own

    def of(self, actions: Iterable[Action]) -> str:
        """The class of what does all of these."""
        return RISKS[max(map(self._rank, actions), default=0)]

    def swappable(self, plan: Recovery) -> tuple[range, ...]:
        """Its steps cut where the class changes: within such a part, and nowhere else, their order may be another one."""
        classes = [self.of(step.actions) for step in plan.tries]
        parts, begin = [], 0
        for _, alike in groupby(classes):
            end = begin + len(list(alike))
            parts.append(range(begin, end))
            begin = end
        return tuple(parts)

    def _rank(self, action: Action, above: tuple[str, ...] = ()) -> int:
        """`above` are the own actions that it is done by: one that leads back to itself adds nothing."""
        rank, parts = RISKS.index(action.risk), self._own.get(action.kind)
        if parts is None or action.kind in above:
            return rank
        gravest = max((self._rank(part, (*above, action.kind)) for part in parts), default=0)
        return max(rank, _OWN if gravest <= _TALKS else gravest)
