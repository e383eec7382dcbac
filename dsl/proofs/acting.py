"""Rules that act, all seen alike: on which occasions, what their actions change, and what limits them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice

import msgspec
from msgspec.structs import replace

from dsl.expressions import Aggregate, Compare, Constant, During, Expression, Field, Occurrences, nodes_of
from dsl.parts import Binding, Limit, Moment, RuleHead
from dsl.program import Cooldown, Detection, Program, Recovery
from dsl.proofs.decide import Goal, Wanted
from dsl.proofs.domain import Domain
from dsl.proofs.effects import Actions, Done
from dsl.proofs.renaming import renamed
from dsl.proofs.world import World
from dsl.resolve.possible import Detections
from dsl.vocabulary.facts import SINGLE
from dsl.work import Orchestration

_MOST_OCCASIONS = 200  # of a rule for faults of any detection


class Occasion(msgspec.Struct, frozen=True):
    """What has to be true together for a rule to act. `subject` is the type that it is about, "" for the host.

    Variables are named after their types; a fault is the variable `fault NAME`. `guards` are those of the goals that are only looked at
    in the moment itself. `hold`: so long it has to be true. `lingers`: it does not end as soon as it is false.
    """

    goals: tuple[Goal, ...]
    subject: str
    fault: str = ""
    guards: tuple[Goal, ...] = ()
    hold: float = 0.0
    lingers: bool = False

    @property
    def variables(self) -> set[str]:
        return variables_of(self.goals)

    @property
    def state(self) -> tuple[Goal, ...]:
        return self.goals[: len(self.goals) - len(self.guards)]

    def guarded(self, guards: Iterable[Goal]) -> Occasion:
        added = tuple(guards)
        return replace(self, goals=(*self.goals, *added), guards=(*self.guards, *added))


class Acting(msgspec.Struct, frozen=True):
    """`timed`: only a schedule sets it off, so nothing that rules do can. `reads` are the fields that may set it off, as type and name.

    `first` is what it does when it acts, `done` also what it does afterwards, or when it gave up.
    `variables` is a name that the rule binds to its type. `named`: of a recovery, it names the faults that it is for. `follows`: it takes
    over what others gave up. `held`: something else than conditions and limits may keep it from acting, or take back what it did.
    """

    kind: str
    head: RuleHead
    first: Done
    done: Done
    occasions: tuple[Occasion, ...] = ()
    limits: tuple[Limit, ...] = ()
    cooldown: Cooldown | None = None
    timed: bool = False
    reads: frozenset[tuple[str, str]] = frozenset()
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    named: bool = False
    follows: tuple[str, ...] = ()
    held: bool = False

    @property
    def name(self) -> str:
        return self.head.name

    @property
    def key(self) -> str:
        return f"{self.kind} {self.head.name}"


class Rules:
    """The rules of a program that are in force and act. Each is read when it is asked for: most proofs ask for few of them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.actions = Actions(program)
        self._domains: dict[tuple[str, str | int], Domain] = {}
        self.keys: Mapping[str, str] = {
            kind.name: kind.keys[0].name for kind in program.fact_types.values() if len(kind.keys) == 1
        }
        self._conditions: dict[str, Occasion] = {}
        self._acting: dict[tuple[bool, str], Acting] = {}

    @cached_property
    def detections(self) -> Mapping[str, Detection]:
        return {one.head.name: one for one in self.program.detections if in_force(one.head)}

    @cached_property
    def _raisable(self) -> Detections:
        return Detections(tuple(self.detections.values()))

    @cached_property
    def _written(self) -> Mapping[str, Recovery]:
        return {one.head.name: one for one in self.program.recoveries}

    @cached_property
    def recoveries(self) -> list[Acting]:
        return [self.acting(one) for one in self.program.recoveries if in_force(one.head)]

    @cached_property
    def orchestrations(self) -> list[Acting]:
        return [self.acting(one) for one in self.program.orchestrations if in_force(one.head)]

    def acting(self, rule: Recovery | Orchestration) -> Acting:
        """One rule of the program."""
        key = (isinstance(rule, Recovery), rule.head.name)
        if key not in self._acting:
            read = self._recovery(rule) if isinstance(rule, Recovery) else self._orchestration(rule)
            self._acting[key] = read
        return self._acting[key]

    def world(self, names: Iterable[str] = ()) -> World:
        """Types of variables that are named after them, with what tells variables of two rules apart behind a `#`."""
        types = {name: self.program.fact_types[name] for name in SINGLE if name in self.program.fact_types}
        for name in names:
            kind = self.program.fact_types.get(type_of(name))
            if kind is not None:
                types[name] = kind
        return World(types, self._domains)

    # --- occasions ---------------------------------------------------------------------------------------------------

    def of_detection(self, detection: Detection) -> Occasion:
        """When its fault is raised."""
        names = _names(detection.binding)
        goals = [*_bound(detection.binding, names), (renamed(detection.when.expression, names), Wanted.TRUE)]
        if detection.on is not None:
            goals.append(_some_moment(detection.head))
        if detection.only_if is not None:
            goals.append((renamed(detection.only_if, names), Wanted.TRUE))
        if detection.unless is not None:
            goals.append((renamed(detection.unless.expression, names), Wanted.NOT_TRUE))
        return Occasion(
            tuple(goals), detection.binding.type if detection.binding else "", detection.head.name
        )

    def of_fault(self, detection: Detection, where: Expression | None) -> Occasion:
        """When a rule for its faults is offered one."""
        name = detection.head.name
        if name not in self._conditions:
            self._conditions[name] = self.of_detection(detection)
        occasion = self._conditions[name]
        if where is None:
            return occasion
        variable = f"fault {detection.head.name}"
        said = {"name": detection.head.name, "category": detection.category}
        if not detection.tiers:
            said["severity"] = detection.severity
        goals: list[Goal] = [
            (Compare("==", Field(variable, (name,)), Constant(value)), Wanted.TRUE)
            for name, value in said.items()
        ]
        key = self.keys.get(occasion.subject)
        if key is not None:
            goals.append(
                (Compare("==", Field(variable, ("subject",)), Field(occasion.subject, (key,))), Wanted.TRUE)
            )
        goals.append((renamed(where, {"fault": variable}), Wanted.TRUE))
        return replace(occasion, goals=(*occasion.goals, *goals))

    def _of_faults(self, names: tuple[str, ...], where: Expression | None) -> tuple[Occasion, ...]:
        meant = (
            [self.detections[name] for name in names if name in self.detections]
            if names
            else list(islice(self._raisable.of(self._raisable.meant(where)), _MOST_OCCASIONS))
        )
        return tuple(self.of_fault(one, where) for one in meant)

    def _given_up(self, names: Iterable[str], passed: frozenset[str]) -> tuple[Occasion, ...]:
        """The faults that these recoveries may give up, also those that they took over themselves."""
        found: dict[Occasion, None] = {}
        for rule in (self._written[name] for name in names if name in self._written and name not in passed):
            found.update(dict.fromkeys(self._offered(rule, passed | {rule.head.name})))
        return tuple(found)

    def _offered(self, rule: Recovery, passed: frozenset[str] = frozenset()) -> tuple[Occasion, ...]:
        if rule.exhausted:
            return self._given_up(rule.exhausted, passed)
        return self._of_faults(rule.detections, rule.where)

    def _recovery(self, rule: Recovery) -> Acting:
        occasions = self._offered(rule)
        guards: list[Goal] = []
        if rule.only_if is not None:
            guards.append((rule.only_if, Wanted.TRUE))
        if rule.unless is not None:
            guards.append((rule.unless.expression, Wanted.NOT_TRUE))
        actions = tuple(action for step in rule.tries for action in step.actions)
        return Acting(
            "recovery",
            rule.head,
            self.actions.done(actions),
            self.actions.done((*actions, *rule.otherwise)),
            tuple(one.guarded(guards) for one in occasions),
            rule.limits,
            rule.cooldown,
            held=bool(rule.keeps),
            named=bool(rule.detections),
            follows=rule.exhausted,
        )

    def _orchestration(self, rule: Orchestration) -> Acting:
        names = _names(rule.binding)
        guards: list[Goal] = []
        if rule.only_if is not None:
            guards.append((renamed(rule.only_if, names), Wanted.TRUE))
        if rule.unless is not None:
            guards.append((renamed(rule.unless.expression, names), Wanted.NOT_TRUE))
        begin = self._beginnings(rule, names)
        occasions = tuple(one.guarded(guards) for one in begin)
        moment = rule.on
        return Acting(
            "orchestration",
            rule.head,
            self.actions.done(rule.then),
            self.actions.done((*rule.then, *rule.afterwards)),
            occasions,
            rule.limits,
            timed=moment is not None and moment.kind in ("schedule", "event"),
            reads=frozenset(_triggers(rule, names)),
            variables=names,
            held=bool(rule.keeps) or rule.measure is not None,
        )

    def _beginnings(self, rule: Orchestration, names: Mapping[str, str]) -> tuple[Occasion, ...]:
        subject = rule.binding.type if rule.binding else ""
        goals = _bound(rule.binding, names)
        if rule.when is not None:
            state = (*goals, (renamed(rule.when.expression, names), Wanted.TRUE))
            return (Occasion(state, subject, hold=rule.when.hold),)
        moment = rule.on
        if moment is None or moment.kind in ("schedule", "event"):
            return (Occasion((*goals, _some_moment(rule.head)), subject),)
        if moment.kind == "fault":
            return self._of_faults(moment.names, moment.where)
        if moment.kind == "exhausted":
            return self._given_up(moment.names, frozenset())
        if moment.kind == "change":
            return (Occasion((*goals, *_changed(moment, names)), subject or moment.path[0]),)
        return ()


