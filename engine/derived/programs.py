"""A whole program over slots: every expression of every rule, in the scope in which it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec.structs import replace

from dsl.expressions import Expression, Or
from dsl.parts import Binding, Condition, Happening, Moment, Selector
from dsl.program import Derive, Detection, Keep, Program, Recovery, Tier
from dsl.resolve.intervals import fields_of, intervals
from dsl.routing import Alert
from dsl.work import Adaptation, Automation, Maintenance, Orchestration
from engine.analysis.watch import SINGLE, SINGLES
from engine.derived.lowering import EVERYTHING, LEAVES, Lowering, Scope
from engine.derived.plan import JOINED, Grouped, Joined
from engine.derived.raised import Abouts, is_raised_on_faults

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
B = TypeVar("B", Adaptation, Alert, Automation, Maintenance, Recovery)
_EXPRESSIONS = frozenset(get_args(Expression))
_STILL = LEAVES | {
    str
}  # what is over slots as it is; most parts of rules are that, so they are passed over first


def lower(program: Program, lowering: Lowering) -> Program:
    """The same program, its conditions over slots; `lowering.plan` is then what fills them."""
    lowering.begin({calendar.name: calendar for calendar in program.calendars})
    abouts = Abouts(program)
    scopes = _scopes(program.detections, lowering)
    derives = tuple(_derive(rule, lowering) for rule in program.derives)
    lowered = replace(
        program,
        detections=tuple(
            one
            for rule in program.detections
            for one in _detections(rule, abouts, scopes[rule.head.name], lowering)
        ),
        recoveries=tuple(_recovery(rule, scopes, lowering) for rule in program.recoveries),
        orchestrations=tuple(_orchestration(rule, lowering) for rule in program.orchestrations),
        workflows=_within(program.workflows, EVERYTHING, lowering),
        automations=tuple(_blocked(rule, EVERYTHING, lowering) for rule in program.automations),
        adaptations=tuple(
            _blocked(rule, _with_moment(rule.on, EVERYTHING), lowering) for rule in program.adaptations
        ),
        maintenances=tuple(_blocked(rule, EVERYTHING, lowering) for rule in program.maintenances),
        agents=_within(program.agents, EVERYTHING, lowering),
        alerts=tuple(_blocked(rule, EVERYTHING, lowering) for rule in program.alerts),
        derives=derives,
    )
    lowering.plan.derives = derives
    lowering.plan.intervals = dict(
        intervals(program.probes, program.agents, program.fact_types.values()).by_type
    )
    return lowered


# --- scopes -------------------------------------------------------------------------------------------------------------


def _scopes(rules: Iterable[Detection], lowering: Lowering) -> dict[str, Scope]:
    """What these bind, by their names; those that bind the same share it."""
    known: dict[object, Scope] = {}
    found = {}
    for rule in rules:
        binding = rule.binding
        bound = binding and (binding.type, binding.name, binding.by, binding.joined, binding.matching)
        scope = known.get(bound)
        if scope is None:
            scope = known[bound] = scope_of(binding, lowering)
        found[rule.head.name] = scope
    return found


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
        return Scope(names, None, {name: name for name in names}, joined.name)
    return Scope({binding.name: binding.type})


def _scope_on_faults(binding: Binding | None, lowering: Lowering) -> Scope:
    """The same by the names of types, as rules know it that are about faults; of two of one type that name says neither."""
    scope = scope_of(binding, lowering)
    if binding is None or not binding.joined:
        return scope
    kinds = list(_types(binding))
    alone = {name: kind for name, kind in scope.types.items() if kinds.count(kind) == 1}
    parts = {kind: name for name, kind in alone.items()}
    return Scope({kind: kind for kind in parts}, None, parts, scope.whole)


def _types(binding: Binding) -> Iterable[str]:
    return (binding.type, *(kind for kind, _ in binding.joined))


def _with_moment(moment: Moment | None, scope: Scope) -> Scope:
    """With the events that are bound where a rule waits for them."""
    for happening in (moment.first, moment.then) if moment is not None else ():
        if happening is not None:
            scope = scope.binding(happening.name, f"event {happening.type}")
    return scope


def _of_whole(moment: Moment | None, scope: Scope) -> Moment | None:
    """A change of a part of a join is one of the whole."""
    part = scope.parts.get(moment.path[0]) if moment is not None and moment.path else None
    return (
        moment if moment is None or part is None else replace(moment, path=(JOINED, part, *moment.path[1:]))
    )


def _bound(binding: Binding | None, scope: Scope, lowering: Lowering) -> Binding | None:
    """The binding over the facts that stand for its subjects."""
    if binding is None:
        return None
    where = None if binding.where is None else lowering.condition(binding.where, scope)
    if scope.group is not None:
        return replace(binding, type=scope.group.name, where=where)
    if scope.whole:
        return replace(binding, type=scope.whole, name=JOINED, where=where)
    return _with(binding, where=where)


# --- kinds of rules -----------------------------------------------------------------------------------------------------


_BESIDE = ("on", "message", "notices", "inhibited_by")  # what a detection has beside its conditions


def _detections(rule: Detection, abouts: Abouts, scope: Scope, lowering: Lowering) -> Iterator[Detection]:
    """The rule; if it is raised on faults of others, one for each type of what these are about."""
    if not is_raised_on_faults(rule):
        yield _detection(rule, scope, lowering)
        return
    for binding in abouts.of(rule):
        yield _detection(replace(rule, binding=binding), _scope_on_faults(binding, lowering), lowering)


def _detection(rule: Detection, scope: Scope, lowering: Lowering) -> Detection:
    tiers = tuple([_tier(tier, rule, scope, lowering) for tier in rule.tiers])
    scope = _with_moment(rule.on, scope)
    when: Condition | None = rule.when
    if tiers:
        when = replace(rule.when, expression=_any([tier.when.expression for tier in tiers]), hold=0.0)
    else:
        when = _watched(when, scope, lowering)
    watched = _with(
        rule,
        binding=_bound(rule.binding, scope, lowering),
        on=_of_whole(rule.on, scope),
        when=when,
        tiers=tiers,
        until=_watched(rule.until, scope, lowering),
        unless=_blocking(rule.unless, scope, lowering, _subject(rule.binding)),
        only_if=None if rule.only_if is None else lowering.condition(rule.only_if, scope),
    )
    return _parts_within(watched, _BESIDE, scope, lowering)  # type: ignore[no-any-return]


def _tier(tier: Tier, rule: Detection, scope: Scope, lowering: Lowering) -> Tier:
    held = lowering.held(tier.when.expression, scope, _subject(rule.binding), tier.when.hold)
    return replace(tier, when=replace(tier.when, expression=held, hold=0.0))


def _subject(binding: Binding | None) -> str:
    """The variable of what a rule is about."""
    return SINGLE if binding is None else binding.name


def _any(conditions: list[Expression]) -> Expression:
    return conditions[0] if len(conditions) == 1 else Or(tuple(conditions))


def _watched(condition: Condition | None, scope: Scope, lowering: Lowering) -> Condition | None:
    if condition is None:
        return None
    return _with(condition, expression=lowering.condition(condition.expression, scope))


def _blocking(unless: Condition | None, scope: Scope, lowering: Lowering, variable: str) -> Condition | None:
    """What blocks once it has been true for so long: a hold of its own, as that of a tier."""
    if unless is None or not unless.hold:
        return _watched(unless, scope, lowering)
    held = lowering.held(unless.expression, scope, variable, unless.hold)
    return replace(unless, expression=held, hold=0.0)


def _recovery(rule: Recovery, scopes: Mapping[str, Scope], lowering: Lowering) -> Recovery:
    return _blocked(rule, _common(rule.detections, scopes), lowering)


def _blocked(rule: B, scope: Scope, lowering: Lowering) -> B:
    """A rule without a subject of its own: its `unless` is about the fact that it reads, or about the host."""
    unless = rule.unless
    if unless is None or not unless.hold:
        return _within(rule, scope, lowering)
    read = {one.subject for one in fields_of(lowering.condition(unless.expression, scope))}
    variable = next((name for name in sorted(read - SINGLES) if not name.startswith("#")), SINGLE)
    held = _blocking(unless, scope, lowering, variable)
    return _within(replace(rule, unless=held), scope, lowering, but=("unless",))


def _common(names: Iterable[str], scopes: Mapping[str, Scope]) -> Scope:
    """What all of these detections bind."""
    found = [scopes[name] for name in names if name in scopes]
    return found[0] if found and all(scope == found[0] for scope in found) else EVERYTHING


def _orchestration(rule: Orchestration, lowering: Lowering) -> Orchestration:
    scope = scope_of(rule.binding, lowering)
    watched = _with(
        rule,
        binding=_bound(rule.binding, scope, lowering),
        on=_of_whole(rule.on, scope),
        when=_watched(rule.when, scope, lowering),
        unless=_blocking(rule.unless, scope, lowering, _subject(rule.binding)),
    )
    return _within(watched, _with_moment(rule.on, scope), lowering, but=("binding", "when", "unless"))


def _derive(rule: Derive, lowering: Lowering) -> Derive:
    scope = scope_of(rule.binding, lowering)
    values = tuple((name, lowering.condition(value, scope)) for name, value in rule.fields)
    return replace(rule, binding=_bound(rule.binding, scope, lowering), fields=values)


# --- whatever else holds expressions ------------------------------------------------------------------------------------


def _with(value: S, /, **parts: Any) -> S:
    """The same value with these parts; the same object where it has them already, as most rules are what they were."""
    different = {name: part for name, part in parts.items() if part is not getattr(value, name)}
    return replace(value, **different) if different else value


def _within(value: T, scope: Scope, lowering: Lowering, but: tuple[str, ...] = ()) -> T:
    """The same value, with every expression in it over slots. What did not change is the same object."""
    found: Any = value
    kind: type[Any] = type(value)
    if kind is tuple:
        parts = tuple([part if type(part) in _STILL else _within(part, scope, lowering) for part in found])
        found = value if parts == value else parts
    elif names := _looked_into(kind):  # type: ignore[arg-type]
        binds = _BINDS.get(kind)
        inner = scope if binds is None else binds(value, scope, lowering)
        found = _parts_within(value, names, inner, lowering, but)
    elif kind in _EXPRESSIONS:
        found = lowering.lowered(found, scope)
    return found  # type: ignore[no-any-return]


def _parts_within(
    value: Any, names: tuple[str, ...], scope: Scope, lowering: Lowering, but: tuple[str, ...] = ()
) -> Any:
    """The same value, with every expression in these fields over slots."""
    different = {}
    for name in names:
        part = getattr(value, name)
        if part and type(part) not in _STILL and name not in but:  # most are None or ()
            new = _within(part, scope, lowering)
            if new is not part:
                different[name] = new
    return replace(value, **different) if different else value


@cache
def _looked_into(kind: type) -> tuple[str, ...]:
    """The fields of such a value in which an expression may stand, or what binds something for one; worked out once a kind."""
    if kind in _EXPRESSIONS or not issubclass(kind, msgspec.Struct):
        return ()
    hints = get_type_hints(kind)
    return tuple(name for name in kind.__struct_fields__ if _is_looked_into(hints[name]))


def _is_looked_into(hint: Any) -> bool:
    if hint is object or hint in _EXPRESSIONS:
        return True
    inside = get_args(hint)
    return (
        any(map(_is_looked_into, inside)) if inside else isinstance(hint, type) and bool(_looked_into(hint))
    )


# --- what binds a variable of its own for what stands in it -------------------------------------------------------------


def _in_happening(value: Happening, scope: Scope, lowering: Lowering) -> Scope:
    return scope.binding(value.name, f"event {value.type}")


def _in_binding(value: Binding, scope: Scope, lowering: Lowering) -> Scope:
    lowering.plan.ranged.update(_types(value))
    return scope.binding(value.name, value.type)


def _in_moment(value: Moment, scope: Scope, lowering: Lowering) -> Scope:
    if value.kind == "change":
        lowering.plan.ranged.add(value.path[0])
    return scope


def _in_selector(value: Selector, scope: Scope, lowering: Lowering) -> Scope:
    lowering.plan.ranged.add(value.kind)
    return scope.binding(value.kind, value.kind)


def _in_keep(value: Keep, scope: Scope, lowering: Lowering) -> Scope:
    lowering.plan.ranged.add(value.type)
    return scope.binding(value.type, value.type)


_BINDS: Mapping[type, Callable[[Any, Scope, Lowering], Scope]] = {
    Happening: _in_happening,
    Binding: _in_binding,
    Moment: _in_moment,
    Selector: _in_selector,
    Keep: _in_keep,
}
