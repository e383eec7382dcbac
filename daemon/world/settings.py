"""The settings of a check, a unit or a channel: expressions until they are needed, since a secret is read at its use."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.world.secrets import SecretFailure, secret
from dsl.expressions import Call, Constant, Expression, ListOf, MapOf
from engine.analysis.evaluate import evaluate

Settings = tuple[tuple[str, Expression], ...]


def settings_of(settings: Settings, bindings: Mapping[str, object], now: float) -> dict[str, object]:
    """Name to value, secrets among them. Raises SecretFailure."""
    return {name: _value(expression, bindings, now) for name, expression in settings}


def _value(expression: Expression, bindings: Mapping[str, object], now: float) -> object:
    if isinstance(expression, Constant):  # first: nearly all are, at every look
        return expression.value
    match expression:
        case Call("secret", arguments):
            return _read(arguments)
        case ListOf(elements):
            return [_value(element, bindings, now) for element in elements]
        case MapOf(members):
            return {name: _value(member, bindings, now) for name, member in members}
        case _:
            return evaluate(expression, bindings, now)


def _read(arguments: tuple[Expression, ...]) -> str:
    match arguments:
        case (Constant(str(reference)),):
            return secret(reference)
        case _:
            raise SecretFailure('a secret is named by one text: secret("env:NAME")')
