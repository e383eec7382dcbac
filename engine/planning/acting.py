"""From an action of a rule to the things to do: targets found, arguments evaluated, each stored as an intent before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from dsl.expressions import Constant, Expression, Field, ListOf, MapOf, Template, nodes_of
from dsl.operators import walk
from dsl.parts import NO_RETRY, Retry, Several
from dsl.program import Action, Agent, AgentAction, Selector
from engine.accounts import Intended
from engine.alarms import Alarms
from engine.analysis.agents import Agents
from engine.analysis.evaluate import evaluate
from engine.analysis.written import duration, written
from engine.effects import Cancel, Do
from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger, as_json
from engine.planning.repeating import (
    Ended,
    Expectation,
    Refusal,
    Tries,
    judged,
    nothing_against_it,
    pause_before,
)

WANTING = {"start": True, "restart": True, "stop": False}
INSIDE = frozenset({"run", "pause", "resume", "cancel"})  # what the engine does by itself
_WRITTEN_OUT = (Constant, ListOf, MapOf, Template)  # what is the same under all bindings, if its parts are
_TALKING = frozenset({"notify", "log"})  # an unknown value in a text for people is written as such


class ImpossibleError(Exception):
    """The action cannot be done as written; the text says why."""


class Deed(msgspec.Struct, frozen=True):
    """One action on one target, ready to be done."""

    kind: str
    target: str | None
    arguments: Mapping[str, Any]
    timeout: float
    text: str
    retry: Retry = NO_RETRY
    expect: Expectation | None = None
    inside: tuple[Action, Mapping[str, Any]] | None = (
        None  # what the engine does by itself, and what is bound
    )
    clause: tuple[int, ...] = ()  # the place of its clause among those that were asked for
    several: Several | None = None
    after: frozenset[str | None] = frozenset()  # what of the same clause has to be over first
    said: str = ""  # its arguments as they are stored, where that was worked out before


class Cause(msgspec.Struct, frozen=True):
    """For whom it is done; the columns of its row, and the run of an automation or orchestration that it belongs to.

    `holder` is by what name it holds pauses.
    """

    rule: str
    reason: str
    fault: int | None = None
    attempt: int | None = None
    run: int | None = None
    holder: str = ""


Answer = Callable[[Ended], None]


class _UnderWay(msgspec.Struct):
    """An action that was begun and not answered for; `tries` is what became of it so far."""

    deed: Deed
    cause: Cause
    answer: Answer
    refusal: Refusal
    tries: Tries


class Steering(Protocol):
    """Carries out what concerns the engine's own work. Raises ImpossibleError."""

    def steer(
        self, action: Action, bindings: Mapping[str, Any], cause: Cause, holder: str
    ) -> list[tuple[Deed, Ended]]: ...


