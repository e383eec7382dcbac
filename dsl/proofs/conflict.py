"""Conflict: two rules that can be true together with opposing effects on one subject, with the facts that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

import msgspec

from dsl.expressions import And, Compare, Constant, Expression, Field
from dsl.parts import Action
from dsl.program import PRIORITIES, Program, Recovery
from dsl.proofs.acting import Acting, Occasion, Rules, in_force, variables_of
from dsl.proofs.decide import Goal, Wanted, never
from dsl.proofs.effects import Effect
from dsl.proofs.example import Example, example
from dsl.proofs.renaming import renamed
from dsl.proofs.wording import plain
from dsl.proofs.world import World
from dsl.vocabulary.facts import SINGLE
from dsl.work import Orchestration

MOST_PAIRS = 5_000
_FEW = 12  # recoveries of one fault; of more only neighbours are compared
_OPPOSED = {
    frozenset(pair)
    for pair in (("start", "stop"), ("restart", "stop"), ("pause", "resume"), ("run", "cancel"))
}


class Conflict(msgspec.Struct, frozen=True):
    """`facts` show it, over `world`; None: nobody could rule it out, and nobody could show it."""

    one: Acting
    other: Acting
    what: str
    facts: Example | None
    world: World


class Rivals(msgspec.Struct, frozen=True):
    """Two recoveries of one fault between which nothing but the place in the file decides."""

    one: Acting
    other: Acting
    fault: str


class Conflicts(msgspec.Struct, frozen=True):
    """`whole`: every pair was looked at."""

    shown: tuple[Conflict, ...]
    open: tuple[Conflict, ...]
    rivals: tuple[Rivals, ...]
    whole: bool


class _Side(msgspec.Struct, frozen=True):
    """One effect of one rule, on one occasion. `goals` are about the target, and about what else the rule reads, told apart by `#`."""

    rule: Acting
    effect: Effect
    occasion: Occasion
    key: str | None  # of the thing that it acts upon, where that is known


def conflicts(rules: Rules) -> Conflicts:
    shown: dict[tuple[str, str], Conflict] = {}
    undecided: dict[tuple[str, str], Conflict] = {}
    left = MOST_PAIRS
    for one, other in _pairs(rules):
        pair = (one.rule.key, other.rule.key)
        if pair in shown or one.rule is other.rule or _in_turn(one, other):
            continue
        left -= 1
        if left < 0:
            break
        found = _opposed(rules, one, other)
        if found is not None:
            (undecided if found.facts is None else shown)[pair] = found
    open_ = tuple(found for pair, found in undecided.items() if pair not in shown)
    return Conflicts(tuple(shown.values()), open_, tuple(_rivals(rules)), left >= 0)


# --- which pairs --------------------------------------------------------------------------------------------------------


def _pairs(rules: Rules) -> Iterator[tuple[_Side, _Side]]:
    """Effects that oppose each other, on things that may be the same one; grouped first, so that most pairs are never met."""
    groups: dict[tuple[str, str], dict[tuple[str, object], list[_Side]]] = {}
    for side in _sides(rules):
        effect = side.effect
        if effect.verb == "set" and not effect.certain:
            continue
        direction = (effect.verb, effect.value if effect.verb == "set" else None)
        groups.setdefault((effect.type, effect.name), {}).setdefault(direction, []).append(side)
    for directions in groups.values():
        seen: list[tuple[tuple[str, object], list[_Side]]] = []
        for direction, sides in directions.items():
            for former, others in seen:
                if _oppose(former, direction):
                    yield from _meeting(others, sides)
            seen.append((direction, sides))


def _oppose(one: tuple[str, object], other: tuple[str, object]) -> bool:
    if one[0] == other[0] == "set":
        return one[1] != other[1]
    return frozenset((one[0], other[0])) in _OPPOSED


def _meeting(ones: list[_Side], others: list[_Side]) -> Iterator[tuple[_Side, _Side]]:
    """Pairs on the same key; what has no known key meets all."""
    by_key: dict[str | None, list[_Side]] = {}
    for side in others:
        by_key.setdefault(side.key, []).append(side)
    for one in ones:
        met = others if one.key is None else [*by_key.get(one.key, ()), *by_key.get(None, ())]
        for other in met:
            yield one, other


def _sides(rules: Rules) -> Iterator[_Side]:
    for rule in map(rules.acting, _opposable(rules)):
        for effect in rule.first.effects:
            for occasion in rule.occasions if effect.verb != "change" else ():
                yield _Side(rule, effect, occasion, _key_of(rules, effect, occasion))


def _opposable(rules: Rules) -> Iterator[Recovery | Orchestration]:
    """Those that do something of which the opposite is done anywhere: mostly few, and only these have to be read."""
    program = rules.program
    own = {one.name for agent in program.agents for one in agent.actions}
    deeds = frozenset(deed.kind for agent in program.agents for one in agent.actions for deed in one.actions)
    every: list[Recovery | Orchestration] = [*program.recoveries, *program.orchestrations]
    kinds = {*deeds, *(action.kind for rule in program.orchestrations for action in rule.then)}
    kinds.update(
        [action.kind for rule in program.recoveries for step in rule.tries for action in step.actions]
    )
    wanted = {"set"}.union(*(pair for pair in _OPPOSED if pair <= kinds))
    for rule in every if not wanted.isdisjoint(kinds) else ():
        done = {action.kind for action in _first(rule)}
        if in_force(rule.head) and not wanted.isdisjoint(done | deeds if done & own else done):
            yield rule


def _first(rule: Recovery | Orchestration) -> tuple[Action, ...]:
    """What it does when it acts."""
    if isinstance(rule, Orchestration):
        return rule.then
    tries = rule.tries
    return tries[0].actions if len(tries) == 1 else tuple(action for step in tries for action in step.actions)


def _key_of(rules: Rules, effect: Effect, occasion: Occasion) -> str | None:
    """The name of what it acts upon, written at the action or in the condition."""
    if effect.key is not None or not effect.own:
        return effect.key
    name = rules.keys.get(effect.type)
    for goal, wanted in occasion.goals:
        for part in _parts(goal) if wanted is Wanted.TRUE else ():
            match part:
                case Compare("==", Field(variable, (field,)), Constant(str() as value)):
                    if variable == effect.type and field == name:
                        return value
    return None


def _parts(condition: Expression) -> Iterable[Expression]:
    return condition.operands if isinstance(condition, And) else (condition,)


def _in_turn(one: _Side, other: _Side) -> bool:
    """Two recoveries of one fault of which it is said which comes first: the second acts when the first gave up."""
    return (
        one.rule.kind == other.rule.kind == "recovery"
        and one.occasion.fault == other.occasion.fault
        and _standing(one.rule) != _standing(other.rule)
    )


def _standing(rule: Acting) -> tuple[bool, int, bool]:
    return rule.named, PRIORITIES.index(rule.head.priority), bool(rule.follows)


# --- one pair ---------------------------------------------------------------------------------------------------------------


def _opposed(rules: Rules, one: _Side, other: _Side) -> Conflict | None:
    first, second = _goals(rules, one, "1"), _goals(rules, other, "2")
    goals = (*first, *second)
    world = rules.world(variables_of(goals))
    if never(goals, world):
        return None
    found = example(goals, world)
    shown = found if found is not None and found.certain else None
    return Conflict(one.rule, other.rule, _what(one.effect, other.effect), shown, world)


def _what(one: Effect, other: Effect) -> str:
    if one.verb == "set":
        return f"{one.type}.{one.name} is set to {plain(one.value)} and to {plain(other.value)}"
    return f"`{one.verb}` and `{other.verb}` on the same {one.type}"


def _goals(rules: Rules, side: _Side, mark: str) -> tuple[Goal, ...]:
    """What makes this rule act on the thing: the variable of the thing has the name of its type alone."""
    effect, occasion = side.effect, side.occasion
    apart = {
        name: f"{name}#{mark}"
        for name in occasion.variables
        if name not in SINGLE and not (effect.own and name == effect.type) and not name.startswith("fault ")
    }
    goals = [(renamed(goal, apart), wanted) for goal, wanted in occasion.goals]
    key = rules.keys.get(effect.type)
    if effect.key is not None and key is not None:
        goals.append((Compare("==", Field(effect.type, (key,)), Constant(effect.key)), Wanted.TRUE))
    if effect.where is not None:
        outer = {old: new for old, new in apart.items() if old != effect.type}
        goals.append((renamed(effect.where, outer), Wanted.TRUE))
    return tuple(goals)


# --- recoveries of equal standing -------------------------------------------------------------------------------------------


def _rivals(rules: Rules) -> Iterator[Rivals]:
    by_fault: dict[tuple[str, bool, str], list[tuple[Acting, Occasion]]] = {}
    for rule in map(rules.acting, _sharing(rules.program)):
        for occasion in rule.occasions:
            standing = (occasion.fault, rule.named, rule.head.priority)
            by_fault.setdefault(standing, []).append((rule, occasion))
    for (fault, _, _), offered in by_fault.items():
        pairs = combinations(offered, 2) if len(offered) <= _FEW else pairwise(offered)
        for (one, first), (other, second) in pairs:
            goals = (*first.goals, *second.goals)
            found = example(goals, rules.world(variables_of(goals)))
            if found is not None and found.certain:
                yield Rivals(one, other, fault)


def _sharing(program: Program) -> Iterator[Recovery]:
    """Recoveries that may be for a fault that another of the same standing is for: the others have no rival."""
    first = [one for one in program.recoveries if not one.exhausted and in_force(one.head)]
    standings = [(one.head.priority, name) for one in first for name in one.detections or ("",)]
    if len(set(standings)) == len(standings):
        return
    times = Counter(standings)
    for one in first:
        if any(times[one.head.priority, name] > 1 for name in one.detections or ("",)):
            yield one
