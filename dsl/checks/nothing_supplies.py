"""V428: a condition reads facts that no probe brings: it is unknown for ever."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Finding
from dsl.expressions import Aggregate, Constant, Field, nodes_of
from dsl.proofs.conditions import conditions
from dsl.resolve.whole import Resolved

_SOURCES = ("probe", "agent")


def _run(resolved: Resolved) -> Iterator[Finding]:
    if not resolved.known.of("fact"):
        return
    supplied = {probe.into for probe in resolved.program.probes} | _set_by_rules(resolved)
    supplied |= {derive.head.name for derive in resolved.program.derives}
    lacking = [
        name for name in resolved.known.of("fact") if name not in supplied and _is_whole(resolved, name)
    ]
    read = _read(resolved) if lacking else ()
    for name in lacking:
        kind = resolved.program.fact_types.get(name)
        if kind is not None and name in read and not kind.series_of:
            message = f"rules read `{name}`, and no probe brings such facts"
            help_ = f"write `probe … {{ …; into {name} }}`; until then every condition on it is unknown"
            yield finding("V428", message, name_span(resolved, "fact", name), help=help_)


def _is_whole(resolved: Resolved, name: str) -> bool:
    """Whether the file that declares it looks at anything itself: one that only declares is for others to use."""
    file = resolved.known.of("fact")[name].block.source
    return any(one.block.source == file for kind in _SOURCES for one in resolved.known.of(kind).values())


def _read(resolved: Resolved) -> set[str]:
    found = set()
    for stated in conditions(resolved.program):
        for node in nodes_of(stated.condition):
            if isinstance(node, Field) and node.subject in stated.world.types:
                found.add(stated.world.types[node.subject].name)
            elif isinstance(node, Aggregate):
                found.add(node.members.type)
    return found


def _set_by_rules(resolved: Resolved) -> set[str | None]:
    program = resolved.program
    actions = [
        *(a for rule in program.recoveries for step in rule.tries for a in (*step.actions, *rule.otherwise)),
        *(a for rule in program.orchestrations for a in (*rule.then, *rule.afterwards)),
        *(a for rule in program.automations for a in rule.actions),
        *(a for window in program.maintenances for a in window.actions),
    ]
    kinds = (dict(action.arguments).get("type") for action in actions if action.kind == "set")
    return {str(kind.value) for kind in kinds if isinstance(kind, Constant)}


CHECK = Lint(_run)
