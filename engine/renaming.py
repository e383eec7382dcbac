"""`was OLD_NAME`: what stands under the former name of a rule goes on under its new one, over a reload and over a restart.

All that is under way is carried over to the new names first, under the rules that were in force. What follows is then a change of the
rules, or a restart, like any other: faults, budgets and cooldowns find their rule, holds find a condition that means the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from dsl.expressions import Constant, Field
from dsl.parts import Action, Binding, Limit, Moment, RuleHead, Selector
from dsl.program import Program, Recovery
from engine.ledger import Ledger

T = TypeVar("T")

MOST = 1_000  # former names of one kind that are remembered
WORK = ("automation", "workflow")  # rules that are facts as well

# The rules that may say it, by kind.
_RULES = {
    "detection": "detections", "recovery": "recoveries", "alert": "alerts", "workflow": "workflows",
    "automation": "automations", "orchestration": "orchestrations", "adaptation": "adaptations",
    "maintenance": "maintenances", "derive": "derives",
}  # fmt: skip


class Names(msgspec.Struct, frozen=True):
    """By kind of rule: former name to new name."""

    kinds: Mapping[str, Mapping[str, str]] = {}

    def then(self, later: Names) -> Names:
        """These, and what became of it later."""
        kinds = {}
        for kind in {**self.kinds, **later.kinds}:
            found = {former: later.of(kind, name) for former, name in self.kinds.get(kind, {}).items()}
            found = {**found, **later.kinds.get(kind, {})}
            kinds[kind] = dict(list(found.items())[-MOST:])
        return Names(kinds)

    def without(self, program: Program) -> Names:
        """Less those that somebody else is called now."""
        kinds = {}
        for kind, found in self.kinds.items():
            there = {rule.head.name for rule in getattr(program, _RULES[kind])}
            left = {former: name for former, name in found.items() if former not in there}
            kinds.update({kind: left} if left else {})
        return Names(kinds)

    def backwards(self) -> Names:
        return Names({kind: {new: old for old, new in found.items()} for kind, found in self.kinds.items()})

    def of(self, kind: str, name: str) -> str:
        """What a rule of that kind is called now."""
        return self.kinds.get(kind, {}).get(name, name)

    def within(self, text: str, bare: str = "") -> str:
        """The same where the kind stands before the name (`orchestration calm on api`); a name alone is one of kind `bare`."""
        kind, gap, rest = text.partition(" ")
        if not gap:
            return self.of(bare, text)
        name, gap, more = rest.partition(" ")
        return f"{kind} {self.of(kind, name)}{gap}{more}"

    def type(self, kind: str) -> str:
        """A type of facts: what is derived is one."""
        return self.of("derive", kind)

    def variable(self, path: str) -> str:
        """A variable, or a path that begins with one: what is bound without a name of its own is called like its type."""
        variable, gap, rest = path.partition(".")
        return f"{self.type(variable)}{gap}{rest}"

    def about(self, plan: T) -> T:
        """The text of a rule about facts of types that are called otherwise."""
        found: T = _about_types(plan, self) if "derive" in self.kinds else plan
        return found

    def bucket(self, scope: str, bucket: str) -> str:
        """What attempts are counted by: `by fault.name`, `by automation`."""
        return self.of("detection" if scope == "fault.name" else scope, bucket)

    def buckets(self, buckets: Mapping[str, str]) -> dict[str, str]:
        return {self.variable(scope): self.bucket(scope, bucket) for scope, bucket in buckets.items()}

    def subject(self, kind: str, key: str) -> str:
        """The key of a fact: automations and workflows are facts, too."""
        return self.of(kind, key) if kind in WORK else key

    def rule(self, kind: str, plan: T) -> T:
        """A rule under its new name, otherwise as it was."""
        head: RuleHead = plan.head  # type: ignore[attr-defined]
        name = self.of(kind, head.name)
        if name == head.name:
            return plan
        renamed: Any = plan
        return replace(renamed, head=replace(head, name=name))  # type: ignore[no-any-return]

    def text(self, kind: str, plan: T) -> T:
        """The text of what is under way: the rule under its new name, and the rules that it names under theirs."""
        found: T = _referring(self.rule(kind, plan), self)
        return found

    def actions(self, actions: list[Action]) -> list[Action]:
        return [_referring(action, self) for action in actions]

    def rules(self, kind: str, plans: Mapping[str, T]) -> dict[str, T]:
        """Rules by their names."""
        return {self.of(kind, name): self.about(self.rule(kind, plan)) for name, plan in plans.items()}

    def lesson(self, name: str, kind: str = "workflow") -> str:
        """`WORKFLOW/STEP` or `RECOVERY/STEP`, under which something is learned of a step."""
        rule, gap, step = name.partition("/")
        return f"{self.of(kind, rule)}{gap}{step}"


NOBODY = Names()


def between(former: Program, program: Program) -> Names:
    """What is called otherwise in a new program. A rule that stands under its new name already is that one, and nothing is carried."""
    return _names(
        (kind, rule.head)
        for kind, rules in _RULES.items()
        for known in [{rule.head.name for rule in getattr(former, rules)}]
        for rule in getattr(program, rules)
        if rule.head.was in known and rule.head.name not in known
    )


def of_program(program: Program) -> Names:
    """All that is called otherwise than it was in a former life."""
    rules = ((kind, rule.head) for kind, name in _RULES.items() for rule in getattr(program, name))
    return _names((kind, head) for kind, head in rules if head.was)


def _names(heads: Iterator[tuple[str, RuleHead]]) -> Names:
    kinds: dict[str, dict[str, str]] = {}
    for kind, head in heads:
        kinds.setdefault(kind, {})[head.was] = head.name
    return Names(kinds)


def _referring(node: Any, names: Names) -> Any:
    """A part of a text, in which rules are called what they are called now; itself where that is nothing else."""
    if isinstance(node, tuple):
        parts = tuple(_referring(one, names) for one in node)
        return parts if any(new is not old for new, old in zip(parts, node, strict=True)) else node
    if not isinstance(node, msgspec.Struct):
        return node
    former = {name: getattr(node, name) for name in node.__struct_fields__}
    parts_by_name = {name: _referring(value, names) for name, value in former.items()}
    found = {**parts_by_name, **_named_in(node, names)}
    changes = {name: value for name, value in found.items() if value is not former[name]}
    return replace(node, **changes) if changes else node


def _about_types(node: Any, names: Names) -> Any:
    """A part of a text about facts, whose types have their new names."""
    if isinstance(node, tuple):
        parts = tuple(_about_types(one, names) for one in node)
        return parts if any(new is not old for new, old in zip(parts, node, strict=True)) else node
    if isinstance(node, Field):
        return replace(node, subject=names.type(node.subject))
    if not isinstance(node, msgspec.Struct):
        return node
    found = {name: _about_types(getattr(node, name), names) for name in node.__struct_fields__}
    if isinstance(node, Limit) and node.scope is not None:
        found["scope"] = (names.type(node.scope[0]), *node.scope[1:])
    if isinstance(node, Binding):
        found |= {"type": names.type(node.type), "name": names.type(node.name)}
    changes = {name: value for name, value in found.items() if value is not getattr(node, name)}
    return replace(node, **changes) if changes else node


def _named_in(node: msgspec.Struct, names: Names) -> dict[str, Any]:
    """The fields of a part that name rules, by their new names."""
    match node:
        case Recovery():
            detections = _all_of("detection", node.detections, names)
            return {"detections": detections, "exhausted": _all_of("recovery", node.exhausted, names)}
        case Moment(kind="fault"):
            return {"names": _all_of("detection", node.names, names)}
        case Moment(kind="exhausted"):
            return {"names": _all_of("recovery", node.names, names)}
        case Selector(name=Constant(str(name))):
            renamed = names.of(node.kind, name) if node.kind in WORK else name
            return {"name": node.name if renamed == name else Constant(renamed)}
        case Action(kind="run"):
            return {"arguments": tuple(_run_of(argument, names) for argument in node.arguments)}
    return {}


def _all_of(kind: str, former: tuple[str, ...], names: Names) -> tuple[str, ...]:
    found = tuple(names.of(kind, name) for name in former)
    return former if found == former else found


def _run_of(argument: tuple[str, Any], names: Names) -> tuple[str, Any]:
    """What is run: an automation, or a workflow."""
    match argument:
        case ("name", Constant(str(name))):
            return "name", Constant(names.of("automation", names.of("workflow", name)))
    return argument


def write(ledger: Ledger, table: str, identity: int, column: str, former: str, name: str, at: float) -> None:
    """The row of what is under way carries the new name from now on; rows of what is over are history, and stay."""
    if former != name:
        ledger.put(table, identity, {column: name}, durable=False)
        ledger.explain(identity, 1, f"`{former}` is called `{name}` from now on", at)
