"""Lints after a change: rules that mean what they meant, and of which nothing was found, are not looked at again.

What a lint finds of a rule by itself follows from the rule, from what it names (then it is resolved anew with that), and from what is no
rule (then all are). A lint that compares rules says which part of a rule it sees, or among which rules it looks for one that is alike: if
it found nothing, and sees the same as then, it finds nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from dsl.diagnostics import Finding
from dsl.program import Program
from dsl.resolve.remembered import RULES, Key, Remembered
from dsl.resolve.whole import Resolved

if TYPE_CHECKING:
    from dsl.checks.lint import Lint
    from dsl.memory import Memory

_NAMING = {"detection": "detections", "workflow": "workflows"}
_PARTS = {
    **_NAMING,
    "recovery": "recoveries",
    "automation": "automations",
    "orchestration": "orchestrations",
}


class Judged(msgspec.Struct):
    """What is left of the last check that could read everything; `surroundings` is what else the lints go by.

    `waiting` are rules to be looked at again: something was found in them, or nobody could look. `before` is what rules meant then whose
    names were changed since, `loose` those that are resolved anew each time. `silent` are lints that found nothing; `alike` counts, for a
    lint, the rules that it holds against each other.
    """

    surroundings: tuple[object, ...]
    waiting: set[Key] = msgspec.field(default_factory=set)
    before: dict[Key, Any] = msgspec.field(default_factory=dict)
    loose: dict[Key, Any] = msgspec.field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    alike: dict[str, Counter[int]] = msgspec.field(default_factory=dict)


class Part(msgspec.Struct, frozen=True):
    """What has to be looked at after a change: `resolved` holds the rules `keys` alone, with what they name and all that is no rule."""

    resolved: Resolved
    keys: frozenset[Key]
    judged: Judged
    rules: Remembered

    def concerns(self, name: str, lint: Lint) -> bool:
        """Whether a lint over the whole set may have something to say now."""
        if name not in self.judged.silent or (lint.sees is None and lint.key is None):
            return True
        changes = [(former, self.rules.value(key)) for key, former in self.judged.before.items()]
        if lint.sees is not None and any(_differs(lint, former, now) for former, now in changes):
            return True
        return lint.key is not None and self._meets(name, lint, changes)

    def _meets(self, name: str, lint: Lint, changes: Sequence[tuple[Any, Any]]) -> bool:
        alike = self.judged.alike.get(name)
        if alike is None:
            return True
        moved = Counter({value: alike[value] for pair in changes for value in _keys(lint, pair)})
        moved.subtract(value for former, _ in changes for value in _keys(lint, (former,)))
        moved.update(value for _, now in changes for value in _keys(lint, (now,)))
        return any(count > 1 for count in moved.values())


def _differs(lint: Lint, former: Any, now: Any) -> bool:
    assert lint.sees is not None
    if former is None or now is None:
        return former is not now
    return former is not now and lint.sees(former) != lint.sees(now)


def _keys(lint: Lint, rules: Iterable[Any]) -> Iterator[int]:
    assert lint.key is not None
    keys = (lint.key(rule) for rule in rules if rule is not None)
    return (hash(key) for key in keys if key is not None)


def since(resolved: Resolved, memory: Memory) -> Part | None:
    """What was changed; None where everything has to be looked at."""
    rules, judged = resolved.rules, memory.judged
    surroundings = _surroundings(resolved)
    if rules is None or rules.change is None or judged is None or judged.surroundings != surroundings:
        memory.judged = Judged(surroundings)
        return None
    for key, former in (*judged.loose.items(), *rules.change.before.items()):
        judged.before.setdefault(key, former)
    changed = [
        (kind, name) for kind in RULES for name in rules.change.names if name in resolved.known.of(kind)
    ]
    for key in changed:
        judged.before.setdefault(key, None)
    there = (*judged.waiting, *rules.anew, *changed)
    keys = frozenset(key for key in there if key[1] in resolved.known.of(key[0]))
    return Part(_only(resolved, rules, keys), keys, judged, rules)


def _surroundings(resolved: Resolved) -> tuple[object, ...]:
    program = resolved.program
    kinds = frozenset(kind for kind, of_kind in resolved.known.declared.items() if of_kind)
    return resolved.capacity, kinds, program.adaptations, program.maintenances, program.alerts, program.tests


def _only(resolved: Resolved, rules: Remembered, keys: frozenset[Key]) -> Resolved:
    """A rule set of these rules, and of what they name."""
    values: dict[str, dict[str, Any]] = {kind: {} for kind in _PARTS}
    for kind, name in keys:
        if kind in values:
            values[kind][name] = rules.value((kind, name))
    for rule in [*values["recovery"].values()]:
        for name in rule.detections if rule is not None else ():
            values["detection"].setdefault(name, rules.value(("detection", name)))
    for rule in [*values["automation"].values()]:
        if rule is not None and rule.workflow is not None:
            values["workflow"].setdefault(rule.workflow, rules.value(("workflow", rule.workflow)))
    parts: dict[str, Any] = {
        _PARTS[kind]: tuple(one for one in found.values() if one is not None)
        for kind, found in values.items()
    }
    program: Program = replace(resolved.program, **parts)
    declared = [resolved.known.of(kind)[name] for kind, name in keys]
    ground = [
        one for kind, found in resolved.known.declared.items() if kind not in RULES for one in found.values()
    ]
    return replace(resolved, program=program, looked_at=(*declared, *ground))


def judge(
    resolved: Resolved, memory: Memory, part: Part | None, alone: Sequence[Finding], silent: Iterable[str],
    comparing: Iterable[tuple[str, Lint]],
) -> None:  # fmt: skip
    """Notes what was found: of rules by themselves, and which lints over the whole set found nothing."""
    judged, rules = memory.judged, resolved.rules
    assert judged is not None
    looked = (
        part.keys
        if part is not None
        else {(kind, name) for kind in RULES for name in resolved.known.of(kind)}
    )
    if not resolved.complete or rules is None:
        judged.waiting = set(looked)
        return
    judged.waiting = set(_found_in(resolved, looked, alone))
    if part is not None:
        for name, lint in comparing:
            _count(judged, name, lint, resolved.program, rules)
    judged.before.clear()
    judged.loose = {
        key: value
        for key, value in rules.anew.items()
        if (one := resolved.known.of(key[0]).get(key[1])) is not None and id(one) not in rules.entries
    }
    judged.silent = frozenset(silent)


def _count(judged: Judged, name: str, lint: Lint, program: Program, rules: Remembered) -> None:
    alike = judged.alike.get(name)
    if alike is None:
        every = (*program.detections, *program.recoveries, *program.orchestrations)
        judged.alike[name] = Counter(_keys(lint, every))
        return
    for key, former in judged.before.items():
        for value in _keys(lint, (former,)):
            alike[value] -= 1
            if not alike[value]:
                del alike[value]
        alike.update(_keys(lint, (rules.value(key),)))


def _found_in(resolved: Resolved, keys: Iterable[Key], findings: Sequence[Finding]) -> Iterator[Key]:
    """The rules in whose lines something was found."""
    lines: dict[str, set[int]] = defaultdict(set)
    for finding in findings:
        lines[finding.span.file].add(finding.span.line)
    for key in keys if lines else ():
        block = resolved.known.of(key[0])[key[1]].block
        last = block.line + block.text.count("\n")
        if any(block.line <= line <= last for line in lines.get(block.source, ())):
            yield key
