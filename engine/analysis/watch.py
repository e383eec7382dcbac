"""A rule about a state made ready to be evaluated: its conditions compiled, and the equalities by which it is found."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from copy import copy

import msgspec
from msgspec.structs import force_setattr

from dsl.expressions import Expression
from dsl.program import Condition, Detection, Tier
from dsl.work import Orchestration
from engine.analysis.compile import Predicate
from engine.analysis.crossing import Turning, turnings
from engine.analysis.form import Evidence, Form, evidence_of, form_of
from engine.renaming import Names

SINGLE = "host"  # the type that a rule without `for each` is about
SINGLES = frozenset({SINGLE, "swarm"})  # the types whose one fact is bound everywhere


class Watch(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What is watched for a rule. `name` says of which kind it is, where that is no detection, so that no two are called alike.

    `of_state`: it sets something in motion for as long as it holds, and raises no fault. `momentary`: it begins in a moment, and not
    with a state. `number`: its place in the order of the rules. `keys` and `limit`: the constants of those of its form. `evidence`:
    what its `when` reads, as people wrote it. `patience`: seconds for which an end must hold. `tiers`: severities and when they hold, the
    mildest first. `guard` is looked at when it is raised.
    """

    rule: Detection | Orchestration
    number: int
    name: str
    form: Form
    where: Predicate | None
    when: Predicate
    unless: Predicate | None
    until: Predicate | None
    guard: Predicate | None
    tiers: tuple[tuple[str, Predicate], ...]
    keys: Hashable
    limit: float | None
    hold: float
    patience: float
    severity: str
    of_state: bool
    momentary: bool
    evidence: tuple[Evidence, ...]
    turnings: tuple[Turning, ...]

    @property
    def type(self) -> str:
        return self.form.type

    @property
    def subject(self) -> str:
        """The variable that its subject is bound to."""
        return self.form.subject

    @property
    def detection(self) -> Detection:
        """The rule, where it raises faults."""
        assert isinstance(self.rule, Detection)
        return self.rule

    def predicates(self) -> list[Predicate]:
        return [p for p in (self.where, self.when, self.unless, self.until) if p is not None]

    def rename(self, names: Names) -> None:
        """Its rule is called otherwise. Indexes and situations know it by what it is, and keep it."""
        kind = "orchestration" if self.of_state else "detection"
        rule = names.about(names.rule(kind, self.rule))
        if rule is not self.rule:
            force_setattr(self, "rule", rule)
            force_setattr(self, "name", names.within(self.name, "detection"))
        if names.type(self.type) != self.type:
            form = copy(self.form)  # others share it, of other engines, too
            form.type = names.type(self.type)
            force_setattr(self, "form", form)

    def meaning(self) -> object:
        """What its holds follow across a reload: the conditions, and nothing that people read."""
        rule = self.rule
        return (rule.binding, rule.when, rule.unless, _until(rule))

    def is_guarded_like(self, other: Watch) -> bool:
        """Whether the guards of both are the same, or both have none."""
        mine, others = (None if one is None else one.expression for one in (self.guard, other.guard))
        return mine == others


def watch_of(rule: Detection | Orchestration, number: int, texts: Mapping[str, str]) -> Watch:
    """Of an orchestration with a `when`. `texts`: what its slots stand for."""
    binding, condition = rule.binding, rule.when
    assert condition is not None
    kind, subject = (binding.type, binding.name) if binding else (SINGLE, SINGLE)
    where = None if binding is None else _compiled(binding.where, subject)
    when = Predicate(condition.expression, subject)
    unless, until = _compiled_of(rule.unless, subject), _compiled_of(_until(rule), subject)
    form = form_of(kind, subject, where, when, unless, until)
    detection = rule if isinstance(rule, Detection) else None
    return Watch(
        rule=rule,
        number=number,
        name=detection.head.name if detection else f"orchestration {rule.head.name}",
        form=form,
        where=where,
        when=when,
        unless=unless,
        until=until,
        guard=_compiled(detection.only_if, subject) if detection else None,
        tiers=_tiers(detection.tiers, subject) if detection else (),
        keys=form.keys_of(where, when),
        limit=form.limit_of(where, when),
        hold=condition.hold,
        patience=_patience(rule),
        severity=detection.severity if detection else "",
        of_state=detection is None,
        momentary=detection is not None and detection.on is not None,
        evidence=evidence_of(when.shape, texts) if form.has_slots else form.evidence,
        turnings=_turnings(where, when, unless, until) if form.calls else (),
    )


def _until(rule: Detection | Orchestration) -> Condition | None:
    return rule.until if isinstance(rule, Detection) else None


def _patience(rule: Detection | Orchestration) -> float:
    until = _until(rule)
    return until.hold if until else rule.settle if isinstance(rule, Detection) else 0.0


def _compiled(expression: Expression | None, subject: str) -> Predicate | None:
    return None if expression is None else Predicate(expression, subject)


def _compiled_of(condition: Condition | None, subject: str) -> Predicate | None:
    return None if condition is None else Predicate(condition.expression, subject)


def _tiers(tiers: Sequence[Tier], subject: str) -> tuple[tuple[str, Predicate], ...]:
    return tuple([(tier.severity, Predicate(tier.when.expression, subject)) for tier in tiers])


def _turnings(*conditions: Predicate | None) -> tuple[Turning, ...]:
    return tuple(
        one for condition in conditions if condition is not None for one in turnings(condition.nodes)
    )
