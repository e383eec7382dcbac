"""An expression as people write it, for explanations: `sum(rate(http_requests.value over 5m)) > 5`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from math import isinf
from typing import Any

from dsl.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    During,
    Expression,
    Field,
    Foresight,
    Learned,
    ListOf,
    MapOf,
    Negative,
    Not,
    Occurrences,
    Or,
    Template,
    Window,
)
from engine.analysis.written import duration, written


def spoken(node: Expression) -> str:
    """The text. Units are lost in an expression: a size stands as its bytes, a percentage as its fraction."""
    return _WAYS[type(node)](node)


_SLOT = re.compile(r"[\w*]*\.?(#\d+)[<>]?")


def as_written(node: Expression, texts: Mapping[str, str]) -> str:
    """The same of an expression over slots: `texts` say what these stand for."""
    return _SLOT.sub(lambda found: texts.get(found[1], found[1]), spoken(node)).replace("*.", "")


def _constant(node: Constant) -> str:
    if isinstance(node.value, str):
        return json.dumps(node.value, ensure_ascii=False)
    if isinstance(node.value, float) and isinf(node.value):
        return "never"
    return written(list(node.value) if isinstance(node.value, tuple) else node.value)


def _field(node: Field) -> str:
    return ".".join(map(str, (node.subject, *node.path)))


def _inside(node: Expression) -> str:
    """In parentheses where it would read otherwise beside an operator."""
    text = spoken(node)
    return f"({text})" if isinstance(node, (And, Or, Compare, Arithmetic, Not)) else text


def _aggregate(node: Aggregate) -> str:
    members = node.members
    about = spoken(node.value) if node.value is not None and node.function != "all" else members.type
    if about == members.type and members.name != members.type:
        about += f" as {members.name}"
    where = "" if members.where is None else f" where {spoken(members.where)}"
    satisfy = f" satisfy {spoken(node.value)}" if node.function == "all" and node.value is not None else ""
    return f"{node.function.removesuffix('_of_histograms')}({about}{where}{satisfy})"


def _window(node: Window) -> str:
    over = f" over {duration(node.over)}" if node.over else ""
    ending = f" ending {duration(node.ending)} ago" if node.ending and node.over else ""
    part = f"{written(node.number)}, " if node.number is not None else ""
    past = f", {duration(node.ending)}" if node.function == "past" else ""
    function = node.function.removesuffix("_of_histogram")
    return f"{function}({part}{spoken(node.value)}{past}{over}{ending})"


def _occurrences(node: Occurrences) -> str:
    what = f"{node.kind} {node.type}".strip() + (f" of {node.of}" if node.of else "")
    about = what if node.value is None else spoken(node.value)
    where = "" if node.where is None else f" where {spoken(node.where)}"
    return f"{node.function}({about}{where} over {duration(node.over)})"


def _foresight(node: Foresight) -> str:
    about = spoken(node.value)
    if node.function == "time_until":
        about += f" {node.operator} {written(node.threshold)}"
    if node.function == "forecast":
        about += f" after {duration(node.after)}"
    return f"{node.function}({about} over {duration(node.over)})"


_WAYS: Mapping[type, Callable[[Any], str]] = {
    Constant: _constant,
    Field: _field,
    Call: lambda node: f"{node.function}({', '.join(map(spoken, node.arguments))})",
    Not: lambda node: f"not {_inside(node.operand)}",
    And: lambda node: " and ".join(map(_inside, node.operands)),
    Or: lambda node: " or ".join(map(_inside, node.operands)),
    Compare: lambda node: f"{_inside(node.left)} {node.operator} {_inside(node.right)}",
    Arithmetic: lambda node: f"{_inside(node.left)} {node.operator} {_inside(node.right)}",
    Negative: lambda node: f"-{_inside(node.operand)}",
    Template: lambda node: json.dumps(
        "".join(part if isinstance(part, str) else "{" + spoken(part) + "}" for part in node.parts),
        ensure_ascii=False,
    ),
    ListOf: lambda node: f"[{', '.join(map(spoken, node.elements))}]",
    MapOf: lambda node: "{" + ", ".join(f"{name}: {spoken(value)}" for name, value in node.members) + "}",
    Aggregate: _aggregate,
    Window: _window,
    Occurrences: _occurrences,
    Foresight: _foresight,
    During: lambda node: f"during({node.calendar})",
    Learned: lambda node: f"learned.{node.what}({node.step})",
}
