"""How faults reach people: `alert`. Frozen data, as in `dsl.program`."""

from __future__ import annotations

import msgspec

from dsl.expressions import Expression
from dsl.parts import Condition, RuleHead


class AlertStep(msgspec.Struct, frozen=True):
    """`notify CHANNEL [TEXT] [repeat every D] [until acknowledged]`, `then notify … after D unacknowledged`.

    `after` counts from the alert's first notice; `repeat` None says it once. Steps after the first wait for nobody to acknowledge.
    """

    channel: str
    text: Expression | None = None
    after: float = 0.0
    repeat: float | None = None


class Alert(msgspec.Struct, frozen=True):
    """Faults of `detections` (none: any) of which `where` is true, told together when they are alike.

    `group_by` are paths over the fault and its subject (`fault.category`, `agent.labels.tier`); faults with the same values are one
    alert. It waits `within` seconds for others before its first notice. An acknowledged alert is not repeated and does not escalate.
    """

    head: RuleHead
    detections: tuple[str, ...]
    where: Expression | None
    group_by: tuple[tuple[str, ...], ...]
    within: float
    steps: tuple[AlertStep, ...]
    cleared: tuple[str, ...] = ()  # channels that are told of the end
    only_if: Expression | None = None
    unless: Condition | None = None
