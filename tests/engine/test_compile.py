"""Compiled predicates mean what the slow evaluator says, whatever the values are; the operators' tables stand here in full."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given

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
    Template,
)
from engine.analysis.compile import Predicate
from engine.analysis.evaluate import evaluate
from tests.engine.expressions import expressions, facts
from tests.engine.programs import both, compare, either, equals, field, negated

KLEENE = (True, False, None)


def both_ways(expression: Expression, it: dict[str, Any], host: dict[str, Any], now: float = 100.0) -> Any:
    """The value; compiled and evaluated must not differ."""
    bindings = {"it": it, "host": host}
    slow = evaluate(expression, bindings, now)
    quick = Predicate(expression, "it").test(it, {"host": host}, now)
    assert repr(quick) == repr(slow)
    return slow


@given(expressions, facts, facts)
@example(Not(Field("it", ("a",))), {"a": "text"}, {})
@example(Compare("in", Field("it", ("a",)), Field("host", ("a",))), {"a": []}, {"a": {}})
@example(Compare(">", Arithmetic("/", Field("it", ("a",)), Constant(0.5)), Constant(1)), {"a": 10**400}, {})
@example(Compare("matches", Constant("a"), Field("it", ("a",))), {"a": "("}, {})
@example(Template((Constant(10**400),)), {}, {})
@example(Negative(Constant(10**400)), {}, {})
@example(Call("since", (Constant("text"),)), {}, {})
def test_compiled_is_evaluated(expression: Expression, it: dict[str, Any], host: dict[str, Any]) -> None:
    both_ways(expression, it, host)


@pytest.mark.parametrize("size", [1, 30, 60, 300])
def test_compiled_is_evaluated_when_wide(size: int) -> None:
    parts = [compare("it.a", ">", float(number)) for number in range(size)]
    assert both_ways(both(*parts), {"a": size}, {}) is True
    assert both_ways(either(*parts), {"a": 0}, {}) is False
    assert both_ways(both(*parts), {"a": size - 1}, {}) is False


def test_compiled_is_evaluated_when_deep() -> None:
    deep: Expression = equals("it.a", 1.0)
    for level in range(60):
        deep = both(deep, equals("it.b", 2.0)) if level % 2 else either(equals("it.c", 3.0), negated(deep))
    for fact in ({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}, {}, {"c": 3}):
        both_ways(deep, fact, {})


@pytest.mark.parametrize("left", KLEENE)
@pytest.mark.parametrize("right", KLEENE)
def test_kleene(left: Any, right: Any) -> None:
    fact = {"a": left, "b": right}
    conjunction = False if False in (left, right) else None if None in (left, right) else True
    disjunction = True if True in (left, right) else None if None in (left, right) else False
    assert both_ways(And((field("it.a"), field("it.b"))), fact, {}) is conjunction
    assert both_ways(Or((field("it.a"), field("it.b"))), fact, {}) is disjunction
    assert both_ways(Not(field("it.a")), fact, {}) is (None if left is None else not left)


@pytest.mark.parametrize(
    ("operator", "left", "right", "meant"),
    [
        ("==", 1, 1.0, True),
        ("==", True, 1, False),
        ("==", True, True, True),
        ("==", "1", 1, False),
        ("==", [1, "a"], ("x",), False),
        ("==", None, None, None),
        ("!=", "a", None, None),
        ("!=", "a", "b", True),
        ("<", 1, 2, True),
        ("<", True, 2, None),
        ("<", "a", "b", None),
        (">=", None, 2, None),
        ("in", "a", ["b", "a"], True),
        ("in", "a", ["b", None], None),
        ("in", "a", [], False),
        ("in", "a", {"a": 1}, True),
        ("in", "a", "cab", True),
        ("in", 1, "cab", None),
        ("in", [1], {"a": 1}, None),
        ("in", "a", 7, None),
        ("contains", ["a"], "a", True),
        ("matches", "500", "5..", True),
        ("matches", "5000", "5..", False),
        ("matches", 500, "5..", None),
        ("matches", "a", "(", None),
    ],
)
def test_comparisons(operator: str, left: Any, right: Any, meant: bool | None) -> None:
    """Both sides from facts, and the right side as a constant of the rule: the two are compiled differently."""
    assert both_ways(compare("it.l", operator, field("it.r")), {"l": left, "r": right}, {}) is meant
    constant = tuple(right) if isinstance(right, list) else right
    if not isinstance(constant, dict):
        assert both_ways(compare("it.l", operator, constant), {"l": left}, {}) is meant


@pytest.mark.parametrize(
    ("operator", "left", "right", "meant"),
    [
        ("+", 1, 2, 3),
        ("-", 1, 2, -1),
        ("*", 2, 3, 6),
        ("/", 3, 2, 1.5),
        ("mod", 7, 4, 3),
        ("/", 1, 0, None),
        ("mod", 1, 0, None),
        ("+", 1, None, None),
        ("+", 1, True, None),
        ("+", "a", "b", None),
        ("*", 10**400, 0.5, None),
        ("*", 1e308, 10, None),
    ],
    ids=range(12),
)
def test_arithmetic(operator: str, left: Any, right: Any, meant: float | None) -> None:
    """Meaning 6: division by zero, a wrong type, or what no number can hold is unknown."""
    assert both_ways(Arithmetic(operator, field("it.l"), field("it.r")), {"l": left, "r": right}, {}) == meant


def test_order_of_a_closed_set() -> None:
    def less(left: Any, right: Any) -> Any:
        return both_ways(
            Compare("<", field("it.l"), field("it.r"), ("low", "medium", "high")), {"l": left, "r": right}, {}
        )

    assert less("low", "high") is True
    assert less("high", "low") is False
    assert less("low", "other") is None
    assert less("low", 3) is None


def test_one_shape_is_compiled_once() -> None:
    first, second = (Predicate(compare("it.a", ">", limit), "it") for limit in (1.0, 2.0))
    assert first.shape is second.shape
    assert (first.test({"a": 1.5}, {}, 0.0), second.test({"a": 1.5}, {}, 0.0)) == (True, False)
