"""The triggering graph: which rule can set off which, through the fields that it changes, the faults these raise, and what it runs.

Nodes are texts. Rules are `recovery NAME` and so on; between them stand fields (`field TYPE.NAME`), faults and recoveries that gave up, so
that the graph grows with the rules and not with their pairs.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dsl.expressions import Aggregate, Expression, Occurrences, nodes_of
from dsl.parts import Action, Limit, Moment
from dsl.program import Cooldown, Program, Recovery
from dsl.proofs.acting import Acting, Rules, in_force, read, type_of
from dsl.proofs.effects import Done, Effect
from dsl.proofs.wording import seconds
from dsl.work import Automation, Orchestration, Workflow

RULES = ("recovery", "orchestration", "automation", "workflow", "adaptation", "maintenance")


class Graph(msgspec.Struct):
    """`effects` are what each rule does; `undeclared` actions may do anything, and lead nowhere in the graph."""

    edges: dict[str, set[str]] = msgspec.field(default_factory=dict)
    effects: dict[str, tuple[Effect, ...]] = msgspec.field(default_factory=dict)
    undeclared: dict[str, tuple[Action, ...]] = msgspec.field(default_factory=dict)
    bounded: dict[str, str] = msgspec.field(
        default_factory=dict
    )  # rule to what limits it over time, in words

    def lead(self, start: str, *ends: str) -> None:
        self.edges.setdefault(start, set()).update(ends)
        for end in ends:
            self.edges.setdefault(end, set())


def triggering(rules: Rules) -> Graph:
    graph = Graph()
    program = rules.program
    for rule in (*rules.recoveries, *rules.orchestrations):
        _acts(graph, rule.key, rule.done)
        limited = limited_by(rule)
        if limited:
            graph.bounded[rule.key] = limited
    _faults(graph, rules)
    _recoveries(graph, rules)
    _orchestrations(graph, rules)
    _derived(graph, program)
    _work(graph, rules)
    return graph


def node_of(kind: str, name: str) -> str:
    return f"field {kind}.{name}"


def is_rule(node: str) -> bool:
    return node.partition(" ")[0] in RULES


def limited_by(rule: Acting) -> str:
    """What bounds how often it acts, in words; nothing where only `at once` is limited."""
    found = limiting(rule)
    if isinstance(found, Limit) and found.per is not None:
        scope = "overall" if found.scope is None else f"by {'.'.join(found.scope)}"
        return f"limit {found.count} per {seconds(found.per)} {scope}"
    return f"cooldown {seconds(found.base)}" if isinstance(found, Cooldown) else ""


def limiting(rule: Acting | Recovery | Orchestration) -> Limit | Cooldown | None:
    """What bounds how often it acts."""
    for limit in rule.limits:
        if limit.per is not None:
            return limit
    cooldown = None if isinstance(rule, Orchestration) else rule.cooldown
    return cooldown if cooldown is not None and cooldown.base > 0 else None


def _acts(graph: Graph, node: str, done: Done) -> None:
    graph.edges.setdefault(node, set())
    graph.effects[node] = done.effects
    if done.undeclared:
        graph.undeclared[node] = done.undeclared
    for effect in done.effects:
        if effect.verb == "run":
            graph.lead(node, f"{effect.type} {effect.key}")
        graph.lead(node, node_of(effect.type, effect.name))
        if effect.verb in ("stop", "start", "restart"):
            graph.lead(node, node_of(effect.type, "wanted"))


def _reads(graph: Graph, node: str, conditions: Iterable[Expression | None]) -> None:
    for condition in conditions:
        if condition is None:
            continue
        for kind, name in read(condition):
            graph.lead(node_of(kind, name), node)
        for part in nodes_of(condition):
            if isinstance(part, Occurrences) and part.kind == "fault":
                graph.lead(f"fault {part.type}", node)
            elif isinstance(part, Aggregate) and part.members.type in ("fault", "recovery"):
                graph.lead(f"any {part.members.type}", node)


def _faults(graph: Graph, rules: Rules) -> None:
    """A fault is raised by the fields that its condition reads, and is itself something that rules read."""
    for name, detection in rules.detections.items():
        node = f"fault {name}"
        _reads(graph, node, (goal for goal, _ in rules.of_detection(detection).goals))
        until = detection.until.expression if detection.until else None
        _reads(graph, node, (until,))
        _waits(graph, node, detection.on)
        graph.lead(node, "any fault")


def _waits(graph: Graph, node: str, moment: Moment | None) -> None:
    """What brings the moment about that something waits for."""
    if moment is None:
        return
    if moment.kind == "change":
        graph.lead(node_of(type_of(moment.path[0]), str(moment.path[1])), node)
    for name in moment.names:
        graph.lead(f"{moment.kind} {name}", node)


def _recoveries(graph: Graph, rules: Rules) -> None:
    for rule in rules.recoveries:
        for occasion in rule.occasions:
            graph.lead(f"fault {occasion.fault}", rule.key)
        graph.lead(rule.key, f"exhausted {rule.name}", "any recovery")
        for name in rule.follows:
            graph.lead(f"exhausted {name}", rule.key)


def _orchestrations(graph: Graph, rules: Rules) -> None:
    moments = {one.head.name: one.on for one in rules.program.orchestrations}
    for rule in rules.orchestrations:
        for kind, name in rule.reads:
            graph.lead(node_of(kind, name), rule.key)
        moment = moments[rule.name]
        if moment is not None and moment.kind == "fault":
            for occasion in rule.occasions:
                graph.lead(f"fault {occasion.fault}", rule.key)
        elif moment is not None and moment.kind == "exhausted":
            for name in moment.names:
                graph.lead(f"exhausted {name}", rule.key)
        elif not rule.timed:
            _reads(graph, rule.key, (goal for occasion in rule.occasions for goal, _ in occasion.goals[:2]))


def _derived(graph: Graph, program: Program) -> None:
    """What is computed from others changes with them."""
    for derive in program.derives:
        if in_force(derive.head):
            for name, value in derive.fields:
                for kind, read_name in read(value):
                    graph.lead(node_of(kind, read_name), node_of(derive.head.name, name))


# --- work ---------------------------------------------------------------------------------------------------------------


def _work(graph: Graph, rules: Rules) -> None:
    program = rules.program
    for automation in program.automations:
        if in_force(automation.head):
            _automation(graph, rules, automation)
    for workflow in program.workflows:
        if in_force(workflow.head):
            _workflow(graph, rules, workflow)
    for window in program.maintenances:
        if in_force(window.head):
            _acts(graph, f"maintenance {window.head.name}", rules.actions.done(window.actions))


def _automation(graph: Graph, rules: Rules, rule: Automation) -> None:
    node = f"automation {rule.head.name}"
    _acts(graph, node, rules.actions.done(rule.actions))
    graph.lead(node, node_of("automation", "running"))
    if rule.workflow is not None:
        graph.lead(node, f"workflow {rule.workflow}")


def _workflow(graph: Graph, rules: Rules, rule: Workflow) -> None:
    node = f"workflow {rule.head.name}"
    changes = [one for one in rules.program.adaptations if one.workflow in (None, rule.head.name)]
    new = [
        change.new for one in changes if in_force(one.head) for change in one.then if change.new is not None
    ]
    steps = [action for step in (*rule.steps, *new) for action in (step.action, *step.undo)]
    _acts(graph, node, rules.actions.done(steps))
    graph.lead(node, node_of("workflow", "running"))