def in_force(head: RuleHead) -> bool:
    """What is off or in shadow does nothing."""
    return not head.off and not head.shadow


def _some_moment(head: RuleHead) -> Goal:
    """It acts in an instant that no facts tell: it may be this one, and nobody can show that it is."""
    return During(f"the moment of {head.name}"), Wanted.TRUE


def variables_of(goals: Iterable[Goal]) -> set[str]:
    return {node.subject for goal, _ in goals for node in nodes_of(goal) if isinstance(node, Field)}


def type_of(variable: str) -> str:
    """`agent#1` is an agent, `fault agent_down#2` a fault."""
    if "#" not in variable and " " not in variable:
        return variable
    return variable.partition("#")[0].partition(" ")[0]


def _names(binding: Binding | None) -> dict[str, str]:
    """What a rule calls its subjects, to their types; of two of one type the second keeps its own name."""
    found: dict[str, str] = {}
    if binding is not None:
        for kind, name in ((binding.type, binding.name), *binding.joined):
            found[name] = kind if kind not in found.values() else f"{kind}#{name}"
    return found


def _bound(binding: Binding | None, names: Mapping[str, str]) -> list[Goal]:
    if binding is None:
        return []
    goals: list[Goal] = [] if binding.where is None else [(renamed(binding.where, names), Wanted.TRUE)]
    first = names[binding.name]
    for other in (names[name] for _, name in binding.joined):
        for same in binding.matching:
            equal = Compare("==", Field(first, (same,)), Field(other, (same,)))
            goals.append((equal, Wanted.TRUE))
    return goals


