"""Predicates as Python code. Conditions of one shape share one function, which is made when the first of them is tested.

It is called as `code(subject, singles, now, constants)`: the fields of the fact it is about, the other bindings by name, the instant,
and what was lifted out of the condition. It answers True, False or None (unknown). It may raise TypeError, ValueError or
ArithmeticError on values of the wrong type; `Predicate.test` then asks the slow evaluator, which settles such things operator by
operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from dsl import operators
from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    Negative,
    Not,
    Or,
    nodes_of,
)
from engine.analysis.evaluate import evaluate
from engine.analysis.shape import Shape, shape_of
from engine.functions import BY_NAME

Code = Callable[[Mapping[str, Any], Mapping[str, Any], float, tuple[Any, ...]], Any]
WRONG_VALUES = (TypeError, ValueError, ArithmeticError)
_DEEPEST = 40  # Python refuses code that is nested deeper than 100 blocks
_compiled: dict[
    str, CodeType
] = {}  # shapes that differ in their fields only have one text; pure, so one for the process


class Predicate:
    """A compiled expression about one subject."""

    __slots__ = ("constants", "expression", "shape", "subject")

    def __init__(self, expression: Expression, subject: str) -> None:
        self.expression = expression
        self.subject = subject
        self.shape, self.constants = shape_of(expression, subject, _compiled_later)

    @property
    def nodes(self) -> list[Expression]:
        return nodes_of(self.expression)

    @property
    def fields(self) -> list[Field]:
        return self.shape.fields

    def test(self, subject: Mapping[str, Any], singles: Mapping[str, Any], now: float) -> Any:
        try:
            return self.shape.code(subject, singles, now, self.constants)
        except WRONG_VALUES:
            return evaluate(self.expression, {**singles, self.subject: subject}, now)


def _compiled_later(shape: Shape) -> Code:
    """Code that puts the real one in its place when it is called first."""

    def first(
        subject: Mapping[str, Any], singles: Mapping[str, Any], now: float, constants: tuple[Any, ...]
    ) -> Any:
        shape.code = _compile(shape)
        return shape.code(subject, singles, now, constants)

    return first


def _compile(shape: Shape) -> Code:
    writer = _Writer(shape.subject)
    try:
        result = writer.write(shape.example)
    except _TooDeepError:
        return _not_compiled
    text = "\n".join(["def code(s, b, now, c):", *writer.lines, f"    return {result}"])
    if text not in _compiled:
        _compiled[text] = compile(
            text, "<condition>", "exec"
        )  # text made of our own words and numbered slots
    namespace: dict[str, Any] = {**_NAMES, "k": tuple(writer.kept)}
    exec(_compiled[text], namespace)
    code: Code = namespace["code"]
    return code


def _not_compiled(*called: object) -> Any:
    """Of what is nested too deeply; the slow evaluator is asked instead."""
    raise ValueError


class _TooDeepError(Exception):
    pass


class _Writer:
    """Writes statements for an expression, each value into a name of its own.

    What comes from a rule's text is never written into the code but into numbered slots: `c` are the constants of a condition, `k` is what
    all conditions of the shape have in common (fields, closed sets, functions).
    """

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.lines: list[str] = []
        self.kept: list[Any] = []
        self._constants = 0
        self._depth = 1
        self._count = 0

    def write(self, node: Expression) -> str:
        match node:
            case Constant():
                return self._lifted()
            case Field():
                return self._name(self._field(node))
            case And() | Or():
                return self._junction(node.operands, isinstance(node, Or))
            case Not():
                return self._name(f"opposite({self.write(node.operand)})")
            case Compare():
                return self._name(self._compare(node))
            case Arithmetic():
                left, right = self.write(node.left), self.write(node.right)
                return self._name(f"calculated({node.operator!r}, {left}, {right})")
            case Negative():
                return self._name(f"negated({self.write(node.operand)})")
            case Call():
                return self._name(self._call(node))
        slot = self._lifted()  # texts, lists and maps are rare in conditions
        return self._name(f"evaluate({slot}, {{**b, {self._slot(self.subject)}: s}}, now)")

    def _lifted(self) -> str:
        self._constants += 1
        return f"c[{self._constants - 1}]"

    def _slot(self, value: object) -> str:
        self.kept.append(value)
        return f"k[{len(self.kept) - 1}]"

    def _name(self, text: str) -> str:
        self._count += 1
        name = f"t{self._count}"
        self._line(f"{name} = {text}")
        return name

    def _line(self, text: str) -> None:
        self.lines.append("    " * self._depth + text)

    def _field(self, node: Field) -> str:
        if node.subject != self.subject:
            return f"walk(b.get({self._slot(node.subject)}), {self._slot(node.path)})"
        if len(node.path) == 1:
            return f"s.get({self._slot(node.path[0])})"
        return f"walk(s, {self._slot(node.path)})"

    def _junction(self, operands: tuple[Expression, ...], is_or: bool) -> str:
        """Kleene's and, or: the deciding value ends it, unknown is remembered, and the rest is not looked at."""
        deciding, other = ("True", "False") if is_or else ("False", "True")
        result = self._name(other)
        entered = self._depth
        for operand in operands:
            value = self.write(operand)
            self._line(f"if {value} is {deciding}: {result} = {deciding}")
            self._line("else:")
            self._depth += 1
            if self._depth > _DEEPEST:
                raise _TooDeepError
            self._line(f"if {value} is not {other}: {result} = None")
        self._depth = entered
        return result

    def _compare(self, node: Compare) -> str:
        left, right = self.write(node.left), self.write(node.right)
        if node.operator in ("==", "!="):
            verdict = self._equal(node, left, right)
            return verdict if node.operator == "==" else f"opposite({verdict})"
        if node.operator in ("in", "contains"):
            return f"member({left}, {right})" if node.operator == "in" else f"member({right}, {left})"
        if node.operator == "matches":
            return f"matches({left}, {right})"
        if node.order is None and is_number(node.right):
            guard = f"{left} is None or {left} is True or {left} is False"
            return f"None if {guard} else {left} {node.operator} {right}"
        return f"ordered({node.operator!r}, {left}, {right}, {self._slot(node.order)})"

    def _equal(self, node: Compare, left: str, right: str) -> str:
        if isinstance(node.right, Constant) and isinstance(node.right.value, str):
            return f"None if {left} is None else {left} == {right}"
        if isinstance(node.right, Constant) and isinstance(node.right.value, bool):
            return f"None if {left} is None else {left} is {right}"
        if is_number(node.right):
            unequal = f"{left} is not True and {left} is not False"
            return f"None if {left} is None else ({left} == {right} and {unequal})"
        return f"equal({left}, {right})"

    def _call(self, node: Call) -> str:
        function = BY_NAME[node.function]
        arguments = [self.write(argument) for argument in node.arguments]
        called = f"{self._slot(function.evaluate)}(now, {', '.join(arguments)})"
        if function.takes_unknown:
            return called
        return f"None if {' or '.join(f'{a} is None' for a in arguments) or 'False'} else {called}"


def is_number(node: Expression) -> bool:
    return (
        isinstance(node, Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    )


_NAMES = {
    "walk": operators.walk,
    "calculated": operators.calculated,
    "negated": operators.negated,
    "opposite": operators.opposite,
    "member": operators.member,
    "matches": operators.matches,
    "ordered": operators.ordered,
    "equal": operators.equal,
    "evaluate": evaluate,
}
