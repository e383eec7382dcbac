"""V427: a detection that raises nothing that another, as grave, has not raised already."""

from collections.abc import Hashable, Iterator
from itertools import permutations
from typing import Any

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Context, Finding
from dsl.expressions import And, Compare, Constant, Expression, Field, nodes_of
from dsl.program import SEVERITIES, Detection, Recovery
from dsl.proofs.conditions import given_by
from dsl.proofs.decide import Wanted, never
from dsl.proofs.world import World
from dsl.resolve.whole import Resolved
from dsl.work import Orchestration

_FEW = 12  # detections of one kind of condition that are compared with each other


def _run(resolved: Resolved) -> Iterator[Finding]:
    wanted = _asked_for(resolved)
    groups: dict[Hashable, list[Detection]] = {}
    for detection in resolved.program.detections:
        kind = _kind_of(detection)
        if kind is not None:
            groups.setdefault(kind, []).append(detection)
    for alike in groups.values():
        few = alike if len(alike) <= _FEW else sorted(alike, key=lambda one: one.head.name)[:_FEW]
        for one, other in permutations(few, 2):
            if one.head.name not in wanted and _covers(resolved, other, one):
                yield _found(resolved, one, other)
                break


def _kind_of(detection: object) -> Hashable:
    """What it reads, and the values it asks for: only conditions alike in this can make each other superfluous. None: not one of these."""
    if not isinstance(detection, Detection) or detection.head.off:
        return None
    if detection.tiers or detection.on or detection.unless or detection.only_if:
        return None
    parts = (
        detection.when.expression.operands
        if isinstance(detection.when.expression, And)
        else (detection.when.expression,)
    )
    pinned = frozenset(part for part in parts if _is_pin(part))
    read = frozenset(node for node in nodes_of(detection.when.expression) if isinstance(node, Field))
    return detection.binding, read, pinned


def _is_pin(part: Expression) -> bool:
    return isinstance(part, Compare) and part.operator == "==" and isinstance(part.right, Constant)


def _covers(resolved: Resolved, wider: Detection, narrow: Detection) -> bool:
    """Whether whenever the narrow one is true the wider one has long been raised, as grave, and told to as many."""
    if (
        SEVERITIES.index(wider.severity) < SEVERITIES.index(narrow.severity)
        or wider.when.hold > narrow.when.hold
    ):
        return False
    if wider.when == narrow.when:
        return False  # V426 says it
    if {one.channel for one in narrow.notices} - {one.channel for one in wider.notices}:
        return False
    binding = narrow.binding
    types = resolved.program.fact_types
    world = World({binding.name: types[binding.type]} if binding and binding.type in types else {})
    goals = (
        (narrow.when.expression, Wanted.TRUE),
        (wider.when.expression, Wanted.NOT_TRUE),
    )
    state = (*given_by(binding), goals[0])
    return never((*state, goals[1]), world) and not never(state, world)


def _asked_for(resolved: Resolved) -> set[str]:
    """Detections that something asks for by name: they have a purpose of their own."""
    program = resolved.program
    found = {name for recovery in program.recoveries for name in recovery.detections}
    found |= {name for rule in program.orchestrations if rule.on for name in rule.on.names}
    found |= {name for alert in program.alerts for name in alert.detections}
    causes = (cause.name for detection in program.detections for cause in detection.inhibited_by)
    return found | {str(cause.value) for cause in causes if isinstance(cause, Constant)}


def _found(resolved: Resolved, narrow: Detection, wider: Detection) -> Finding:
    name, other = narrow.head.name, wider.head.name
    message = f"whenever `{name}` is raised, `{other}` has been raised already, and is as grave"
    help_ = "give it a graver severity, somebody else to tell, or take it out"
    context = (Context(name_span(resolved, "detection", other), "this one"),)
    return finding("V427", message, name_span(resolved, "detection", name), help=help_, context=context)


def _asks(rule: Any) -> Hashable:
    """For which detections it asks by name."""
    match rule:
        case Detection():
            return rule.inhibited_by
        case Recovery():
            return rule.detections
        case Orchestration():
            return rule.on
    return None


CHECK = Lint(_run, sees=_asks, key=_kind_of)
