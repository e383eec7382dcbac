"""A whole program over slots: every expression of every rule, in the scope in which it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args

import msgspec
from msgspec.structs import replace

from dsl.expressions import Expression, Or
from dsl.parts import Binding, Condition, Happening, Moment, Selector
from dsl.program import Derive, Detection, Keep, Place, Program, Recovery, RuleHead, TestCase, Tier
from dsl.resolve.intervals import intervals
from dsl.work import Orchestration
from engine.derived.lowering import EVERYTHING, Lowering, Scope
from engine.derived.plan import JOINED, Grouped, Joined

T = TypeVar("T")
_EXPRESSIONS = get_args(Expression)
_PLAIN = (str, float, int, bool, type(None), Place, RuleHead)


def lower(program: Program, lowering: Lowering) -> Program:
    """The same program, its conditions over slots; `lowering.plan` is then what fills them."""
    lowering.begin({calendar.name: calendar for calendar in program.calendars})
    scopes = {rule.head.name: scope_of(rule.binding, lowering) for rule in program.detections}
    derives = tuple(_derive(rule, lowering) for rule in program.derives)
    lowered = replace(
        program,
        detections=tuple(_detection(rule, scopes[rule.head.name], lowering) for rule in program.detections),
        recoveries=tuple(_recovery(rule, scopes, lowering) for rule in program.recoveries),
        orchestrations=tuple(_orchestration(rule, lowering) for rule in program.orchestrations),
        workflows=_within(program.workflows, EVERYTHING, lowering),
        automations=_within(program.automations, EVERYTHING, lowering),
        adaptations=tuple(
            _within(rule, _with_moment(rule.on, EVERYTHING), lowering) for rule in program.adaptations
        ),
        maintenances=_within(program.maintenances, EVERYTHING, lowering),
        agents=_within(program.agents, EVERYTHING, lowering),
        alerts=_within(program.alerts, EVERYTHING, lowering),
        derives=derives,
    )
    lowering.plan.derives = derives
    lowering.plan.intervals = dict(
        intervals(program.probes, program.agents, program.fact_types.values()).by_type
    )
    return lowered


# --- scopes -------------------------------------------------------------------------------------------------------------


def scope_of(binding: Binding | None, lowering: Lowering) -> Scope:
    """What a rule binds; groups and joins are planned."""
    if binding is None:
        return EVERYTHING
    lowering.plan.ranged.update(_types(binding))
    if binding.by:
        group = Grouped(binding.type, binding.by)
        lowering.plan.grouped[group.name] = group
        return Scope({binding.name: group.name}, group)
    if binding.joined:
        parts = ((binding.type, binding.name), *binding.joined)
        joined = Joined(parts, binding.matching)
        lowering.plan.joined[joined.name] = joined
        names = {name: kind for kind, name in parts}
        return Scope(names, None, tuple(names), joined.name)
    return Scope({binding.name: binding.type})


def _types(binding: Binding) -> Iterable[str]:
    return (binding.type, *(kind for kind, _ in binding.joined))


def _with_moment(moment: Moment | None, scope: Scope) -> Scope:
    """With the events that are bound where a rule waits for them."""
    for happening in (moment.first, moment.then) if moment is not None else ():
        if happening is not None:
            scope = scope.binding(happening.name, f"event {happening.type}")
    return scope


def _bound(binding: Binding, scope: Scope, lowering: Lowering) -> Binding:
    """The binding over the facts that stand for its subjects."""
    where = None if binding.where is None else lowering.condition(binding.where, scope)
    if scope.group is not None:
        return replace(binding, type=scope.group.name, where=where)
    if scope.whole:
        return replace(binding, type=scope.whole, name=JOINED, where=where)
    return replace(binding, where=where)


# --- kinds of rules -----------------------------------------------------------------------------------------------------


_BESIDE = ("on", "message", "notices", "inhibited_by")  # what a detection has beside its conditions


def _detection(rule: Detection, scope: Scope, lowering: Lowering) -> Detection:
    tiers = tuple(_tier(tier, rule, scope, lowering) for tier in rule.tiers)
    scope = _with_moment(rule.on, scope)
    when = rule.when
    if tiers:
        when = replace(when, expression=_any([tier.when.expression for tier in tiers]), hold=0.0)
    else:
        when = replace(when, expression=lowering.condition(when.expression, scope))
    return replace(
        rule,
        binding=None if rule.binding is None else _bound(rule.binding, scope, lowering),
        when=when,
        tiers=tiers,
        until=_watched(rule.until, scope, lowering),
        unless=_watched(rule.unless, scope, lowering),
        only_if=None if rule.only_if is None else lowering.condition(rule.only_if, scope),
        **{name: _within(part, scope, lowering) for name in _BESIDE if (part := getattr(rule, name))},
    )


def _tier(tier: Tier, rule: Detection, scope: Scope, lowering: Lowering) -> Tier:
    variable = rule.binding.name if rule.binding else "host"
    held = lowering.held(tier.when.expression, scope, variable, tier.when.hold)
    return replace(tier, when=replace(tier.when, expression=held, hold=0.0))


def _any(conditions: list[Expression]) -> Expression:
    return conditions[0] if len(conditions) == 1 else Or(tuple(conditions))


def _watched(condition: Condition | None, scope: Scope, lowering: Lowering) -> Condition | None:
    if condition is None:
        return None
    return replace(condition, expression=lowering.condition(condition.expression, scope))


def _recovery(rule: Recovery, scopes: Mapping[str, Scope], lowering: Lowering) -> Recovery:
    return _within(rule, _common(rule.detections, scopes), lowering)


def _common(names: Iterable[str], scopes: Mapping[str, Scope]) -> Scope:
    """What all of these detections bind."""
    found = [scopes[name] for name in names if name in scopes]
    return found[0] if found and all(scope == found[0] for scope in found) else EVERYTHING


def _orchestration(rule: Orchestration, lowering: Lowering) -> Orchestration:
    scope = scope_of(rule.binding, lowering)
    watched = replace(
        rule,
        binding=None if rule.binding is None else _bound(rule.binding, scope, lowering),
        when=_watched(rule.when, scope, lowering),
        unless=_watched(rule.unless, scope, lowering),
    )
    return _within(watched, _with_moment(rule.on, scope), lowering, but=("binding", "when", "unless"))


def _derive(rule: Derive, lowering: Lowering) -> Derive:
    scope = scope_of(rule.binding, lowering)
    values = tuple((name, lowering.condition(value, scope)) for name, value in rule.fields)
    return replace(rule, binding=_bound(rule.binding, scope, lowering), fields=values)


# --- whatever else holds expressions ------------------------------------------------------------------------------------


def _within(value: T, scope: Scope, lowering: Lowering, but: tuple[str, ...] = ()) -> T:
    """The same value, with every expression in it over slots. What did not change is the same object."""
    found: Any = value
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, _EXPRESSIONS):
        found = lowering.lowered(value, scope)
    elif isinstance(value, tuple):
        parts = [_within(part, scope, lowering) for part in value]
        if any(new is not old for new, old in zip(parts, value, strict=True)):
            found = tuple(parts)
    elif isinstance(value, msgspec.Struct) and not isinstance(value, TestCase):
        found = _parts_within(value, _inner(value, scope, lowering), lowering, but)
    return found  # type: ignore[no-any-return]


def _parts_within(value: Any, scope: Scope, lowering: Lowering, but: tuple[str, ...]) -> Any:
    changed = {}
    for name in value.__struct_fields__:
        if name not in but:
            old = getattr(value, name)
            new = _within(old, scope, lowering)
            if new is not old:
                changed[name] = new
    return replace(value, **changed) if changed else value


def _inner(value: Any, scope: Scope, lowering: Lowering) -> Scope:
    """What binds a variable of its own for what stands in it."""
    if isinstance(value, Happening):
        return scope.binding(value.name, f"event {value.type}")
    if isinstance(value, Binding):
        lowering.plan.ranged.update(_types(value))
        return scope.binding(value.name, value.type)
    if isinstance(value, Moment) and value.kind == "change":
        lowering.plan.ranged.add(value.path[0])
    kind = value.kind if isinstance(value, Selector) else value.type if isinstance(value, Keep) else None
    if kind is None:
        return scope
    lowering.plan.ranged.add(kind)
    return scope.binding(kind, kind)
