"""Termination: whether what rules set off among themselves comes to an end, and by what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

import msgspec

from dsl.expressions import Aggregate, Compare, Constant, Field, Occurrences, nodes_of
from dsl.parts import Action
from dsl.program import Program, Recovery
from dsl.proofs.acting import Acting, Occasion, Rules, in_force, read, type_of, variables_of
from dsl.proofs.decide import Goal, Wanted, never
from dsl.proofs.effects import Effect
from dsl.proofs.example import Example, example
from dsl.proofs.graph import components
from dsl.proofs.renaming import renamed, set_apart
from dsl.proofs.simulation import Round, round_of
from dsl.proofs.triggering import Graph, is_rule, limiting, node_of, triggering
from dsl.proofs.world import World
from dsl.vocabulary.facts import SINGLE
from dsl.work import Orchestration

_MOST_OCCASIONS = 5
_MOST_REFINED = 60  # rules of one circle that are compared by pairs


class Bound(msgspec.Struct, frozen=True):
    """Rules that can set each other off, and the limits that end it: rule and limit in words. `way` is one way around."""

    rules: tuple[str, ...]
    way: tuple[str, ...]
    limits: tuple[tuple[str, str], ...]


class Circle(msgspec.Struct, frozen=True):
    """Rules that set each other off and are limited by nothing. `round`: it was played through, and came back to where it began.

    Without that, `facts` are those under which the first acts again, if what it does brings them about. `way` is one way around.
    """

    rules: tuple[str, ...]
    way: tuple[str, ...]
    round: Round | None
    facts: Example | None
    world: World


class Assumption(msgspec.Struct, frozen=True):
    """It ends, if these actions, which do not say what they affect, do not bring the rule's own condition about."""

    rule: str
    actions: tuple[Action, ...]


class Termination(msgspec.Struct, frozen=True):
    """`verdict`: circle (one that was played through), open (one that may go on, and that nothing limits), assuming, bounded or ends; the
    first of these that something here is a reason for."""

    bounds: tuple[Bound, ...]
    circles: tuple[Circle, ...]
    assumptions: tuple[Assumption, ...]

    @property
    def verdict(self) -> str:
        if self.circles:
            return "circle" if any(circle.round is not None for circle in self.circles) else "open"
        if self.assumptions:
            return "assuming"
        return "bounded" if self.bounds else "ends"


def termination(rules: Rules) -> Termination:
    graph = triggering(rules)
    acting = _acting(rules)
    found = tuple(_circles(rules, graph, acting))
    return Termination(tuple(_bounds(rules, graph, acting)), found, tuple(_assumptions(graph, acting)))


def unlimited_circles(rules: Rules) -> tuple[Circle, ...]:
    """The circles alone. Where everything that acts is limited there are none, and no graph has to be drawn."""
    if not _may_go_on(rules.program):
        return ()
    return tuple(_circles(rules, triggering(rules), _acting(rules)))


def _may_go_on(program: Program) -> bool:
    """Whether there is anything that acts, and is not limited over time."""
    if program.automations or program.workflows or program.maintenances:
        return True
    rules: list[Recovery | Orchestration] = [*program.recoveries, *program.orchestrations]
    return any(not limiting(rule) and in_force(rule.head) for rule in rules)


def _acting(rules: Rules) -> dict[str, Acting]:
    return {rule.key: rule for rule in (*rules.recoveries, *rules.orchestrations)}


def _circles(rules: Rules, graph: Graph, acting: Mapping[str, Acting]) -> Iterator[Circle]:
    unlimited = {
        node: {end for end in ends if end not in graph.bounded}
        for node, ends in graph.edges.items()
        if node not in graph.bounded
    }
    return _circles_of(rules, graph, acting, unlimited)


# --- bounded by ---------------------------------------------------------------------------------------------------------


def _bounds(rules: Rules, graph: Graph, acting: Mapping[str, Acting]) -> Iterator[Bound]:
    for part in components(graph.edges):
        names = [node for node in part if is_rule(node)]
        if len(names) <= _MOST_REFINED:
            for inner in components(_refined(rules, graph, acting, names)):
                if not _settles(rules, graph, inner):
                    yield from _bound(graph, inner)
        else:
            yield from _bound(graph, names)


def _bound(graph: Graph, names: list[str]) -> Iterator[Bound]:
    limits = tuple((name, graph.bounded[name]) for name in sorted(names) if name in graph.bounded)
    if limits:
        ordered = sorted(names, key=lambda name: (name not in graph.bounded, name))
        yield Bound(tuple(sorted(names)), way_around(graph, ordered), limits)


# --- circles without a limit ------------------------------------------------------------------------------------------------


def _circles_of(
    rules: Rules, graph: Graph, acting: Mapping[str, Acting], unlimited: Mapping[str, set[str]]
) -> Iterator[Circle]:
    for part in components(unlimited):
        names = [node for node in part if is_rule(node)]
        if not names:
            continue
        inner = _refined(rules, graph, acting, names) if len(names) <= _MOST_REFINED else None
        for found in components(inner) if inner is not None else [names]:
            if not _settles(rules, graph, found):
                yield _circle(rules, graph, acting, sorted(found))


def _settles(rules: Rules, graph: Graph, names: list[str]) -> bool:
    """Whether it ends by itself: everything that these rules set they set to one value only, or what would be run is skipped."""
    plans = {f"automation {one.head.name}": one for one in rules.program.automations}
    if all(name in plans and plans[name].overlap == "skip" for name in names):
        return True
    values: dict[tuple[str, str], object] = {}
    for effect in (effect for name in names for effect in graph.effects.get(name, ())):
        if not effect.certain:
            return False
        if values.setdefault((effect.type, effect.name), effect.value) != effect.value:
            return False
    return bool(values)


