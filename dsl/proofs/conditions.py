"""Every condition of a program, with where it stands, what its variables are, and what is true where it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from dsl.expressions import Constant, Expression
from dsl.parts import Action, Binding, Condition, Moment
from dsl.program import Agent, Detection, FactField, FactType, Program, Recovery
from dsl.proofs.decide import Goal, Wanted
from dsl.proofs.domain import Domain
from dsl.proofs.world import World
from dsl.resolve.run_scope import STEP
from dsl.types import text_of
from dsl.vocabulary.facts import SINGLE
from dsl.work import Adaptation, Automation, Maintenance, Orchestration, Workflow

STEP_TYPE = FactType(
    "step",
    "",
    (),
    tuple(FactField(name, text_of(kind), kind.choices) for name, kind in STEP.fields.items()),
)


class Stated(msgspec.Struct, frozen=True):
    """`words` lead from the declaration to the clause, as `dsl.checks.lint.clause_span` takes them. `given` is true there anyway."""

    kind: str
    name: str
    words: tuple[str, ...]
    condition: Expression
    world: World
    given: tuple[Goal, ...] = ()

    @property
    def clause(self) -> str:
        return {"for": "where", "on": "where", "try": "verify", "only": "only if"}.get(
            self.words[0], self.words[0]
        )


def conditions(program: Program) -> Iterator[Stated]:
    reader = _Reader(program)
    for agent in program.agents:
        yield from reader.of_agent(agent)
    for detection in program.detections:
        yield from reader.of_detection(detection)
    for recovery in program.recoveries:
        yield from reader.of_recovery(recovery)
    for workflow in program.workflows:
        yield from reader.of_workflow(workflow)
    for automation in program.automations:
        yield from reader.of_automation(automation)
    for orchestration in program.orchestrations:
        yield from reader.of_orchestration(orchestration)
    for adaptation in program.adaptations:
        yield from reader.of_adaptation(adaptation)
    for window in program.maintenances:
        yield from reader.of_maintenance(window)


def given_by(binding: Binding | None) -> tuple[Goal, ...]:
    return () if binding is None or binding.where is None else ((binding.where, Wanted.TRUE),)


class _Reader:
    def __init__(self, program: Program) -> None:
        self.types = program.fact_types
        self._single = {name: self.types[name] for name in SINGLE if name in self.types}
        self.subjects = {one.head.name: one.binding for one in program.detections}
        self._domains: dict[tuple[str, str | int], Domain] = {}

    def world(self, *bindings: Binding | None) -> World:
        found = dict(self._single)
        for binding in bindings:
            for kind, name in ((binding.type, binding.name), *binding.joined) if binding is not None else ():
                if kind in self.types:
                    found[name] = self.types[kind]
        return World(found, self._domains)

    def _with(self, world: World, *kinds: str) -> World:
        return World(
            {**world.types, **{kind: self.types[kind] for kind in kinds if kind in self.types}}, self._domains
        )

    # --- declarations ----------------------------------------------------------------------------------------------

    def of_agent(self, agent: Agent) -> Iterator[Stated]:
        for word, check in (("health", agent.health), ("ready", agent.ready)):
            if check is not None and check.expect is not None:
                yield Stated("agent", agent.name, (word, "expect"), check.expect, World())

    def of_detection(self, rule: Detection) -> Iterator[Stated]:
        world, given = self.world(rule.binding), given_by(rule.binding)
        yield from _where("detection", rule.head.name, rule.binding, world)
        parts: list[tuple[tuple[str, ...], Expression | Condition | None]] = [
            (("until",), rule.until), (("unless",), rule.unless), (("only",), rule.only_if),
        ]  # fmt: skip
        if rule.tiers:
            parts += [(("severity",), tier.when) for tier in rule.tiers]
        elif rule.on is None:
            parts.append((("when",), rule.when))
        yield from _stated("detection", rule.head.name, parts, world, given)
        yield from self._moment("detection", rule.head.name, rule.on, world, given)

    def of_recovery(self, rule: Recovery) -> Iterator[Stated]:
        bound = [self.subjects[name] for name in rule.detections if name in self.subjects]
        types = {binding.type if binding is not None else "" for binding in bound}
        world = World(dict(self._single)) if len(types) != 1 else self._with(self.world(), *types)
        world = self._with(world, "fault", "recovery")
        parts: list[tuple[tuple[str, ...], Expression | Condition | None]] = [
            (("on",), rule.where), (("only",), rule.only_if), (("unless",), rule.unless),
            *((("try", step.name, "verify"), step.verify.condition) for step in rule.tries),
        ]  # fmt: skip
        yield from _stated("recovery", rule.head.name, parts, world)
        for step in rule.tries:
            yield from self._targets("recovery", rule.head.name, ("try", step.name), step.actions, world)

    def of_workflow(self, rule: Workflow) -> Iterator[Stated]:
        for step in rule.steps:
            world = self.world(step.binding)
            words = ("step", step.name)
            if step.binding is not None and step.binding.where is not None:
                yield Stated("workflow", rule.head.name, (*words, "for"), step.binding.where, world)
            if step.passes is not None:
                yield Stated("workflow", rule.head.name, (*words, "pass"), step.passes.expression, world)

    def of_automation(self, rule: Automation) -> Iterator[Stated]:
        world = self.world()
        parts: list[tuple[tuple[str, ...], Expression | Condition | None]] = [
            (("only",), rule.only_if), (("unless",), rule.unless),
        ]  # fmt: skip
        yield from _stated("automation", rule.head.name, parts, world)
        yield from self._targets("automation", rule.head.name, ("do",), rule.actions, world)

    def of_orchestration(self, rule: Orchestration) -> Iterator[Stated]:
        world, given = self.world(rule.binding), given_by(rule.binding)
        name = rule.head.name
        yield from _where("orchestration", name, rule.binding, world)
        if rule.on is not None and rule.on.kind in ("fault", "exhausted"):
            world = self._with(World(dict(self._single)), "fault", "recovery")
        parts: list[tuple[tuple[str, ...], Expression | Condition | None]] = [
            (("when",), rule.when), (("only",), rule.only_if), (("unless",), rule.unless),
        ]  # fmt: skip
        yield from _stated("orchestration", name, parts, world, given)
        yield from self._moment("orchestration", name, rule.on, world, given)
        for word, actions in (("then", rule.then), ("afterwards", rule.afterwards)):
            yield from self._targets("orchestration", name, (word,), actions, world)

    def of_adaptation(self, rule: Adaptation) -> Iterator[Stated]:
        world = World({**self._single, "step": STEP_TYPE})
        parts: list[tuple[tuple[str, ...], Expression | Condition | None]] = [
            (("only",), rule.only_if), (("unless",), rule.unless),
        ]  # fmt: skip
        if rule.on is None:
            parts.append((("when",), rule.when))
        yield from _stated("adaptation", rule.head.name, parts, world)

    def of_maintenance(self, rule: Maintenance) -> Iterator[Stated]:
        world = self.world()
        parts: list[tuple[tuple[str, ...], Expression | Condition | None]] = [
            (("only",), rule.only_if), (("unless",), rule.unless),
        ]  # fmt: skip
        yield from _stated("maintenance", rule.head.name, parts, world)
        if rule.covers is not None and rule.covers.where is not None:
            covered = self._with(world, rule.covers.kind)
            yield Stated("maintenance", rule.head.name, ("covers",), rule.covers.where, covered)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _moment(
        self, kind: str, name: str, moment: Moment | None, world: World, given: tuple[Goal, ...]
    ) -> Iterator[Stated]:
        if moment is not None and moment.where is not None:
            yield Stated(kind, name, ("on",), moment.where, self._with(world, "fault", "recovery"), given)

    def _targets(
        self, kind: str, name: str, words: tuple[str, ...], actions: Iterable[Action], world: World
    ) -> Iterator[Stated]:
        for action in actions:
            target = action.target
            if target is not None and target.where is not None and target.where != Constant(True):
                yield Stated(kind, name, (*words, action.kind), target.where, self._with(world, target.kind))


def _where(kind: str, name: str, binding: Binding | None, world: World) -> Iterator[Stated]:
    if binding is not None and binding.where is not None:
        yield Stated(kind, name, ("for",), binding.where, world)


def _stated(
    kind: str,
    name: str,
    parts: Iterable[tuple[tuple[str, ...], Expression | Condition | None]],
    world: World,
    given: tuple[Goal, ...] = (),
) -> Iterator[Stated]:
    for words, part in parts:
        if part is not None:
            expression = part.expression if isinstance(part, Condition) else part
            yield Stated(kind, name, words, expression, world, given)
