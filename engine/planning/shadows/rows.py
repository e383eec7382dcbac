"""Rows of what would have been done: `shadow_action`. Each says what, to what, and until when it would have stood; none is an intent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from engine.faults import Fault
from engine.knowledge.facts import Fact
from engine.ledger import Ledger, as_json
from engine.planning.acting import Deed
from engine.renaming import Names, write

HELD_BACK = "held_back"


class About(NamedTuple):
    """What a row is about: a subject, and the fault if there is one; one that is not real has a row of its own."""

    type: str | None = None
    key: str | None = None
    fault: int | None = None
    shadow: int | None = None


NOTHING_BOUND = About()


class ShadowFault(Fault):
    """One that a rule in the shadow would have raised: it is no fault to any rule, and its row is one of these."""


def about_fault(fault: Fault) -> About:
    if isinstance(fault, ShadowFault):
        return About(fault.type, fault.key, shadow=fault.id)
    return About(fault.type, fault.key, fault=fault.id)


def about_fact(fact: Fact | None) -> About:
    return NOTHING_BOUND if fact is None else About(fact.type, fact.key)


class ShadowRows:
    """Written with the ids of one counter, like everything that `why` explains.

    `former`: by rule, channel and fault, who would have been told in a former life of what goes on in this one.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], float]) -> None:
        self.former: set[tuple[str, str, int]] = set()
        self._ledger = ledger
        self._clock = clock

    def would(
        self, kind: str, rule: str, step: str, about: About, deeds: Iterable[Deed] = (), *,
        identity: int | None = None, stands: bool = False, **columns: Any,
    ) -> int:  # fmt: skip
        """What it would do now. One that `stands` is ended later, by `end`. Gives the id of its row."""
        identity = self._ledger.new_id() if identity is None else identity
        now, chosen = self._clock(), list(deeds)
        values = {
            "kind": kind, "rule": rule, "step": step, "fault_id": about.fault, "shadow_id": about.shadow,
            "subject_type": about.type, "subject": about.key, "at": now, "ended_at": None if stands else now,
            "would": said(chosen) or None, "actions": as_json([_as_data(deed) for deed in chosen]),
        }  # fmt: skip
        self._ledger.put("shadow_action", identity, {**values, **columns}, durable=False)
        on = f" on {about.key}" if about.key else ""
        what = f" would do: {said(chosen)}" if chosen else ""
        self._ledger.explain(identity, 0, f"in the shadow: {kind} {rule}{on}{what}", now)
        return identity

    def held_back(
        self, kind: str, rule: str, step: str, about: About, reason: str, **columns: Any
    ) -> int:  # fmt: skip
        """What it would have been kept from, and by what."""
        identity = self.would(kind, rule, step, about, outcome=HELD_BACK, reason=reason, **columns)
        self._ledger.explain(identity, 1, f"held back: {reason}", self._clock())
        return identity

    def end(self, identity: int, outcome: str, reason: str = "") -> None:
        now = self._clock()
        values = {"reason": reason} if reason else {}
        row = {"ended_at": now, "outcome": outcome, **values}
        self._ledger.put("shadow_action", identity, row, durable=False)
        self._ledger.explain(identity, 1, f"{outcome}: {reason}" if reason else outcome, now)

    def change(self, identity: int, **columns: Any) -> None:
        self._ledger.put("shadow_action", identity, columns, durable=False)

    def rename(self, identity: int, former: str, name: str) -> None:
        """The rule of one that stands is called otherwise."""
        write(self._ledger, "shadow_action", identity, "rule", former, name, self._clock())

    def rename_former(self, names: Names) -> None:
        """What was told of in a former life is told of by an alert, or by a detection itself."""
        self.former = {
            (names.of("alert", names.of("detection", rule)), channel, fault) for rule, channel, fault in self.former
        }  # fmt: skip

    def told(self, rule: str, channel: str, text: str, fault: Fault) -> None:
        """People would be told of a fault; what was written down so in a former life is not told again."""
        if (rule, channel, fault.id) in self.former:
            self.former.remove((rule, channel, fault.id))
            return
        arguments = {"channel": channel, "text": text, "fault": fault.id}
        deed = Deed("notify", None, arguments, 0.0, "")
        self.would("notice", rule, channel, about_fault(fault), [deed], message=text)
        self._ledger.explain(fault.id, 1, f"in the shadow: {channel} would be notified", self._clock())


def said(deeds: Iterable[Deed]) -> str:
    """What is done to what, in a line: `restart api, notify oncall`."""
    return ", ".join(_said(deed) for deed in deeds)


def _said(deed: Deed) -> str:
    if deed.inside is not None:
        return deed.text or deed.kind
    name = deed.arguments.get("channel") if deed.kind == "notify" else deed.target
    return f"{deed.kind} {name}" if name else deed.kind


def _as_data(deed: Deed) -> Mapping[str, Any]:
    return {"kind": deed.kind, "target": deed.target, "arguments": dict(deed.arguments)}
