"""What a change of the rules, or a restart, left of what was under way: how much of it goes on, what does not, and why.

Only looks: what stands is listed before and after, and what is no longer there is told with the reason, by what changed in its rule.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from dsl.expressions import Window
from engine.analysis.situations import OPEN, PENDING
from engine.analysis.watch import Watch
from engine.analysis.written import duration
from engine.derived.plan import Followed
from engine.planning.budgets import scope_name
from engine.planning.occasion import budget_of

if TYPE_CHECKING:
    from engine.engine import Engine

GONE, OFF = "the rule is gone", "the rule is off now"
ANOTHER_CONDITION = "its condition means something else now"
ANOTHER_SUBJECT = "it is about other subjects now"
_WHY = {
    "windows": "nothing asks for it any more",
    "events in windows": "nothing asks for it any more",
    "groups": "nothing is grouped so any more",
    "joins": "nothing is joined so any more",
    "derived facts": "it is derived from something else now",
    "sequences": "it waits for other events now",
    "budgets": "it counts by something else now",
    "cooldowns": "its cooldown is another",
    "schedules": "its schedule is another",
    "maintenance": "its schedule or its length is another",
    "alerts": "it does not tell of them any more",
    "learned values": "its step does something else now",
    "pauses": "it holds nothing any more",
}


class Reset(msgspec.Struct, frozen=True):
    """`count` things of a kind that do not go on. `rule` is the rule whose they are, `about` what tells them apart where it has several."""

    what: str
    rule: str
    count: int
    why: str
    about: str = ""

    def said(self) -> str:
        whose = " of ".join(part for part in (self.about, self.rule) if part)
        return f"{self.what}{f' of {whose}' if whose else ''} ({self.count}): {self.why}"


class Carried(msgspec.Struct, frozen=True):
    """By kind how many things go on, and everything that does not."""

    kept: Mapping[str, int] = {}
    resets: tuple[Reset, ...] = ()

    def reset(self, what: str) -> int:
        return sum(one.count for one in self.resets if one.what == what)

    def beside(self, other: Carried) -> Carried:
        """Both together."""
        kept = {
            what: self.kept.get(what, 0) + other.kept.get(what, 0) for what in {**self.kept, **other.kept}
        }
        return Carried(kept, self.resets + other.resets)

    def said(self) -> str:
        """In a sentence; empty where there was nothing."""
        kept = ", ".join(f"{what} {count}" for what, count in self.kept.items() if count)
        lost: dict[str, int] = {}
        for one in self.resets:
            lost[one.what] = lost.get(one.what, 0) + one.count
        reset = ", ".join(f"{what} {count}" for what, count in lost.items())
        return "; ".join(part for part in (kept and f"kept: {kept}", reset and f"reset: {reset}") if part)


class Standing(NamedTuple):
    """Something that is under way: of which kind and rule, how much of it, and by what it is found again."""

    what: str
    rule: str
    thing: Hashable
    many: int = 1
    about: str = ""


class Inventory(NamedTuple):
    """All that is under way under one program."""

    standing: tuple[Standing, ...]
    watches: Mapping[str, Watch]
    followed: Mapping[str, Followed]  # windows by their slots


def inventory(engine: Engine) -> Inventory:
    watches = {watch.name: watch for watch in engine.situations.watches}
    return Inventory(tuple(_all(engine, watches)), watches, engine.derivation.plan.followed)


def carried(before: Inventory, engine: Engine) -> Carried:
    """What of it is still under way."""
    after = inventory(engine)
    things = {(one.what, one.thing) for one in after.standing}
    kept: dict[str, int] = {}
    resets: dict[tuple[str, str, str], Reset] = {}
    for one in before.standing:
        if (one.what, one.thing) in things:
            kept[one.what] = kept.get(one.what, 0) + one.many
            continue
        why = _why(one, before, after, engine)
        former = resets.get((one.what, one.rule, one.about))
        count = one.many + (former.count if former else 0)
        resets[one.what, one.rule, one.about] = Reset(one.what, one.rule, count, why, one.about)
    return Carried(kept, tuple(resets.values()))


# --- what is under way ------------------------------------------------------------------------------------------------


def _all(engine: Engine, watches: Mapping[str, Watch]) -> Iterator[Standing]:
    yield from _situations(engine)
    for fault in engine.faults.open.values():
        yield Standing("faults", fault.name, fault.id)
    for what, thing, count, about in engine.derivation.standing():
        slot = thing[0] if isinstance(thing, tuple) else thing
        yield Standing(what, _readers_of(slot, watches), thing, count, about)
    yield from _of_recoveries(engine)
    yield from _of_work(engine)


def _situations(engine: Engine) -> Iterator[Standing]:
    for situation in engine.situations.all():
        watch = situation.watch
        if situation.phase == PENDING and watch.hold > 0:
            yield Standing("holds", watch.name, situation)
        elif situation.phase == OPEN and watch.of_state:
            yield Standing("states", watch.name, situation)


def _of_recoveries(engine: Engine) -> Iterator[Standing]:
    for run in engine.recoveries.runs.values():
        yield Standing("recoveries", run.plan.head.name, run.id)
    yield from _budgets(engine)
    for name, subject in engine.budgets.paced():
        plan = engine.recoveries.plans.get(name)
        ready = engine.budgets.cooled_at(name, subject, plan.cooldown) if plan is not None else None
        if ready is not None and ready > engine.now:
            yield Standing("cooldowns", name, (name, subject, ready))


def _budgets(engine: Engine) -> Iterator[Standing]:
    """Attempts that count. Those of rules that are gone wait for a rule of that name."""
    spent = list(engine.budgets.spent())
    if not spent:
        return
    scopes = {name: _scopes(plan) for name, plan in engine.recoveries.plans.items()}
    scopes |= {budget_of(plan): _scopes(plan) for plan in engine.work.orchestrations.plans.values()}
    for (rule, scope, bucket), count in spent:
        if scope in scopes.get(rule, (scope,)):
            yield Standing("budgets", rule, (rule, scope, bucket), count, f"limit by {scope}")


def _scopes(plan: Any) -> frozenset[str]:
    return frozenset(scope_name(limit) for limit in plan.limits)


def _of_work(engine: Engine) -> Iterator[Standing]:
    work = engine.work
    for workflow_run in work.runs.under_way.values():
        yield Standing("workflow runs", workflow_run.plan.head.name, workflow_run.id)
    for known in work.automations.known.values():
        for run in known.live:
            yield Standing("automation runs", known.name, run.id)
        if known.next_at is not None:
            yield Standing("schedules", known.name, (known.name, known.plan.schedule))
    for moments in (work.moments, work.adaptive, engine.raising):
        for what, rule, thing, count in moments.standing():
            yield Standing(what, rule, thing, count)
    for rule, thing in work.adapting.standing():
        yield Standing("holds", rule, thing)
    for window in work.windows.open:
        yield Standing("maintenance", window.plan.head.name, window.id)
    for name, lesson in work.learned.lessons.items():
        yield Standing("learned values", name, name, lesson.runs and 1)
    for step in sorted(engine.orders.keys()):
        record = engine.orders.healing.records.get(step)
        if record is not None:
            yield Standing("learned values", f"{step[0]}/{record.step}", step)
    for (kind, name), holders in work.pauses.holders.items():
        for holder in holders:
            yield Standing("pauses", holder, (kind, name, holder), 1, f"{kind} {name}")
    for rule, key in engine.alerts.standing():
        yield Standing("alerts", rule, (rule, key))


def _readers_of(slot: object, watches: Mapping[str, Watch]) -> str:
    """The rules of which the conditions read a slot."""
    if not isinstance(slot, str) or not slot.startswith("#"):
        return ""
    return ", ".join(name for name, watch in watches.items() if _reads(watch, slot))


def _reads(watch: Watch, slot: str) -> bool:
    return any(
        slot in (subject.rstrip("<>"), *(str(part).rstrip("<>") for part in path))
        for subject, path in watch.form.reads
    )


# --- why something does not go on -------------------------------------------------------------------------------------


def _why(one: Standing, before: Inventory, after: Inventory, engine: Engine) -> str:
    old, new = before.watches.get(one.rule), after.watches.get(one.rule)
    if (old is not None and new is None) or _is_gone(one, engine):
        return OFF if one.rule in _off(engine) else GONE
    former = before.followed.get(str(one.thing)) if one.what == "windows" else None
    if former is not None:
        return _of_window(engine, former, before)
    if one.what == "holds":
        return _of_hold(old, new)
    if old is not None and new is not None and old.type != new.type:
        return ANOTHER_SUBJECT
    return _WHY.get(one.what, ANOTHER_CONDITION)


def _is_gone(one: Standing, engine: Engine) -> bool:
    """Whether a rule of that name was in force and is no more; what has no rule of its own is not."""
    if one.what in ("windows", "events in windows", "groups", "joins", "learned values", "pauses"):
        return False
    name = one.rule.removeprefix("orchestration ")
    return bool(name) and name not in _in_force(engine)


def _rules(engine: Engine) -> Iterator[Any]:
    program = engine.program
    for kind in (
        program.detections, program.recoveries, program.orchestrations, program.adaptations, program.automations,
        program.workflows, program.maintenances, program.alerts, program.derives,
    ):  # fmt: skip
        yield from kind


def _in_force(engine: Engine) -> set[str]:
    return {rule.head.name for rule in _rules(engine) if not rule.head.off}


def _off(engine: Engine) -> set[str]:
    return {rule.head.name for rule in _rules(engine) if rule.head.off}


def _of_hold(old: Watch | None, new: Watch | None) -> str:
    if old is None or new is None:
        return ANOTHER_CONDITION
    if old.type != new.type or old.rule.binding != new.rule.binding:
        return ANOTHER_SUBJECT
    if old.hold != new.hold:
        return f"it must hold for {duration(new.hold)} now, and not for {duration(old.hold)}"
    if old.rule.unless != new.rule.unless:
        return "its `unless` means something else now"
    if old.meaning() == new.meaning():
        return "its condition is not true any more"
    return ANOTHER_CONDITION


def _of_window(engine: Engine, former: Followed, before: Inventory) -> str:
    """A value of which other windows are asked now keeps its samples, as far as they reach back."""
    texts = engine.derivation.plan.texts
    slots = engine.derivation.windows_beside(former)
    others = [texts.get(slot, slot) for slot in slots if slot not in before.followed]
    if not others:
        return _WHY["windows"]
    alike = [
        one
        for one in before.followed.values()
        if (one.type, one.node.value) == (former.type, former.node.value)
    ]
    reach = max(one.node.over + (one.node.ending if isinstance(one.node, Window) else 0.0) for one in alike)
    return (
        f"asked for now is {', '.join(others)}: it begins with what was sampled in the last {duration(reach)}"
    )
