"""A rule about a state made ready to be evaluated: its conditions compiled, and the equalities by which it is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dsl.expressions import Aggregate, And, Compare, Constant, Expression, Field
from dsl.program import Condition, Detection
from dsl.work import Orchestration
from engine.analysis.compile import Predicate
from engine.analysis.crossing import turnings

SINGLE = "host"  # the type that a rule without `for each` is about
SINGLES = frozenset({SINGLE, "swarm"})  # the types whose one fact is bound everywhere


class Evidence(NamedTuple):
    """A field that the condition reads, by its path as written."""

    name: str
    subject: str
    path: tuple[str | int, ...]


class Limit(NamedTuple):
    """`field > value` of its own subject."""

    field: str
    operator: str
    value: float


class Watch:
    """What is watched for a rule. `name` says of which kind it is, where that is no detection, so that no two are called alike.

    `of_state`: it sets something in motion for as long as it holds, and raises no fault. `momentary`: it begins in a moment, and not with
    a state. `patience`: seconds for which an end must hold. `number`: its place in the order of the rules. `keys`: the equalities that must
    hold for `where` and `when` to be true. `fields`: those of its own subject that its conditions read; `reads_all`: it as a whole, or what
    is looked at anew whenever it is asked for. `tiers`: severities and when they hold, the mildest first. `guard` is looked at when it is
    raised.
    """

    __slots__ = (
        "evidence",
        "fields",
        "guard",
        "hold",
        "keys",
        "momentary",
        "name",
        "number",
        "of_state",
        "on_status",
        "own_evidence",
        "patience",
        "reads",
        "reads_all",
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
        self.keys = self._equalities()
        predicates = self.predicates()
        self.reads = {(f.subject, f.path) for predicate in predicates for f in predicate.fields}
        own = [path for subject, path in self.reads if subject == self.subject]
        self.fields = frozenset(str(path[0]) for path in own if path)
        looking = any(type(node) is Aggregate for predicate in predicates for node in predicate.nodes)
        self.reads_all = looking or not all(own)
        self.on_status = self.type == "agent" and "status" in self.fields
        self.evidence = tuple(_evidence(self.when.fields, texts or {}))
        self.own_evidence = self._own_evidence()
        self.turnings = tuple(turning for predicate in predicates for turning in turnings(predicate.nodes))

    @property
    def detection(self) -> Detection:
        """The rule, where it raises faults."""
        assert isinstance(self.rule, Detection)
        return self.rule

    def _compiled(self, expression: Expression | None) -> Predicate | None:
        return None if expression is None else Predicate(expression, self.subject)

    def predicates(self) -> list[Predicate]:
        return [p for p in (self.where, self.when, self.unless, self.until) if p is not None]

    def others(self) -> set[str]:
        """The bindings it reads beside its own subject."""
        return {subject for subject, _ in self.reads if subject != self.subject}

    def limit(self) -> Limit | None:
        """What its subject must pass to make it true, where beside its keys this is all that it reads, and time does nothing to it."""
        free = {path for subject, path in self.reads if subject == self.subject} - {p for p, _ in self.keys}
        if len(free) != 1 or self.turnings or self.reads_all:
            return None
        for predicate in (self.where, self.when):
            for part in _conjuncts(predicate.expression) if predicate is not None else ():
                left, right = part.left, part.right
                if (
                    part.operator in ("<", "<=", ">", ">=")
                    and part.order is None
                    and isinstance(left, Field)
                    and left.subject == self.subject
                    and left.path in free
                    and len(left.path) == 1
                    and isinstance(right, Constant)
                    and right.value.__class__ in (int, float)
                ):
                    return Limit(str(left.path[0]), part.operator, right.value)
        return None

    def meaning(self) -> object:
        """What its holds follow across a reload: the conditions, and nothing that people read."""
        rule = self.rule
        return (rule.binding, rule.when, rule.unless, _until(rule))

    def is_guarded_like(self, other: Watch) -> bool:
        """Whether the guards of both are the same, or both have none."""
        mine, others = (None if one is None else one.expression for one in (self.guard, other.guard))
        return mine == others

    def _own_evidence(self) -> tuple[tuple[str, str], ...] | None:
        """Names and fields, where all of it are fields of its own subject: the quick way to read it."""
        own = {
            name: str(path[0])
            for name, subject, path in self.evidence
            if subject == self.subject != "fault" and len(path) == 1
        }
        return tuple(own.items()) if len(own) == len(self.evidence) else None

    def _equalities(self) -> tuple[tuple[tuple[str | int, ...], object], ...]:
        """`FIELD == constant` among the parts that must all hold: from `where` if it has any, else from `when`."""
        for predicate in (self.where, self.when):
            if predicate is not None:
                found = {
                    part.left.path: part.right.value
                    for part in _conjuncts(predicate.expression)
                    if self._is_key(part)
                    and isinstance(part.left, Field)
                    and isinstance(part.right, Constant)
                }
                if found:
                    return tuple(sorted(found.items(), key=lambda item: repr(item[0])))
        return ()

    def _is_key(self, part: Expression) -> bool:
        return (
            isinstance(part, Compare)
            and part.operator == "=="
            and isinstance(part.left, Field)
            and part.left.subject == self.subject
            and bool(part.left.path)
            and isinstance(part.right, Constant)
            and isinstance(part.right.value, (str, float, int))
        )


def _until(rule: Detection | Orchestration) -> Condition | None:
    return rule.until if isinstance(rule, Detection) else None


def _evidence(fields: list[Field], texts: Mapping[str, str]) -> list[Evidence]:
    """Each field once; what stands in slots by what it was written as, which may be several: a value and its bounds."""
    found = dict.fromkeys(Evidence(_name(field, texts), field.subject, field.path) for field in fields)
    return list(found)


def _name(field: Field, texts: Mapping[str, str]) -> str:
    *front, last = (field.subject, *field.path)
    if str(last).startswith("#"):
        return texts.get(str(last).rstrip("<>"), str(last))
    return ".".join(str(part) for part in (*front, last) if part != "*")


def _conjuncts(expression: Expression) -> list[Compare]:
    parts = expression.operands if isinstance(expression, And) else (expression,)
    flat = [inner for part in parts for inner in (_conjuncts(part) if isinstance(part, And) else [part])]
    return [part for part in flat if isinstance(part, Compare)]