class Acting:
    """`steering` is set once all the parts are there."""

    steering: Steering

    def __init__(
        self, memory: WorkingMemory, agents: Agents, alarms: Alarms, ledger: Ledger,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.plans: Mapping[str, Agent] = {}
        self._memory = memory
        self._agents = agents
        self._alarms = alarms
        self._ledger = ledger
        self._clock = clock
        self._under_way: dict[int, _UnderWay] = {}  # by the id of its first try
        self._first: dict[int, int] = {}  # of a further try under way, that of the first one
        self.touched: Callable[[str, float], None] = lambda agent, at: None  # told of what rules do to agents

    def deeds(self, actions: tuple[Action, ...], bindings: Mapping[str, Any]) -> list[Deed]:
        """What these actions come to under these bindings, in order. Raises ImpossibleError."""
        return [
            replace(deed, clause=(place, *deed.clause))
            for place, action in enumerate(actions)
            for deed in self._deeds_of(action, bindings)
        ]

    def fixed(self, actions: tuple[Action, ...]) -> list[Deed] | None:
        """What these actions come to under any bindings, where they read none of them and have no target; else None."""
        if not all(map(_is_fixed, actions)):
            return None
        try:
            return [replace(deed, said=as_json(deed.arguments)) for deed in self.deeds(actions, {})]
        except ImpossibleError:
            return None

    def _deeds_of(self, action: Action, bindings: Mapping[str, Any]) -> list[Deed]:
        if action.kind in INSIDE:
            return [Deed(action.kind, None, {}, action.timeout, action.text, inside=(action, bindings))]
        targets = self.targets(action.target, bindings)
        own = self._own_action(action, targets)
        if own is not None:
            return self._own_deeds(own, action, targets[0], bindings)
        if action.several is not None:
            return self._several(action, action.several, [target for target in targets if target], bindings)
        if action.target is not None and action.target.where is not None:
            return [
                self._deed(action, target, self._chosen(action.target.kind, target, bindings))
                for target in targets
            ]
        common = self._deed(action, targets[0] if targets else None, bindings)
        if len(targets) == 1:
            return [common]
        return [replace(common, target=target) for target in targets]

    def _several(
        self, action: Action, several: Several, agents: list[str], bindings: Mapping[str, Any]
    ) -> list[Deed]:
        """Each after those that it needs, also through others; stopped before them."""
        needed = {agent: self._needed(agent) & set(agents) for agent in agents}
        if action.kind == "stop":
            needed = {agent: {one for one in agents if agent in needed[one]} for agent in agents}
        deed = replace(self._deed(action, None, bindings), several=several)
        if not several.ordered_by_needs:
            return [replace(deed, target=agent) for agent in agents]
        return [
            replace(deed, target=agent, after=frozenset(needed[agent] - {agent}))
            for agent in sorted(agents, key=lambda one: len(needed[one]))
        ]

    def _needed(self, agent: str) -> set[str]:
        """Everything that an agent needs."""
        found: set[str] = set()
        waiting = [agent]
        while waiting:
            plan = self.plans.get(waiting.pop())
            new = set(plan.needs) - found if plan is not None else set()
            found |= new
            waiting += new
        return found

    def _deed(self, action: Action, target: str | None, bindings: Mapping[str, Any]) -> Deed:
        expect = None if action.expect is None else Expectation(action.expect, bindings)
        arguments = self._arguments(action, bindings)
        return Deed(action.kind, target, arguments, action.timeout, action.text, action.retry, expect)

    def _chosen(self, kind: str, target: str | None, bindings: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a `where` chose is bound by its kind: `http post "{agent.url}/assess"` says something else to each."""
        fact = self._memory.get(kind, target or "")
        return {**bindings, kind: fact.values} if fact else bindings

    def _arguments(self, action: Action, bindings: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._argument(action, name, value, bindings) for name, value in action.arguments}

    def _own_action(self, action: Action, targets: list[str | None]) -> AgentAction | None:
        """What an agent can do for itself under that name."""
        plan = self.plans.get(targets[0] or "") if len(targets) == 1 else None
        return next((own for own in plan.actions if own.name == action.kind), None) if plan else None

    def _own_deeds(
        self, own: AgentAction, action: Action, agent: str | None, bindings: Mapping[str, Any]
    ) -> list[Deed]:
        """Its parameters are bound by name; whatever its actions are, they touch the agent."""
        now = self._clock()
        parameters = {name: evaluate(value, bindings, now) for name, value in action.arguments}
        deeds = self.deeds(own.actions, {**bindings, **parameters})
        return [
            replace(deed, target=deed.target or agent, retry=deed.retry if deed.retry.count else action.retry)
            for deed in deeds
        ]

    def _argument(self, action: Action, name: str, value: Expression, bindings: Mapping[str, Any]) -> Any:
        if isinstance(value, Constant) and value.value is not None:
            return value.value
        now = self._clock()
        if action.kind not in _TALKING:
            unknown = [node for node in nodes_of(value) if evaluate(node, bindings, now) is None]
            if unknown:  # the last one is innermost: it is why the others are
                raise ImpossibleError(
                    f"{action.kind}: {_named(unknown[-1])} is unknown, so its {name} is not sure"
                )
        if isinstance(value, ListOf) and name == "command":
            return _spliced(value, bindings, now)
        return evaluate(value, bindings, now)

    def targets(self, selector: Selector | None, bindings: Mapping[str, Any]) -> list[str | None]:
        """The keys of what an action acts upon; [None] for what acts upon nothing that volexd knows."""
        if selector is None:
            return [None]
        if selector.name is not None:
            name = evaluate(selector.name, bindings, self._clock())
            if name is None:
                raise ImpossibleError(
                    f"{_named(selector.name)} is unknown, so the {selector.kind} is not sure"
                )
            return [written(name)]
        if selector.where is None:
            key = walk(bindings.get(selector.kind), ("name",))
            if not isinstance(key, str):
                raise ImpossibleError(f"no {selector.kind} is bound here")
            return [key]
        return [
            fact.key
            for fact in self._memory.all(selector.kind)
            if self._selected(selector, fact.values, bindings)
        ]

    def _selected(self, selector: Selector, values: Mapping[str, Any], bindings: Mapping[str, Any]) -> bool:
        assert selector.where is not None
        return evaluate(selector.where, {**bindings, selector.kind: values}, self._clock()) is True

    def begin(self, deed: Deed, cause: Cause, answer: Answer, refusal: Refusal = nothing_against_it) -> int:
        """Store the intent, then ask for it to be done; `answer` is called with its outcome, that of its last try.

        `refusal` says before every further try why there must be none any more, or None.
        """
        if deed.inside is not None:
            return self._steer(deed, cause, answer)
        under_way = _UnderWay(deed, cause, answer, refusal, Tries())
        first = self._try(under_way)
        self._under_way[first] = under_way
        return first

    def _try(self, under_way: _UnderWay) -> int:
        deed, cause, tries = under_way.deed, under_way.cause, under_way.tries
        tries.count += 1
        if tries.count > 1:
            again = f"again, {tries.count} of {deed.retry.count + 1}"
            cause = replace(cause, reason=f"{cause.reason} ({again})")
        tries.current = identity = self._intend(deed, cause)
        if deed.target is not None and cause.rule:
            self.touched(deed.target, self._clock())
        if deed.target is not None and deed.kind in WANTING:
            self._agents.want(deed.target, WANTING[deed.kind])
        self._ledger.do(Do(identity, deed.kind, deed.target, deed.arguments, deed.timeout))
        return identity

    def _steer(self, deed: Deed, cause: Cause, answer: Answer) -> int:
        """Done at once, and written down for each thing that it is done to; the answer follows in this very instant."""
        assert deed.inside is not None
        action, bindings = deed.inside
        try:
            steered = self.steering.steer(action, bindings, cause, cause.holder)
        except ImpossibleError as error:
            steered = [(deed, Ended("failed", str(error)))]
        steered = steered or [(deed, Ended("succeeded", "there was nothing to do it to"))]
        identities = [self.note(one, cause, ended) for one, ended in steered]
        failed = next((ended for _, ended in steered if ended.outcome != "succeeded"), None)
        self._alarms.at(self._clock(), lambda: answer(failed or steered[-1][1]))
        return identities[-1]

    def note(self, deed: Deed, cause: Cause, ended: Ended) -> int:
        """Write down what the engine did by itself: a pause, the start of a run."""
        return self._intend(deed, cause, ended_at=self._clock(), outcome=ended.outcome, detail=ended.detail)

    def _intend(self, deed: Deed, cause: Cause, **ended: Any) -> int:
        identity, now = self._ledger.new_id(), self._clock()
        row = {
            "attempt_id": cause.attempt, "fault_id": cause.fault, "rule": cause.rule or None, "kind": deed.kind,
            "target": deed.target, "arguments": deed.said or as_json(deed.arguments), "reason": cause.reason, "intended_at": now,
            **ended,
        }  # fmt: skip
        account = Intended(identity, deed.kind, deed.target, cause.reason)
        self._ledger.enter("action", identity, row, account, 1, now)
        return identity

    def cancel(self, identity: int) -> None:
        """Ask for the end of an action under way; its answer still follows."""
        under_way = self._under_way.get(identity)
        if under_way is None:
            return
        tries = under_way.tries
        tries.cancelled = True
        if tries.current is not None:
            self._ledger.do(Cancel(tries.current))
        elif tries.pause is not None:
            tries.pause.call_off()
            ended = Ended("cancelled", "before it was done again")
            tries.pause = self._alarms.at(self._clock(), lambda: self._answer(identity, ended))

    def finished(self, identity: int, ended: Ended) -> None:
        """An action ended; an answer to what is not under way is none."""
        first = self._first.pop(identity, identity)
        under_way, now = self._under_way.get(first), self._clock()
        if under_way is None or under_way.tries.current != identity:
            return
        if under_way.deed.expect is not None:
            ended = judged(ended, under_way.deed.expect, now)
        row = {"ended_at": now, "outcome": ended.outcome, "detail": ended.detail}
        self._ledger.put("action", identity, row, durable=True)
        under_way.tries.current = None
        if under_way.deed.retry.count and under_way.tries.may_go_on(under_way.deed.retry, ended):
            self._wait(first, under_way, identity, ended)
        else:
            self._answer(first, ended)

    def _wait(self, first: int, under_way: _UnderWay, failed: int, ended: Ended) -> None:
        pause, now = pause_before(under_way.deed.retry, under_way.tries.count), self._clock()
        self._ledger.explain(failed, 1, f"{ended.outcome.replace('_', ' ')}; again in {duration(pause)}", now)
        under_way.tries.pause = self._alarms.at(now + pause, lambda: self._again(first, under_way, ended))

    def _again(self, first: int, under_way: _UnderWay, ended: Ended) -> None:
        under_way.tries.pause = None
        refusal = under_way.refusal()
        if refusal is None:
            self._first[self._try(under_way)] = first
            return
        said = f"{ended.detail}; " if ended.detail else ""
        detail = f"{said}not done again: {refusal}"
        self._answer(first, replace(ended, detail=detail))

    def _answer(self, first: int, ended: Ended) -> None:
        self._under_way.pop(first).answer(ended)


def _is_fixed(action: Action) -> bool:
    if (
        action.kind in INSIDE
        or action.target is not None
        or action.several is not None
        or action.expect is not None
    ):
        return False
    return all(isinstance(node, _WRITTEN_OUT) for _, value in action.arguments for node in nodes_of(value))


def _named(node: Expression) -> str:
    return ".".join(map(str, (node.subject, *node.path))) if isinstance(node, Field) else "a value in it"


def _spliced(command: ListOf, bindings: Mapping[str, Any], now: float) -> list[str]:
    """The words of a command; a list value is spliced in, everything else is one word, however it looks."""
    words: list[Any] = []
    for element in command.elements:
        value = evaluate(element, bindings, now)
        words += value if isinstance(value, (list, tuple)) else [value]
    if None in words:
        raise ImpossibleError("exec: an element of a list is unknown, so its command is not sure")
    return [written(word) for word in words]


def nothing(ended: Ended) -> None:
    """The answer of those who do not wait for one."""


__all__ = ["INSIDE", "Acting", "Answer", "Cause", "Deed", "Ended", "ImpossibleError", "Steering", "nothing"]