def _changed(moment: Moment, names: Mapping[str, str]) -> Iterator[Goal]:
    path = Field(names.get(moment.path[0], moment.path[0]), moment.path[1:])
    if moment.after is not None:
        yield Compare("==", path, Constant(moment.after)), Wanted.TRUE
    if moment.where is not None:
        yield renamed(moment.where, names), Wanted.TRUE


def _triggers(rule: Orchestration, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The fields of which a change may set it off."""
    if rule.on is not None and rule.on.kind == "change":
        yield type_of(names.get(rule.on.path[0], rule.on.path[0])), str(rule.on.path[1])
    if rule.when is not None:
        conditions = [rule.when.expression, rule.binding.where if rule.binding else None]
        for condition in conditions:
            if condition is not None:
                yield from read(renamed(condition, names))


def read(condition: Expression) -> Iterator[tuple[str, str]]:
    """The fields that it reads, as type and name."""
    nodes = nodes_of(condition)
    inner = _inner_names(nodes)
    for node in nodes:
        if isinstance(node, Field) and node.path:
            yield type_of(inner.get(node.subject, node.subject)), str(node.path[0])


def _inner_names(nodes: Iterable[Expression]) -> dict[str, str]:
    """The variables of members and events among them, with their types."""
    found = {}
    for node in nodes:
        if isinstance(node, Aggregate):
            found[node.members.name] = node.members.type
        elif isinstance(node, Occurrences):
            found[node.name] = node.type if node.kind == "event" else "fault"
    return found
