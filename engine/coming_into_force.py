"""A program comes into force in place of another one; and what a former life of volexd left is taken up under it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dsl.program import Detection, Program
from dsl.work import Orchestration
from engine.analysis.situations import Situation
from engine.analysis.watch import watch_of
from engine.carried import carried, inventory
from engine.chaining import Production
from engine.derived.meaning import Meanings
from engine.events import Restored
from engine.former_names import under_new_names
from engine.knowledge.remembered import Conditions, Windows
from engine.known_faults import KIND
from engine.productions import Productions
from engine.renaming import Names, between, of_program, write
from engine.restoring import of_rows

if TYPE_CHECKING:
    from engine.engine import Engine


def come_into_force(engine: Engine, program: Program) -> None:
    """All or nothing: the program was checked before. Faults follow kind and name, holds the meaning of their condition."""
    names = between(engine.program, program)
    if names.kinds:
        _rename(engine, names)
    engine.renamed = engine.renamed.then(names).without(program)
    before = inventory(engine)
    _declare(engine, program)
    lowered = engine.derivation.replace(program, engine.work.learned)
    active = [detection for detection in lowered.detections if not detection.head.off]
    _take_plans(engine, lowered)
    news = engine.agenda.replace(Productions(program).of)
    _watch(engine, active, lowered.orchestrations)
    engine.raising.replace(active)
    engine.alerts.replace(lowered.alerts)
    _follow_on(engine, news)
    engine.work.replace(lowered, engine.derivation.plan.texts)
    engine.read = {"agent", *engine.alerts.reads, *engine.work.reads, *engine.raising.reads}
    engine.recoveries.stir()
    engine.carried = carried(before, engine)


def _declare(engine: Engine, program: Program) -> None:
    """Types of facts, and who is an agent; of those that are none any more nothing is known."""
    engine.program = program
    engine.memory.declare(program.fact_types)
    agents = {agent.name: agent for agent in program.agents}
    for name in engine.agents.declare(agents):
        engine.forget("agent", name)


def _take_plans(engine: Engine, lowered: Program) -> None:
    """What acts on faults and on agents."""
    engine.known_faults.want(KIND in engine.derivation.plan.ranged, engine.faults.open.values())
    engine.acting.plans = {agent.name: agent for agent in lowered.agents}
    recoveries = [plan for plan in lowered.recoveries if not plan.head.off]
    engine.orders.take_plans(recoveries, lowered.agents, Meanings(engine.derivation.plan))
    engine.recoveries.take_plans(recoveries)
    engine.shadows.replace(lowered)


def _watch(engine: Engine, detections: Iterable[Detection], orchestrations: Iterable[Orchestration]) -> None:
    """The conditions of these; a situation of which the rule left the shadow, or entered it, is followed anew."""
    shown = {one: one.watch.rule.head.shadow for one in engine.situations.open()}
    states = [rule for rule in orchestrations if rule.when is not None and not rule.head.off]
    rules: list[Detection | Orchestration] = [*detections, *states]
    texts = engine.derivation.plan.texts
    watches = [watch_of(rule, number, texts) for number, rule in enumerate(rules)]
    engine.situations.replace(watches)
    engine.derivation.learn_anew()
    for situation in engine.situations.open():
        engine.derivation.learn(situation.fact, situation.watch.when.fields, learning=False)
        if situation.watch.rule.head.shadow is not shown.get(situation, situation.watch.rule.head.shadow):
            engine.agenda.add(engine.follow_situation, situation)


def _follow_on(engine: Engine, news: Iterable[tuple[int, Production]]) -> None:
    """What newly follows from the faults that are open."""
    engine.agenda.carry_out(news)
    for fault in engine.faults.open.values():
        fault.token = fault.token or engine.agenda.hold(("fault", fault.name, ""), fault)
    engine.recoveries.take_up()


def _rename(engine: Engine, names: Names) -> None:
    """What stands under the former names of rules stands under the new ones before anything else is changed."""
    engine.situations.rename(names)
    engine.derivation.rename(names)
    engine.faults.rename(names, engine.now)
    engine.known_faults.rename(engine.faults.open.values())
    engine.budgets.rename(names)
    engine.agenda.rename(names)
    engine.orders.rename(names)
    engine.recoveries.rename(names)
    engine.alerts.rename(names)
    engine.raising.rename("detection", names)
    engine.shadows.rename(names)
    engine.work.rename(names)


def take_up(engine: Engine, event: Restored) -> None:
    """Rows of a former life, and what it kept beside them, after the first program."""
    names = _former_names(engine, event)
    if names.kinds:
        event, changes = under_new_names(event, names)
        for change in changes:
            write(engine.ledger, *change, engine.now)
    engine.orders.restore(event.learned, event.recoveries)
    faults = engine.restoring.take(event, engine.recoveries.plans)
    for fault in faults:
        _resume(engine, fault.situation)
        engine.hold_fault(fault)
    for situation in engine.shadows.restore(event):
        _resume(engine, situation)
    conditions = event.conditions or Conditions()
    wishes = engine.remembering.take_up_wishes(conditions)
    engine.work.restore(event)
    engine.shadows.follow_again()
    seen = engine.remembering.take_up(conditions, event.windows or Windows(), names, engine.now)
    engine.taken_up = of_rows(event, {fault.id for fault in faults}).beside(wishes).beside(seen)


def _former_names(engine: Engine, event: Restored) -> Names:
    """What rules were called in former lives. Rows of what is over keep a name for good, though `was` may be taken away."""
    before = Names(event.conditions.renamed if event.conditions is not None else {})
    engine.renamed = before.then(of_program(engine.program)).without(engine.program)
    return engine.renamed


def _resume(engine: Engine, situation: Situation) -> None:
    """What a fault of a former life rests on has held long enough, up to the tier that it had reached."""
    watch, fact = situation.watch, situation.fact
    for severity, condition in watch.tiers:
        engine.derivation.resume(fact, condition.fields)
        if severity == situation.severity:
            break
    engine.derivation.learn(fact, watch.when.fields, learning=False)
