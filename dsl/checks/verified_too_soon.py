"""V406: `within` is over before success can be seen: the start, the next sample and the hold all take their time."""

from collections.abc import Iterator, Mapping

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.program import Agent, Detection, Recovery, Try
from dsl.resolve.whole import Resolved

_STARTS = ("start", "restart")


def _run(resolved: Resolved) -> Iterator[Finding]:
    agents = {agent.name: agent for agent in resolved.program.agents}
    detections = {detection.head.name: detection for detection in resolved.program.detections}
    slowest = _slowest(resolved)
    for rule in resolved.program.recoveries:
        ends = max((_end(detections[name]) for name in rule.detections if name in detections), default=0.0)
        for step in rule.tries:
            needed = ends + _start(step, agents, slowest)
            if step.verify.within < needed:
                yield _found(resolved, rule, step, needed)


def _slowest(resolved: Resolved) -> float:
    """The longest time that an agent says it needs to start; what is not written does not count."""
    said = resolved.known.of("agent")
    written = {
        name for name, one in said.items() if any(clause.word == "starts" for clause in one.clause.body or ())
    }
    return max(
        (agent.starts_within for agent in resolved.program.agents if agent.name in written), default=0.0
    )


def _end(detection: Detection) -> float:
    """How long after the symptom went the fault is closed at the earliest."""
    return detection.settle + (detection.until.hold if detection.until else 0.0)


def _start(step: Try, agents: Mapping[str, Agent], slowest: float) -> float:
    found = 0.0
    for action in step.actions:
        if action.kind in _STARTS and action.target is not None:
            name = action.target.name.value if isinstance(action.target.name, Constant) else None
            agent = agents.get(name) if isinstance(name, str) else None
            found = max(found, agent.starts_within if agent else slowest)
    return found


def _found(resolved: Resolved, rule: Recovery, step: Try, needed: float) -> Finding:
    within = step.verify.within
    message = f"`{step.name}` is verified within {within:g}s, but start, sample and hold may take {needed:g}s"
    span = clause_span(resolved, "recovery", rule.head.name, "try", step.name, "verify")
    return finding("V406", message, span, help=f"verify within {needed:g}s or more")


CHECK = Lint(_run, each=True)
