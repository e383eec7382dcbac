"""The whole set: declarations are resolved in the order in which they need each other, and become a program."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from dsl.capacity import Capacity
from dsl.diagnostics import Finding
from dsl.files import Files
from dsl.lexicon import Lexicon
from dsl.memory import Memory
from dsl.program import PRIORITIES, Program, RuleHead
from dsl.resolve.adaptation import resolve_adaptation
from dsl.resolve.agent import label_names, own_actions, resolve_agent
from dsl.resolve.automation import resolve_automation
from dsl.resolve.channel import resolve_channel
from dsl.resolve.declarations import collect
from dsl.resolve.detection import bound_type, resolve_detection
from dsl.resolve.expression import constant_declared
from dsl.resolve.fact import resolve_fact
from dsl.resolve.intervals import Intervals, intervals
from dsl.resolve.known import Declared, Known
from dsl.resolve.maintenance import resolve_maintenance
from dsl.resolve.orchestration import resolve_orchestration
from dsl.resolve.probe import resolve_probe
from dsl.resolve.recovery import resolve_recovery
from dsl.resolve.remembered import remembered
from dsl.resolve.scenario import resolve_test
from dsl.resolve.site import Site
from dsl.resolve.workflow import resolve_workflow
from dsl.syntax import Word
from dsl.vocabulary.facts import BUILT_IN

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resolved:
    """`complete`: nothing was left out of the program, so conclusions may be drawn from what is not there.

    `capacity`: what the machine has that the rules are for, where that is known.
    """

    program: Program
    known: Known
    intervals: Intervals
    complete: bool
    capacity: Capacity | None = None


def resolve(files: Files, lexicon: Lexicon, findings: list[Finding], memory: Memory) -> Resolved:
    found = collect(files, lexicon, findings, memory)
    known = Known(
        lexicon,
        found.declared,
        dict(BUILT_IN),
        unclear=found.unclear | found.lost,
        lost=found.lost,
        nameless=found.nameless,
    )
    _prepare(known)
    _facts(known, findings)
    _constants(known, findings)
    probes = _each(known, findings, "probe", resolve_probe)
    agents = _each(known, findings, "agent", resolve_agent)
    channels = _each(known, findings, "channel", resolve_channel)
    rhythm = intervals(probes, agents)
    rules = remembered(known, findings, memory)
    detections = rules.each("detection", lambda site, one: resolve_detection(site, one, rhythm))
    recoveries = rules.each("recovery", lambda site, one: resolve_recovery(site, one, detections))
    workflows = rules.each("workflow", resolve_workflow)
    automations = rules.each("automation", resolve_automation)
    orchestrations = rules.each(
        "orchestration", lambda site, one: resolve_orchestration(site, one, detections, recoveries)
    )
    by_name = {workflow.head.name: workflow for workflow in workflows}
    adaptations = _each(
        known, findings, "adaptation", lambda site, one: resolve_adaptation(site, one, by_name)
    )
    maintenances = _each(known, findings, "maintenance", resolve_maintenance)
    tests = _each(known, findings, "test", resolve_test)
    program = Program(
        fact_types=known.types,
        probes=tuple(probes),
        agents=tuple(agents),
        channels=tuple(channels),
        detections=_in_order(detections),
        recoveries=_in_order(recoveries),
        workflows=_in_order(workflows),
        automations=_in_order(automations),
        orchestrations=_in_order(orchestrations),
        adaptations=_in_order(adaptations),
        maintenances=_in_order(maintenances),
        tests=tuple(tests),
        digest=_digest(files),
    )
    return Resolved(program, known, rhythm, not any(finding.severity == "error" for finding in findings))


def _prepare(known: Known) -> None:
    """What others need to know of agents and detections before these are resolved."""
    for agent in known.of("agent").values():
        known.labels.update(label_names(agent))
        for action in own_actions(agent):
            known.own_actions.setdefault(action.name, {})[action.agent] = action
    for name, detection in known.of("detection").items():
        known.subjects[name] = bound_type(known, detection)


def _facts(known: Known, findings: list[Finding]) -> None:
    for name, declared in known.of("fact").items():
        found = resolve_fact(Site(declared.block, known, findings), declared)
        if found is None:
            known.unclear.add(name)
        else:
            known.types[name] = found


def _constants(known: Known, findings: list[Finding]) -> None:
    """Every `let`, used or not."""
    for name, declared in known.of("let").items():
        constant_declared(Site(declared.block, known, findings), Word(0, 0, name))


def _each(
    known: Known, findings: list[Finding], kind: str, resolve_one: Callable[[Site, Declared], T | None]
) -> list[T]:
    found = [resolve_one(Site(one.block, known, findings), one) for one in known.of(kind).values()]
    return [one for one in found if one is not None]


class _Rule(Protocol):
    @property
    def head(self) -> RuleHead: ...


R = TypeVar("R", bound=_Rule)


def _in_order(rules: list[R]) -> tuple[R, ...]:
    return tuple(sorted(rules, key=lambda rule: _rank(rule.head)))


def _rank(head: RuleHead) -> tuple[int, str, int]:
    return -PRIORITIES.index(head.priority), head.place.file, head.place.line


def _digest(files: Files) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(files.by_name):
        digest.update(files.by_name[name].digest.encode())
    return digest.hexdigest()
