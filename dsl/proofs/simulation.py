"""A circle of rules, played through: from facts under which one of them acts, through what they do to each other, back to where it was.

Only effects of which the outcome is certain are played (a field that is set, a pause, a stop, a run); where anything else would have to
be guessed, nothing is shown. So a round that is found goes on for ever whatever the world does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from dsl.parts import Moment
from dsl.proofs.acting import Acting, Occasion, Rules, type_of
from dsl.proofs.effects import Effect
from dsl.proofs.example import NOW, Example, example, holds
from dsl.proofs.meaning import value_of
from dsl.proofs.wording import plain
from dsl.proofs.world import World

_MOST_STEPS = 60
_MOST_RULES = 60
_MOST_BEGINNINGS = 8
_SOMEBODY = "x"  # the key of a fact of which no condition says it

Thing = tuple[str, str]  # type and key


class Round(msgspec.Struct, frozen=True):
    """`steps` is who does what, in order, until it begins again; `facts` are those it began with."""

    steps: tuple[str, ...]
    facts: Example | None
    world: World


class _Unsure(Exception):
    """What comes next is not certain."""


def round_of(rules: Rules, acting: Mapping[str, Acting], names: Iterable[str]) -> Round | None:
    """None where no round could be shown."""
    inside = list(names)
    if len(inside) > _MOST_RULES:
        return None
    circle = [acting[name] for name in inside if name in acting]
    if len(circle) != len(inside):
        return _of_runs(rules, inside)
    for rule in circle[:_MOST_BEGINNINGS]:
        for occasion in rule.occasions[:2]:
            world = rules.world(occasion.variables)
            facts = example(occasion.goals, world)
            if facts is not None and not facts.assumed:
                found = _played(rules, circle, rule, occasion, facts, world)
                if found is not None:
                    return found
    return None


def _of_runs(rules: Rules, names: list[str]) -> Round | None:
    """Automations that run each other: it goes on if one of them lets a new run wait for, or replace, the one under way."""
    plans = {f"automation {one.head.name}": one for one in rules.program.automations}
    if not all(name in plans for name in names) or all(plans[name].overlap == "skip" for name in names):
        return None
    return Round(
        tuple(f"{name} runs {after}" for name, after in _chain(rules, plans, names)), None, rules.world()
    )


def _chain(rules: Rules, plans: Mapping[str, object], names: list[str]) -> Iterator[tuple[str, str]]:
    inside = set(names)
    for automation in rules.program.automations:
        name = f"automation {automation.head.name}"
        for effect in rules.actions.done(automation.actions).effects if name in inside else ():
            if effect.verb == "run" and f"automation {effect.key}" in inside:
                yield name, f"automation {effect.key}"


# --- playing -------------------------------------------------------------------------------------------------------------


def _played(
    rules: Rules, circle: list[Acting], first: Acting, occasion: Occasion, facts: Example, world: World
) -> Round | None:
    if any(one.lingers for rule in circle for one in rule.occasions):
        return None
    stage = _Stage(rules, circle)
    subject = stage.place(facts, occasion)
    try:
        stage.settle(first, subject)
        steps = stage.play()
    except _Unsure:
        return None
    return Round(tuple(steps), facts, world) if steps else None


class _Stage(msgspec.Struct):
    rules: Rules
    circle: list[Acting]
    facts: dict[Thing, dict[str | int, object]] = msgspec.field(default_factory=dict)
    pauses: dict[Thing, frozenset[str]] = msgspec.field(default_factory=dict)
    active: set[tuple[str, Thing]] = msgspec.field(default_factory=set)  # conditions that are true, of what
    queue: list[tuple[Acting, Thing]] = msgspec.field(default_factory=list)

    def place(self, example: Example, occasion: Occasion) -> Thing:
        """The facts of the example, and the one that the occasion is about."""
        for variable, values in example.facts.items():
            if not variable.startswith("fault ") and isinstance(values, Mapping):
                kind = type_of(variable)
                key = str(values.get(self.rules.keys.get(kind, ""), _SOMEBODY))
                self.facts[kind, key] = {**values, self.rules.keys.get(kind, "name"): key}
        kind = occasion.subject or "host"
        return next((thing for thing in self.facts if thing[0] == kind), (kind, _SOMEBODY))

    def settle(self, first: Acting, subject: Thing) -> None:
        """The conditions that are true at the beginning; the first rule's has just become so."""
        self.active = set(self._true())
        self.queue = [(first, subject)]

    def play(self) -> list[str]:
        """What is done until everything is as it was once; nothing, if it ends."""
        steps: list[str] = []
        seen: dict[str, int] = {}
        while self.queue and len(steps) < _MOST_STEPS:
            if len(self.queue) > 1 and self._waits():
                raise _Unsure  # one may end what the other waits for
            now = self._signature()
            if now in seen:
                return steps[seen[now] :]
            seen[now] = len(steps)
            rule, subject = self.queue.pop(0)
            if self._admits(rule, subject):
                steps += [self._apply(rule, effect, subject) for effect in self._effects(rule)]
        return []

    def _waits(self) -> bool:
        return any(occasion.hold for rule in self.circle for occasion in rule.occasions)

    def _effects(self, rule: Acting) -> tuple[Effect, ...]:
        if rule.held:
            raise _Unsure
        if rule.first.undeclared or not all(
            effect.certain or effect.verb == "resume own" for effect in rule.first.effects
        ):
            raise _Unsure
        return rule.first.effects

    def _admits(self, rule: Acting, subject: Thing) -> bool:
        """Whether its guards let it act now."""
        return any(
            holds(one.guards, Example(self._bound(subject)))
            for one in rule.occasions
            if (one.subject or "host") == subject[0]
        )

    def _bound(self, subject: Thing) -> dict[str, object]:
        singles = {kind: values for (kind, _), values in self.facts.items() if kind in ("host", "swarm")}
        return {**singles, subject[0]: self.facts.get(subject, {})}

    # --- effects ---------------------------------------------------------------------------------------------------------

    def _apply(self, rule: Acting, effect: Effect, subject: Thing) -> str:
        said = ""
        for thing in self._targets(effect, subject, rule):
            before = dict(self.facts.setdefault(thing, {self.rules.keys.get(thing[0], "name"): thing[1]}))
            value = self._value(rule, effect, thing)
            self.facts[thing][effect.name] = value
            said = f"{rule.key} makes {effect.type}.{effect.name} {plain(value)}"
            self._moments(thing, effect.name, before.get(effect.name), value)
            self._look()
        return said or f"{rule.key} does `{effect.verb}`, of nothing"

    def _value(self, rule: Acting, effect: Effect, thing: Thing) -> object:
        if effect.verb not in ("pause", "resume", "resume own"):
            return effect.value
        holders = self.pauses.get(thing, frozenset())
        holders = holders | {rule.key} if effect.verb == "pause" else holders - {rule.key}
        self.pauses[thing] = holders
        return bool(holders)

    def _targets(self, effect: Effect, subject: Thing, rule: Acting) -> list[Thing]:
        if effect.verb == "resume own":
            return [
                thing
                for thing, holders in self.pauses.items()
                if thing[0] == effect.type and rule.key in holders
            ]
        if effect.key is not None:
            return [(effect.type, effect.key)]
        if effect.own:
            if subject[0] != effect.type:
                raise _Unsure
            return [subject]
        if effect.where is None:
            raise _Unsure
        return [
            thing for thing, values in self.facts.items()
            if thing[0] == effect.type
            and value_of(effect.where, {**self._bound(subject), effect.type: values}, NOW) is True
        ]  # fmt: skip

    # --- what follows --------------------------------------------------------------------------------------------------------

    def _true(self) -> Iterator[tuple[str, Thing]]:
        for rule in self.circle:
            for occasion in rule.occasions:
                for thing in self._things(occasion.subject or "host"):
                    if holds(occasion.state, Example(self._bound(thing))):
                        yield rule.key, thing

    def _things(self, kind: str) -> list[Thing]:
        return [thing for thing in self.facts if thing[0] == kind] or (
            [("host", _SOMEBODY)] if kind == "host" else []
        )

    def _look(self) -> None:
        """Conditions that have become true set their rules off; those of moments are looked at elsewhere."""
        now = set(self._true())
        by_key = {rule.key: rule for rule in self.circle}
        for key, thing in sorted(now - self.active):
            if self._moment(by_key[key]) is None or by_key[key].occasions[0].fault:
                self.queue.append((by_key[key], thing))
        if any(
            by_key[key].first is not by_key[key].done and self._takes_back(by_key[key])
            for key, _ in self.active - now
        ):
            raise _Unsure
        self.active = now

    def _takes_back(self, rule: Acting) -> bool:
        """Whether something else follows when its state ends."""
        return len(rule.done.effects) > len(rule.first.effects) or bool(rule.done.undeclared)

    def _moment(self, rule: Acting) -> Moment | None:
        return next((one.on for one in self.rules.program.orchestrations if one.head.name == rule.name), None)

    def _moments(self, thing: Thing, name: str, before: object, value: object) -> None:
        if before is None or before == value:
            return
        for rule in self.circle:
            moment = self._moment(rule)
            if moment is None or moment.kind != "change" or (thing[0], name) not in rule.reads:
                continue
            if moment.before in (None, before) and moment.after in (None, value):
                self.queue.append((rule, thing))

    def _signature(self) -> str:
        queue = [(rule.key, thing) for rule, thing in self.queue]
        return repr(
            (sorted(self.facts.items(), key=repr), sorted(self.pauses.items()), sorted(self.active), queue)
        )
