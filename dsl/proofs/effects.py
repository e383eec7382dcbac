"""What actions may change: which field of which thing, and to what, where that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from dsl.equality import EqualInMeaning
from dsl.expressions import Constant, Expression, Field, MapOf
from dsl.program import Action, AgentAction, Program

# What an action does without any fact being different for it.
_SILENT = frozenset({"notify", "log", "wait", "approve"})
_ON_AGENTS = frozenset({"restart", "start", "stop", "signal"})
_STEERING = frozenset({"pause", "resume", "cancel"})


class _Anything:
    def __repr__(self) -> str:
        return "ANYTHING"


ANYTHING = _Anything()  # the value after it is not known


class Effect(EqualInMeaning, frozen=True):
    """`verb` on the things of `type`: the one called `key`, the one that the rule binds as `own`, those of which `where` is true, or any.

    Afterwards their field `name` is `value`; ANYTHING: nobody knows.
    """

    beside: ClassVar = ("action",)

    verb: str
    type: str
    name: str
    action: Action
    key: str | None = None
    own: str = ""
    where: Expression | None = None
    value: object = ANYTHING

    @property
    def certain(self) -> bool:
        return self.value is not ANYTHING


class Done(msgspec.Struct, frozen=True):
    """What actions come to. `undeclared` are those that do not say what they affect: they may change anything."""

    effects: tuple[Effect, ...] = ()
    undeclared: tuple[Action, ...] = ()


class Actions:
    """Reads the actions of one program."""

    def __init__(self, program: Program) -> None:
        self._own: dict[str, dict[str, AgentAction]] = {}
        for agent in program.agents:
            for action in agent.actions:
                self._own.setdefault(action.name, {})[agent.name] = action
        self._automations = {rule.head.name for rule in program.automations}
        self._keys: Mapping[str, str] = {
            kind.name: kind.keys[0].name for kind in program.fact_types.values() if len(kind.keys) == 1
        }

    def done(self, actions: Iterable[Action]) -> Done:
        found = [self._one(action) for action in actions]
        return Done(
            tuple(effect for one in found for effect in one.effects),
            tuple(action for one in found for action in one.undeclared),
        )

    def _one(self, action: Action) -> Done:
        if action.kind in _SILENT:
            return Done()
        if action.kind == "set":
            return Done(tuple(self._set(action)))
        if action.kind == "run":
            return Done((self._run(action),))
        if action.kind in _ON_AGENTS or action.kind in _STEERING:
            return Done((self._on_target(action),))
        if action.kind in self._own and action.affects is None:
            return self._by_agent(action)
        if action.affects is None:
            return Done(undeclared=(action,))
        return Done(tuple(_declared(action, action.affects)))

    def _by_agent(self, action: Action) -> Done:
        """What an agent does for itself; of several that can do it, whatever any of them would change."""
        able = self._own[action.kind]
        name = _named(action)
        chosen = [able[name]] if name in able else [*able.values()]
        inner = [_declared(action, one.affects) if one.affects is not None else None for one in chosen]
        declared = [effect for effects in inner if effects is not None for effect in effects]
        rest = self.done(
            deed
            for one, effects in zip(chosen, inner, strict=True)
            if effects is None
            for deed in one.actions
        )
        return Done((*declared, *rest.effects), tuple(action for _ in rest.undeclared[:1]))

    def _on_target(self, action: Action) -> Effect:
        kind = action.target.kind if action.target is not None else "automation"
        verb, value = action.kind, ANYTHING
        what = {"pause": "paused", "resume": "paused", "cancel": "running"}.get(verb, "status")
        values: Mapping[str, object] = {"pause": True, "resume": False, "stop": "stopped"}
        effect = Effect(verb, kind, what, action, value=values.get(verb, value))
        return self._aimed(effect, action)

    def _aimed(self, effect: Effect, action: Action) -> Effect:
        selector = action.target
        if selector is None:
            return effect
        if selector.name is not None:
            return self._called(effect, selector.name)
        if selector.where is not None:
            return replace(effect, where=selector.where)
        if effect.verb == "resume":
            return replace(effect, verb="resume own")  # what this rule paused itself
        if action.several is not None:
            return effect  # each of them
        return replace(effect, own=selector.kind)

    def _called(self, effect: Effect, name: Expression) -> Effect:
        if isinstance(name, Constant) and isinstance(name.value, str):
            return replace(effect, key=name.value)
        if isinstance(name, Field) and name.path == (self._keys.get(effect.type),):
            return replace(effect, own=name.subject)
        return effect

    def _run(self, action: Action) -> Effect:
        given = dict(action.arguments)
        name = given.get("name")
        called = str(name.value) if isinstance(name, Constant) else None
        kind = "automation" if called in self._automations else "workflow"
        return Effect("run", kind, "running", action, key=called)

    def _set(self, action: Action) -> Iterator[Effect]:
        given = dict(action.arguments)
        kind, key, values = given.get("type"), given.get("key"), given.get("values")
        if not isinstance(kind, Constant):
            return
        members = _members(values)
        for name, value in members:
            known = value.value if isinstance(value, Constant) else ANYTHING
            effect = Effect("set", str(kind.value), name, action, value=known)
            yield effect if key is None else self._called(effect, key)


def _members(values: Expression | None) -> tuple[tuple[str, Expression], ...]:
    return values.members if isinstance(values, MapOf) else ()


def _named(action: Action) -> str | None:
    name = action.target.name if action.target is not None else None
    return name.value if isinstance(name, Constant) and isinstance(name.value, str) else None


def _declared(action: Action, affects: tuple[str, ...]) -> Iterator[Effect]:
    for path in affects:
        kind, _, name = path.partition(".")
        yield Effect("change", kind, name, action)