def _circle(rules: Rules, graph: Graph, acting: Mapping[str, Acting], names: list[str]) -> Circle:
    way = way_around(graph, names)
    found = round_of(rules, acting, names)
    for name in names:
        for occasion in acting[name].occasions if name in acting else ():
            world = rules.world(occasion.variables)
            facts = example(occasion.goals, world)
            if facts is not None:
                return Circle(tuple(names), way, found, facts, world)
    return Circle(tuple(names), way, found, None, rules.world())


def way_around(graph: Graph, names: list[str]) -> tuple[str, ...]:
    """The shortest way from the first of these rules back to it, over no rules but these."""
    start, inside = names[0], set(names)
    before: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for after in sorted(graph.edges.get(node, ())):
            if after == start:
                return _back(before, node, start)
            if after not in before and (after in inside or not is_rule(after)):
                before[after] = node
                waiting.append(after)
    return (start,)


def _back(before: Mapping[str, str], node: str, start: str) -> tuple[str, ...]:
    way = [start, node] if node != start else [start]
    while way[-1] != start:
        way.append(before[way[-1]])
    return (*way[::-1], start) if node == start else tuple(way[::-1])


# --- which rule really leads to which ----------------------------------------------------------------------------------------


def _refined(
    rules: Rules, graph: Graph, acting: Mapping[str, Acting], names: list[str]
) -> dict[str, list[str]]:
    """Rule to rule, less what cannot be: what an action sets keeps the other's condition from being true."""
    inside = frozenset(names)
    met: dict[str, frozenset[str]] = {}  # from a node to the rules that it leads to, worked out once
    found: dict[str, list[str]] = {}
    for name in names:
        following = set(graph.edges.get(name, ())) & inside
        starts = [f"exhausted {name.partition(' ')[2]}"] if name.startswith("recovery ") else []
        for start in starts:
            following |= _met(graph, start, inside, met)
        for effect in graph.effects.get(name, ()):
            if effect.verb == "run":
                following |= {f"{effect.type} {effect.key}"} & inside
            for other in _met(graph, node_of(effect.type, effect.name), inside, met) - following:
                if _may_follow(rules, effect, acting.get(name), acting.get(other)):
                    following.add(other)
        found[name] = sorted(following)
    return found


def _met(
    graph: Graph, start: str, inside: frozenset[str], known: dict[str, frozenset[str]]
) -> frozenset[str]:
    """The rules of the circle that a node leads to without passing through another rule."""
    if start not in known:
        waiting, seen, rules = [start], {start}, set()
        while waiting:
            for after in graph.edges.get(waiting.pop(), ()):
                if is_rule(after):
                    rules.add(after)
                elif after not in seen:
                    seen.add(after)
                    waiting.append(after)
        known[start] = inside & rules
    return known[start]


def _may_follow(rules: Rules, effect: Effect, one: Acting | None, other: Acting | None) -> bool:
    """Whether the other's condition can be true when the effect is there, and all else is as it was when the one acted."""
    if other is None or not effect.certain or not other.occasions:
        return True
    if not all(_is_plain(effect, occasion) for occasion in other.occasions):
        return True
    befores = (
        [_before(effect, occasion) for occasion in one.occasions[:_MOST_OCCASIONS]] if one is not None else []
    )
    for occasion in other.occasions:
        goals = (*occasion.goals, *after(rules, effect, occasion))
        for before in befores or [()]:
            both = (*goals, *before)
            if not never(both, rules.world(variables_of(both))):
                return True
    return False


def _before(effect: Effect, occasion: Occasion) -> tuple[Goal, ...]:
    """What was true when the rule acted, over the facts that its effect leaves as they are."""
    shared = {effect.type} if effect.own == effect.type else set()
    apart = {
        name: f"{name}#before" for name in occasion.variables if name not in SINGLE and name not in shared
    }
    changed = effect.type if shared else f"{effect.type}#before"
    return tuple(
        (set_apart(renamed(goal, apart), changed, effect.name, f"{effect.type}#was"), wanted)
        for goal, wanted in occasion.goals
    )


def _is_plain(effect: Effect, occasion: Occasion) -> bool:
    """Whether it reads that field of its own subject, and of nothing else: not of members, of a joined fact, of something derived."""
    nodes = [node for goal, _ in occasion.goals for node in nodes_of(goal)]
    if any(isinstance(node, (Aggregate, Occurrences)) for node in nodes):
        return False
    if any(type_of(name) == effect.type and name != effect.type for name in occasion.variables):
        return False
    wanted = (effect.type, effect.name)
    return any(wanted in read(goal) for goal, _ in occasion.goals)


def after(rules: Rules, effect: Effect, occasion: Occasion) -> tuple[Goal, ...]:
    """What the effect makes of the fact that the occasion is about, if it is the same one."""
    if occasion.subject != effect.type:
        return ()
    goals: list[Goal] = [
        (Compare("==", Field(effect.type, (effect.name,)), Constant(effect.value)), Wanted.TRUE)
    ]
    key = rules.keys.get(effect.type)
    if effect.key is not None and key is not None:
        goals.append((Compare("==", Field(effect.type, (key,)), Constant(effect.key)), Wanted.TRUE))
    return tuple(goals)


# --- what is assumed -----------------------------------------------------------------------------------------------------------


def _assumptions(graph: Graph, acting: Mapping[str, Acting]) -> Iterator[Assumption]:
    """Rules that nothing limits, that something other than time sets off, and of whose actions nobody says what they change."""
    for node, actions in graph.undeclared.items():
        rule = acting.get(node)
        if rule is not None and node not in graph.bounded and not rule.timed:
            yield Assumption(node, actions)
