"""The whole set: declarations are resolved in the order in which they need each other, and become a program."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from dsl.capacity import Capacity
from dsl.diagnostics import Finding
from dsl.files import Files
from dsl.lexicon import Lexicon
from dsl.memory import Memory
from dsl.program import PRIORITIES, Agent, Derive, Detection, EventType, Program, Recovery, RuleHead
from dsl.resolve.adaptation import resolve_adaptation
from dsl.resolve.agent import label_names, own_actions, resolve_agent
from dsl.resolve.alert import resolve_alert
from dsl.resolve.automation import resolve_automation
from dsl.resolve.calendar import resolve_calendar
from dsl.resolve.channel import resolve_channel
from dsl.resolve.declarations import collect
from dsl.resolve.derive import names_read, resolve_derive
from dsl.resolve.detection import bound_type, is_chained, resolve_detection
from dsl.resolve.event import resolve_event
from dsl.resolve.expression import constant_declared
from dsl.resolve.fact import resolve_fact
from dsl.resolve.intervals import Intervals, intervals
from dsl.resolve.known import Declared, Known, OnDemand
from dsl.resolve.maintenance import resolve_maintenance
from dsl.resolve.nested_runs import report_circles
from dsl.resolve.orchestration import resolve_orchestration
from dsl.resolve.possible import Detections
from dsl.resolve.probe import resolve_probe
from dsl.resolve.raised import NO_RECOVERIES, awaited, given_up_before, taken_over
from dsl.resolve.recovery import resolve_recovery
from dsl.resolve.remembered import Remembered, nothing_remembered, remembered
from dsl.resolve.scenario import resolve_test
from dsl.resolve.sequence import in_sequence
from dsl.resolve.site import Site
from dsl.resolve.workflow import resolve_workflow
from dsl.syntax import Word
from dsl.vocabulary.facts import BUILT_IN

T = TypeVar("T")


class Resolved(msgspec.Struct, frozen=True):
    """`complete`: nothing was left out of the program, so conclusions may be drawn from what is not there.

    `capacity`: what the machine has that the rules are for, where that is known.
    """

    program: Program
    known: Known
    intervals: Intervals
    complete: bool
    capacity: Capacity | None = None
    rules: Remembered | None = None
    looked_at: tuple[Declared, ...] | None = None  # None: all

    def declarations(self) -> Iterator[Declared]:
        """Those that lints of single declarations have to look at."""
        if self.looked_at is not None:
            yield from self.looked_at
            return
        for of_kind in self.known.declared.values():
            yield from of_kind.values()


def resolve(files: Files, lexicon: Lexicon, findings: list[Finding], memory: Memory) -> Resolved:
    found = collect(files, lexicon, findings, memory)
    known = Known(
        lexicon,
        found.declared,
        dict(BUILT_IN),
        unclear=found.unclear | found.lost,
        lost=found.lost,
        nameless=found.nameless,
        sheets=tuple(found.sheets),
        subjects=OnDemand(lambda name: _subject(known, name)),
    )
    _prepare(known)
    events = _events(known, findings)
    _facts(known, findings)
    _constants(known, findings)
    calendars = _each(known, findings, "calendar", resolve_calendar)
    derives = _derives(known, findings)
    probes = _each(known, findings, "probe", resolve_probe)
    agents = _each(known, findings, "agent", resolve_agent)
    _note_labels(known, agents)
    channels = _each(known, findings, "channel", resolve_channel)
    rhythm = intervals(probes, agents, known.types.values(), derives)
    rules = remembered(known, findings, memory)
    detections = _detections(known, findings, rhythm, rules)
    raisable = Detections(detections)
    recoveries = _recoveries(known, findings, raisable, rules)
    given_up = _by_name(recoveries)
    workflows = rules.all("workflow", resolve_workflow)
    automations = rules.all("automation", resolve_automation)
    report_circles(known, findings, workflows, automations)
    orchestrations = rules.all(
        "orchestration", lambda site, one: resolve_orchestration(site, one, raisable, given_up)
    )
    by_name = {workflow.head.name: workflow for workflow in workflows}
    adaptations = _each(
        known,
        findings,
        "adaptation",
        lambda site, one: resolve_adaptation(site, one, by_name, raisable, given_up),
    )
    maintenances = _each(known, findings, "maintenance", resolve_maintenance)
    alerts = _each(known, findings, "alert", lambda site, one: resolve_alert(site, one, raisable))
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
        events=tuple(events),
        derives=tuple(derives),
        calendars=tuple(calendars),
        alerts=_in_order(alerts),
        tests=tuple(tests),
        digest=_digest(files),
    )
    complete = not any(finding.severity == "error" for finding in findings)
    return Resolved(program, known, rhythm, complete, rules=rules)


def _subject(known: Known, detection: str) -> str | None:
    declared = known.of("detection").get(detection)
    return None if declared is None else bound_type(known, declared)


def _prepare(known: Known) -> None:
    """What others need to know of agents before these are resolved."""
    for agent in known.of("agent").values():
        known.labels.update(label_names(agent))
        for action in own_actions(agent):
            known.own_actions.setdefault(action.name, {})[action.agent] = action


def _note_labels(known: Known, agents: Collection[Agent]) -> None:
    for name, value in (label for agent in agents for label in agent.labels):
        if isinstance(value, str):
            known.label_values.setdefault(name, set()).add(value)


def _facts(known: Known, findings: list[Finding]) -> None:
    for name, declared in known.of("fact").items():
        found = resolve_fact(Site(declared.block, known, findings), declared)
        if found is None:
            known.unclear.add(name)
        else:
            known.types[name] = found


def _events(known: Known, findings: list[Finding]) -> list[EventType]:
    for name, declared in known.of("event").items():
        found = resolve_event(Site(declared.block, known, findings), declared)
        if found is None:
            known.unclear.add(name)
        else:
            known.events[name] = found
    return list(known.events.values())


def _derives(known: Known, findings: list[Finding]) -> list[Derive]:
    """Each after those that it reads."""
    message = "facts are derived from each other in a circle"
    ordered, lost = in_sequence(known, findings, known.of("derive"), names_read, message, " reads ")
    known.unclear.update(lost)
    found = []
    for declared in ordered:
        derive = resolve_derive(Site(declared.block, known, findings), declared)
        if derive is None:
            known.unclear.add(declared.name)
        else:
            found.append(derive)
    return found


def _detections(
    known: Known, findings: list[Finding], rhythm: Intervals, rules: Remembered
) -> list[Detection]:
    """Those that wait for faults of others after these."""
    raised, chained = rules.each(
        "detection", lambda site, one: resolve_detection(site, one, rhythm), but=is_chained
    )
    for waiting in _chained(known, findings, chained):
        before = given_up_before(known, waiting)
        # What is wrong with these is reported later.
        recoveries = _in_turn(
            known, [], Detections(raised), nothing_remembered(known, []), _named(known, before)
        )
        site = Site(waiting.block, known, findings)
        one = resolve_detection(site, waiting, rhythm, Detections(raised), recoveries)
        rules.anew["detection", waiting.name] = one
        raised += [one] if one is not None else []
    return sorted(raised, key=_place) if chained else raised


def _chained(known: Known, findings: list[Finding], chained: Sequence[Declared]) -> list[Declared]:
    """Each after those whose faults it waits for."""
    message = "detections wait for faults of each other in a circle"
    declared = {one.name: one for one in chained}
    ordered, _ = in_sequence(known, findings, declared, lambda one: awaited(known, one), message, " after ")
    return ordered


def _recoveries(
    known: Known, findings: list[Finding], detections: Detections, rules: Remembered
) -> list[Recovery]:
    """Those that take over faults of others after these."""
    first, later = rules.each(
        "recovery", lambda site, one: resolve_recovery(site, one, detections), but=taken_over
    )
    if not later:
        return first
    declared = {one.name: one for one in later}
    found = _in_turn(known, findings, detections, rules, declared, _by_name(first))
    return sorted(found.values(), key=_place)


def _in_turn(
    known: Known, findings: list[Finding], detections: Detections, rules: Remembered,
    declared: Mapping[str, Declared], before: Mapping[str, Recovery] = NO_RECOVERIES,
) -> dict[str, Recovery]:  # fmt: skip
    """Each after those whose faults it takes over, and behind those that are known `before`."""
    message = "recoveries take over from each other in a circle"
    ordered, _ = in_sequence(known, findings, declared, taken_over, message, " after ")
    found = dict(before)
    for next_one in ordered:
        one = rules.resolved(next_one, lambda site, one: resolve_recovery(site, one, detections, found))
        if one is not None:
            found[next_one.name] = one
    return found


def _named(known: Known, recoveries: Collection[str]) -> dict[str, Declared]:
    declared = known.of("recovery")
    return {name: declared[name] for name in sorted(recoveries) if name in declared}


def _by_name(recoveries: Collection[Recovery]) -> dict[str, Recovery]:
    return {one.head.name: one for one in recoveries}


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
    """By priority, and otherwise as they stand."""
    return tuple(sorted(rules, key=_rank))


_RANKS = {priority: -rank for rank, priority in enumerate(PRIORITIES)}


def _rank(rule: _Rule) -> int:
    return _RANKS[rule.head.priority]


def _place(rule: _Rule) -> tuple[str, int]:
    return rule.head.place.file, rule.head.place.line


def _digest(files: Files) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(files.by_name):
        digest.update(files.by_name[name].digest.encode())
    return digest.hexdigest()
