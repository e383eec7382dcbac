"""A program of which every rule is in the shadow, or none is.

In the shadow it watches and decides as before, and does nothing. What only looks stays as it is: faults are raised and closed, for they
are what was seen; but nobody is told of them, nothing recovers them, nothing is set in motion. Windows of maintenance are in the shadow
as well, where they hold back what is there.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from dsl.parts import RuleHead
from dsl.program import Detection, Program, Recovery
from dsl.routing import Alert
from dsl.work import Adaptation, Automation, Maintenance, Orchestration, Workflow

Acts = TypeVar("Acts", Recovery, Alert, Workflow, Automation, Orchestration, Adaptation, Maintenance)


def in_shadow(program: Program) -> Program:
    """The same rules, none of which acts. Twice is once."""
    silent = tuple(_told(detection, shadow=True) for detection in program.detections)
    return _all(replace(program, detections=silent, shadow=True), shadow=True)


def promoted(program: Program) -> Program:
    """The same rules, all of which act: where nothing is done anyway, there is nothing to keep them from."""
    heard = tuple(
        _told(replace(detection, head=_headed(detection.head, shadow=False)), shadow=False)
        for detection in program.detections
    )
    return _all(replace(program, detections=heard, shadow=False), shadow=False)


def _all(program: Program, *, shadow: bool) -> Program:
    """What acts."""
    return replace(
        program,
        recoveries=_each(program.recoveries, shadow),
        alerts=_each(program.alerts, shadow),
        workflows=_each(program.workflows, shadow),
        automations=_each(program.automations, shadow),
        orchestrations=_each(program.orchestrations, shadow),
        adaptations=_each(program.adaptations, shadow),
        maintenances=_each(program.maintenances, shadow),
    )


def _each(rules: tuple[Acts, ...], shadow: bool) -> tuple[Acts, ...]:
    return tuple(replace(rule, head=_headed(rule.head, shadow=shadow)) for rule in rules)


def _headed(head: RuleHead, *, shadow: bool) -> RuleHead:
    return head if head.shadow is shadow else replace(head, shadow=shadow)


def _told(detection: Detection, *, shadow: bool) -> Detection:
    notices = tuple(replace(notice, shadow=shadow) for notice in detection.notices)
    return replace(detection, notices=notices)
