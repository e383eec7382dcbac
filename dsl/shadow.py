"""A program of which every rule is in the shadow: it watches and decides as before, and does nothing.

What only looks stays as it is. So faults are raised and closed, for they are what was seen; but nobody is told of them, nothing recovers
them, nothing is set in motion. Windows of maintenance are in the shadow as well, where they hold back what is there.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from dsl.program import Detection, Program, Recovery
from dsl.routing import Alert
from dsl.work import Adaptation, Automation, Maintenance, Orchestration, Workflow

Acts = TypeVar("Acts", Recovery, Alert, Workflow, Automation, Orchestration, Adaptation, Maintenance)


def in_shadow(program: Program) -> Program:
    """The same rules, none of which acts. Twice is once."""
    return replace(
        program,
        detections=tuple(map(_silent, program.detections)),
        recoveries=_all(program.recoveries),
        alerts=_all(program.alerts),
        workflows=_all(program.workflows),
        automations=_all(program.automations),
        orchestrations=_all(program.orchestrations),
        adaptations=_all(program.adaptations),
        maintenances=_all(program.maintenances),
        shadow=True,
    )


def _all(rules: tuple[Acts, ...]) -> tuple[Acts, ...]:
    return tuple(replace(rule, head=replace(rule.head, shadow=True)) for rule in rules)


def _silent(detection: Detection) -> Detection:
    return replace(detection, notices=tuple(replace(notice, shadow=True) for notice in detection.notices))
