"""What is asked about the past of a value: it has to be a value of one fact, read from its fields alone."""

from __future__ import annotations

import msgspec

from dsl.expressions import (
    Aggregate,
    During,
    Expression,
    Field,
    Foresight,
    Learned,
    Occurrences,
    Window,
    nodes_of,
)
from dsl.resolve.calls.asked import Asked
from dsl.resolve.known import Thing
from dsl.resolve.typed import Typed
from dsl.syntax import Node

_OF_THEIR_OWN = (Aggregate, Window, Occurrences, Foresight, During, Learned)


class Past(msgspec.Struct, frozen=True):
    """A value with a past, and the bound variable whose fields it reads."""

    value: Typed
    subject: str


def past_of(asked: Asked, node: Node, typed: Typed | None) -> Past | None:
    """None when it was reported."""
    if typed is None:
        return None
    subjects = _subjects(typed.expression)
    if _reads_more(asked, node, typed.expression, subjects):
        return None
    (subject,) = subjects
    return Past(typed, subject) if _has_past(asked, node, subject) else None


def _subjects(expression: Expression) -> list[str]:
    read = (one.subject for one in nodes_of(expression) if isinstance(one, Field))
    return list(dict.fromkeys(read))


def _reads_more(asked: Asked, node: Node, expression: Expression, subjects: list[str]) -> bool:
    name = asked.form.name
    if any(isinstance(one, _OF_THEIR_OWN) for one in nodes_of(expression)):
        message = f"`{name}` looks at the samples of one fact, and this is no sample"
        help_ = "what is calculated over time or members has no past; give it the plain field"
    elif not subjects:
        message = f"`{name}` looks at the samples of one fact, and this reads none"
        help_ = f"write a field, as in `{asked.form.example}`"
    elif len(subjects) > 1:
        message = f"`{name}` looks at the samples of one fact, and this reads {' and '.join(subjects)}"
        help_ = f"call `{name}` once for each of them, and calculate with what comes of it"
    else:
        return False
    asked.site.report("V214", message, node, help=help_)
    return True


def _has_past(asked: Asked, node: Node, subject: str) -> bool:
    what = asked.scope.variables.get(subject)
    if isinstance(what, Thing) and what.type in asked.site.known.types:
        return True
    message = f"`{asked.form.name}` looks at the samples of a fact, and `{subject}` is none"
    asked.site.report("V214", message, node, help="only facts have a past that is kept")
    return False
