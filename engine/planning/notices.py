"""Telling people of faults: at once or after a while, if the fault is still open, and not for what a failed need explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl.program import Notice
from engine.alarms import Alarms
from engine.analysis.evaluate import evaluate
from engine.faults import Fault
from engine.ledger import Ledger
from engine.planning.acting import Acting, Cause, Deed
from engine.planning.needs import Needs, patience_of
from engine.planning.shadows.rows import ShadowFault, ShadowRows

_TIMEOUT = 60.0


class _Inhibited:
    """A notice that waits for a failed need; `released_at`: since when it is back."""

    __slots__ = ("fault", "notice", "released_at")

    def __init__(self, fault: Fault, notice: Notice) -> None:
        self.fault = fault
        self.notice = notice
        self.released_at: float | None = None


class Notices:
    """`would_cover` is `covered` with the windows in the shadow: what is in the shadow is held back by them too."""

    def __init__(
        self, needs: Needs, acting: Acting, alarms: Alarms, ledger: Ledger, shadows: ShadowRows,
        singles: Mapping[str, Any], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._shadows = shadows
        self._needs = needs
        self._acting = acting
        self._alarms = alarms
        self._ledger = ledger
        self._singles = singles
        self._clock = clock
        self.inhibited: dict[int, _Inhibited] = {}  # by the alert's id
        self.covered: Callable[[Fault], str | None] = lambda fault: None  # the maintenance that a fault is in
        self.would_cover: Callable[[Fault], str | None] = lambda fault: None

    def owe(self, fault: Fault, index: int) -> None:
        """A detection's notice of a fault just raised."""
        notice = fault.situation.watch.detection.notices[index]
        if notice.channel in fault.told:
            return
        if notice.after > 0:
            self._alarms.at(fault.raised_at + notice.after, lambda: self._due(fault, notice))
        else:
            self._due(fault, notice)

    def _due(self, fault: Fault, notice: Notice) -> None:
        if fault.outcome is not None or fault.acknowledged:
            return
        alert, now = self._ledger.new_id(), self._clock()
        rehearsed = _is_rehearsed(fault, notice)
        reason = self.inhibition(fault, rehearsed)
        if reason is None:
            self._send(alert, fault, notice)
            return
        self.inhibited[alert] = _Inhibited(fault, notice)
        if rehearsed:
            return
        self._ledger.record(
            "alert",
            alert,
            fault_id=fault.id,
            channel=notice.channel,
            outcome="inhibited",
            reason=reason,
            at=now,
            rule=fault.name,
        )
        self._ledger.explain(fault.id, 1, f"{notice.channel} is not notified: {reason}", now)

    def inhibition(self, fault: Fault, rehearsed: bool = False) -> str | None:
        """Why nobody is told of it now, in words; or why, in the shadow, nobody would be."""
        failed = self._needs.failed(fault)
        if failed is not None:
            return failed.told
        return self.would_cover(fault) if rehearsed else self.covered(fault)

    def look_around(self) -> None:
        """Notices that were inhibited and are so no longer are sent, those of closed faults are dropped."""
        for alert, waiting in list(self.inhibited.items()):
            if waiting.fault.outcome is not None:
                del self.inhibited[alert]
                self._withdraw(alert, waiting)
            elif self.inhibition(waiting.fault, _is_rehearsed(waiting.fault, waiting.notice)) is not None:
                waiting.released_at = None
            else:
                self._released(alert, waiting)

    def _withdraw(self, alert: int, waiting: _Inhibited) -> None:
        if not _is_rehearsed(waiting.fault, waiting.notice):
            reason = f"the fault was {waiting.fault.outcome}"
            self._ledger.record("alert", alert, outcome="withdrawn", reason=reason)

    def _released(self, alert: int, waiting: _Inhibited) -> None:
        """The need is back: what needs it may come back by itself, before anybody is told."""
        now = self._clock()
        if waiting.released_at is None:
            waiting.released_at = now
            self._alarms.at(now + patience_of(waiting.fault), self.look_around)
        elif now >= waiting.released_at + patience_of(waiting.fault):
            del self.inhibited[alert]
            self._send(alert, waiting.fault, waiting.notice)

    def _send(self, alert: int, fault: Fault, notice: Notice) -> None:
        now = self._clock()
        default = f"{fault.severity}: {fault.name} on {fault.key}"
        text = default if not fault.message else f"{default}: {fault.message}"
        if notice.text is not None:
            text = str(evaluate(notice.text, fault.bindings(self._singles), now))
        if _is_rehearsed(fault, notice):
            self._shadows.told(fault.name, notice.channel, text, fault)
            return
        arguments = {"channel": notice.channel, "text": text, "fault": fault.id}
        deed = Deed("notify", None, arguments, _TIMEOUT, f"notify {notice.channel}")
        cause = Cause(fault.name, f"fault {fault.name} on {fault.key} is open", fault.id)
        action = self._acting.begin(deed, cause, lambda ended: self._sent(alert, ended.outcome, ended.detail))
        self._ledger.record(
            "alert",
            alert,
            fault_id=fault.id,
            channel=notice.channel,
            action_id=action,
            outcome="due",
            at=now,
            rule=fault.name,
        )
        self._ledger.explain(fault.id, 1, f"{notice.channel} is notified (action {action})", now)

    def _sent(self, alert: int, outcome: str, detail: str) -> None:
        self._ledger.record(
            "alert", alert, outcome="sent" if outcome == "succeeded" else "failed", reason=detail
        )


def _is_rehearsed(fault: Fault, notice: Notice) -> bool:
    return notice.shadow or isinstance(fault, ShadowFault)
