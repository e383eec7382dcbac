"""How faults reach people by `alert`: alike ones as one, again until somebody acknowledges, and then to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dsl.expressions import Field, nodes_of
from dsl.operators import walk
from dsl.routing import Alert, AlertStep
from engine.alarms import Alarm, Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.written import written
from engine.faults import Fault
from engine.ledger import Ledger
from engine.planning.acting import Acting, Cause, Deed
from engine.planning.shadows.rows import ShadowFault, ShadowRows
from engine.renaming import Names

_TIMEOUT = 60.0
_NAMED = 10  # faults that a text names; of more it says how many


class Group:
    """Faults that are told as one. `told_at`: when people were told first."""

    def __init__(self, plan: Alert, key: tuple[str, ...]) -> None:
        self.plan = plan
        self.key = key
        self.faults: dict[int, Fault] = {}
        self.told_at: float | None = None
        self.due: Alarm | None = None  # the next notice of what is new in it
        self.later: list[Alarm] = []  # escalations
        self.repeats: dict[AlertStep, Alarm] = {}
        self.told: set[tuple[int, str]] = set()  # of which fault which channel was told
        self.held_back = False  # what there is to tell waits for a failed need, or for maintenance

    def name(self) -> str:
        return f"{self.plan.head.name} ({', '.join(self.key)})" if self.key else self.plan.head.name

    def call_off(self) -> None:
        for alarm in (*self.later, *self.repeats.values(), *([self.due] if self.due else [])):
            alarm.call_off()
        self.later.clear()
        self.repeats.clear()
        self.due = None


class Alerts:
    """`inhibition(fault, in the shadow)` says why nobody is to be told of it now, or None."""

    def __init__(
        self, acting: Acting, alarms: Alarms, ledger: Ledger, shadows: ShadowRows, singles: Mapping[str, Any],
        inhibition: Callable[[Fault, bool], str | None], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._shadows = shadows
        self._acting = acting
        self._alarms = alarms
        self._ledger = ledger
        self._singles = singles
        self._inhibition = inhibition
        self._clock = clock
        self._plans: dict[str, Alert] = {}
        self.groups: dict[tuple[str, tuple[str, ...], bool], Group] = {}  # faults in the shadow by themselves
        self.reads: frozenset[str] = frozenset()  # what the `unless` of alerts read

    def replace(self, plans: Iterable[Alert]) -> None:
        """The alerts of a new program; what one of the same name has told goes on."""
        self._plans = {plan.head.name: plan for plan in plans if not plan.head.off}
        guards = [plan.unless.expression for plan in self._plans.values() if plan.unless is not None]
        self.reads = frozenset(
            node.subject for guard in guards for node in nodes_of(guard) if isinstance(node, Field)
        )
        for identity, group in list(self.groups.items()):
            plan = self._plans.get(group.plan.head.name)
            if plan is None:
                group.call_off()
                del self.groups[identity]
            elif plan.head.shadow != group.plan.head.shadow:
                self._begin_anew(group, plan)
            else:
                group.plan = plan

    def rename(self, names: Names) -> None:
        """Rules are called otherwise: alerts, and the faults by which they are told apart."""
        self._plans = names.rules("alert", self._plans)
        groups, self.groups = self.groups, {}
        for (name, _, is_shadow), group in groups.items():
            group.plan, group.key = names.rule("alert", group.plan), _renamed_key(group, names)
            self.groups[names.of("alert", name), group.key, is_shadow] = group

    def _begin_anew(self, group: Group, plan: Alert) -> None:
        """It leaves the shadow, so nobody has been told so far; or enters it."""
        group.call_off()
        group.plan, group.told_at = plan, None
        group.told.clear()
        group.due = self._alarms.at(self._clock() + plan.within, lambda: self._come(group))

    def standing(self) -> list[tuple[str, tuple[str, ...]]]:
        """The groups of faults that people are told of: the alert, and what is common to them."""
        return [(group.plan.head.name, group.key) for group in self.groups.values()]

    def due_of(self, name: str, fault: Fault) -> float | None:
        """When people are told next of a fault by that alert, where that is still to come."""
        groups = [
            group
            for group in self.groups.values()
            if group.plan.head.name == name and fault.id in group.faults
        ]
        return next((group.due.due for group in groups if group.due is not None), None)

    # --- faults come and go ------------------------------------------------------------------------------------------

    def route(self, name: str, fault: Fault) -> None:
        """A fault that this alert may be for is open from now on."""
        plan, bindings = self._plans[name], fault.bindings(self._singles)
        for condition in (plan.where, plan.only_if):
            if condition is not None and evaluate(condition, bindings, self._clock()) is not True:
                return
        key, is_shadow = _key(plan, fault, bindings), isinstance(fault, ShadowFault)
        group = self.groups.get((name, key, is_shadow))
        if group is None:
            group = self.groups[(name, key, is_shadow)] = Group(plan, key)
        group.faults[fault.id] = fault
        if group.due is None:
            group.due = self._alarms.at(self._clock() + plan.within, lambda: self._come(group))

    def closed(self, fault: Fault) -> None:
        """A fault is over."""
        for identity, group in list(self.groups.items()):
            if group.faults.pop(fault.id, None) is not None and not group.faults:
                group.call_off()
                del self.groups[identity]
                if group.told_at is not None:
                    self._tell_end(group, fault)

    def may_tell(self, kind: str) -> bool:
        """Whether something is held back that a change of this may let pass."""
        return kind in self.reads and any(group.held_back for group in self.groups.values())

    def look_around(self) -> None:
        """What was held back may be told now."""
        for group in list(self.groups.values()):
            if group.held_back and self._visible(group):
                group.held_back = False
                self._come(group)

    # --- telling -------------------------------------------------------------------------------------------------------

    def _visible(self, group: Group) -> list[Fault]:
        """Those that there is something to tell about, the gravest first."""
        faults = [fault for fault in group.faults.values() if self._is_news(group, fault)]
        return sorted(faults, key=lambda fault: (-fault.rank, fault.id))

    def _is_news(self, group: Group, fault: Fault) -> bool:
        if fault.acknowledged or self._inhibition(fault, _is_rehearsed(group, fault)) is not None:
            return False
        unless = group.plan.unless
        bindings = fault.bindings(self._singles) if unless is not None else {}
        return unless is None or evaluate(unless.expression, bindings, self._clock()) is not True

    def _come(self, group: Group) -> None:
        """It is time to tell of what is new."""
        group.due = None
        faults = self._visible(group)
        if not faults:
            group.held_back = any(not fault.acknowledged for fault in group.faults.values())
            return
        first = group.told_at is None
        if first:
            group.told_at = self._clock()
        for step in group.plan.steps:
            if step.after == 0:
                self._tell(group, step, faults, again=False)
                self._again_later(group, step)
            elif first:
                due = self._clock() + step.after
                group.later.append(self._alarms.at(due, lambda step=step: self._repeat(group, step)))  # type: ignore[misc]

    def _again_later(self, group: Group, step: AlertStep) -> None:
        """After what was told just now, whatever it was."""
        former = group.repeats.pop(step, None)
        if former is not None:
            former.call_off()
        if step.repeat is not None:
            due = self._clock() + step.repeat
            group.repeats[step] = self._alarms.at(due, lambda: self._repeat(group, step))

    def _repeat(self, group: Group, step: AlertStep) -> None:
        """Nobody has acknowledged it so far."""
        faults = self._visible(group)
        if faults:
            self._tell(group, step, faults, again=True)
        self._again_later(group, step)

    def _tell(self, group: Group, step: AlertStep, faults: list[Fault], *, again: bool) -> None:
        channel = step.channel
        if not again and all(channel in fault.told or (fault.id, channel) in group.told for fault in faults):
            return  # by this alert, or before volexd was started again
        text = _text(group, faults)
        if step.text is not None:
            text = str(evaluate(step.text, faults[0].bindings(self._singles), self._clock()))
        group.told.update((fault.id, channel) for fault in faults)
        self._send(group, channel, text, faults)

    def _tell_end(self, group: Group, last: Fault) -> None:
        for channel in group.plan.cleared:
            text = f"{last.outcome}: {group.name()}, at last {last.name} on {last.key}"
            self._send(group, channel, text, [last])

    def _send(self, group: Group, channel: str, text: str, faults: list[Fault]) -> None:
        now, rule = self._clock(), group.plan.head.name
        if _is_rehearsed(group, faults[0]):
            self._shadows.told(rule, channel, text, faults[0])
            return
        rows = [(self._ledger.new_id(), fault) for fault in faults]
        arguments = {"channel": channel, "text": text, "fault": faults[0].id}
        deed = Deed("notify", None, arguments, _TIMEOUT, f"notify {channel}")
        cause = Cause(rule, f"alert {group.name()}", faults[0].id)
        action = self._acting.begin(deed, cause, lambda ended: self._sent(rows, ended.outcome, ended.detail))
        for alert, fault in rows:
            self._ledger.record(
                "alert", alert, fault_id=fault.id, channel=channel, action_id=action, outcome="due", at=now, rule=rule
            )  # fmt: skip
            self._ledger.explain(
                fault.id, 1, f"alert {group.name()}: {channel} is notified (action {action})", now
            )

    def _sent(self, rows: list[tuple[int, Fault]], outcome: str, detail: str) -> None:
        for alert, _ in rows:
            said = "sent" if outcome == "succeeded" else "failed"
            self._ledger.record("alert", alert, outcome=said, reason=detail)


def _is_rehearsed(group: Group, fault: Fault) -> bool:
    return group.plan.head.shadow or isinstance(fault, ShadowFault)


def _key(plan: Alert, fault: Fault, bindings: Mapping[str, Any]) -> tuple[str, ...]:
    """By what faults are told together; without a `group by`, each by itself."""
    if not plan.group_by:
        return (f"{fault.name} on {fault.key}",)
    return tuple(written(walk(bindings.get(path[0]), path[1:])) for path in plan.group_by)


def _renamed_key(group: Group, names: Names) -> tuple[str, ...]:
    """The same when detections are called otherwise."""
    paths = [".".join(path) for path in group.plan.group_by]
    if not paths and len(group.faults) == 1:
        return tuple(f"{fault.name} on {fault.key}" for fault in group.faults.values())
    if len(paths) != len(group.key):
        return group.key  # of a former text, under which they were told together
    return tuple(names.bucket(path, part) for path, part in zip(paths, group.key, strict=True))


def _text(group: Group, faults: list[Fault]) -> str:
    first = faults[0]
    if len(faults) == 1:
        said = f"{first.severity}: {first.name} on {first.key}"
        return f"{said}: {first.message}" if first.message else said
    names = ", ".join(f"{fault.name} on {fault.key}" for fault in faults[:_NAMED])
    more = f" and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    return f"{first.severity}: {len(faults)} faults ({', '.join(group.key)}): {names}{more}"
