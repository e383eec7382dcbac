"""A rule about a state made ready to be evaluated: its conditions compiled, and the equalities by which it is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.expressions import Expression
from dsl.program import Condition, Detection
from dsl.work import Orchestration
from engine.analysis.compile import Predicate
from engine.analysis.crossing import Turning, turnings
from engine.analysis.form import Place, evidence_of, form_of

SINGLE = "host"  # the type that a rule without `for each` is about
SINGLES = frozenset({SINGLE, "swarm"})  # the types whose one fact is bound everywhere


class Watch:
    """What is watched for a rule. `name` says of which kind it is, where that is no detection, so that no two are called alike.

    `of_state`: it sets something in motion for as long as it holds, and raises no fault. `momentary`: it begins in a moment, and not
    with a state. `patience`: seconds for which an end must hold. `number`: its place in the order of the rules. `keys` and `limit`:
    the constants of those of its form. `evidence`: what its `when` reads, as people wrote it. `tiers`: severities and when they
    hold, the mildest first. `guard` is looked at when it is raised.
    """

    __slots__ = (
        "evidence",
        "form",
        "guard",
        "hold",
        "keys",
        "limit",
        "momentary",
        "name",
        "number",
        "of_state",
        "on_status",
        "patience",
        "rule",
        "severity",
        "subject",
        "tiers",
        "turnings",
        "type",
        "unless",
        "until",
        "when",
        "where",
    )

    def __init__(
        self, rule: Detection | Orchestration, number: int, texts: Mapping[str, str] | None = None
    ) -> None:
        """Of an orchestration with a `when`. `texts`: what its slots stand for."""
        binding, when, until = rule.binding, rule.when, _until(rule)
        assert when is not None
        self.rule = rule
        self.number = number
        self.name = rule.head.name if isinstance(rule, Detection) else f"orchestration {rule.head.name}"
        self.severity = rule.severity if isinstance(rule, Detection) else ""
        self.hold = when.hold
        self.patience = until.hold if until else rule.settle if isinstance(rule, Detection) else 0.0
        self.type = binding.type if binding else SINGLE
        self.subject = binding.name if binding else SINGLE
        self.where = self._compiled(binding.where if binding else None)
        self.when = Predicate(when.expression, self.subject)
        self.unless = self._compiled(rule.unless.expression if rule.unless else None)
        self.until = self._compiled(until.expression if until else None)
        detection = rule if isinstance(rule, Detection) else None
        self.of_state = detection is None
        self.momentary = detection is not None and detection.on is not None
        self.guard = self._compiled(detection.only_if if detection else None)
        tiers = detection.tiers if detection else ()
        self.tiers = [(tier.severity, Predicate(tier.when.expression, self.subject)) for tier in tiers]
        conditions = (self.where, self.when, self.unless, self.until)
        form = self.form = form_of(self.subject, [None if one is None else one.shape for one in conditions])
        self.keys = tuple([self._constant(place) for place in form.places])
        self.limit = None if form.limit is None else float(self._constant(form.limit.place))
        self.on_status = self.type == "agent" and "status" in form.fields
        self.evidence = evidence_of(form, self.when.shape, texts or {})
        self.turnings = self._turnings() if form.calls else ()

    @property
    def detection(self) -> Detection:
        """The rule, where it raises faults."""
        assert isinstance(self.rule, Detection)
        return self.rule

    def _compiled(self, expression: Expression | None) -> Predicate | None:
        return None if expression is None else Predicate(expression, self.subject)

    def predicates(self) -> list[Predicate]:
        return [p for p in (self.where, self.when, self.unless, self.until) if p is not None]

    def _constant(self, place: Place) -> Any:
        condition = self.where if place.condition == 0 else self.when
        assert condition is not None
        return condition.constants[place.number]

    def _turnings(self) -> tuple[Turning, ...]:
        return tuple(turning for predicate in self.predicates() for turning in turnings(predicate.nodes))

    def meaning(self) -> object:
        """What its holds follow across a reload: the conditions, and nothing that people read."""
        rule = self.rule
        return (rule.binding, rule.when, rule.unless, _until(rule))

    def is_guarded_like(self, other: Watch) -> bool:
        """Whether the guards of both are the same, or both have none."""
        mine, others = (None if one is None else one.expression for one in (self.guard, other.guard))
        return mine == others


def _until(rule: Detection | Orchestration) -> Condition | None:
    return rule.until if isinstance(rule, Detection) else None
