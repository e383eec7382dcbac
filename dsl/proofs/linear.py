"""Calculations as sums: `2 * x - 3` is {x: 2} and -3. Over the real numbers; what floats round away is given as a margin."""

from __future__ import annotations

import msgspec

from dsl.expressions import Arithmetic, Call, Constant, Expression, Negative

_MARGIN = 1e-9


class Linear(msgspec.Struct, frozen=True):
    factors: dict[Expression, float] = msgspec.field(default_factory=dict)
    constant: float = 0.0

    def plus(self, other: Linear, times: float = 1.0) -> Linear:
        factors = dict(self.factors)
        for term, factor in other.factors.items():
            factors[term] = factors.get(term, 0.0) + times * factor
        kept = {term: factor for term, factor in factors.items() if factor}
        return Linear(kept, self.constant + times * other.constant)

    def scaled(self, times: float) -> Linear:
        return Linear({term: factor * times for term, factor in self.factors.items()}, self.constant * times)


def linear(node: Expression) -> Linear:
    """What is no sum of terms stands as a term of its own."""
    match node:
        case Constant(int() | float() as value) if not isinstance(value, bool):
            return Linear(constant=float(value))
        case Negative(operand):
            return linear(operand).scaled(-1.0)
        case Call("remaining", arguments):  # how long until is how long since, negated
            return Linear({Call("since", arguments): -1.0})
        case Arithmetic("+" | "-" as operator, left, right):
            return linear(left).plus(linear(right), 1.0 if operator == "+" else -1.0)
        case Arithmetic("*" | "/" as operator, left, right):
            return _product(operator, node, linear(left), linear(right))
        case _:
            return Linear({node: 1.0})


def _product(operator: str, node: Expression, left: Linear, right: Linear) -> Linear:
    if operator == "*" and not left.factors:
        return right.scaled(left.constant)
    if not right.factors and (operator == "*" or right.constant):
        return left.scaled(right.constant if operator == "*" else 1.0 / right.constant)
    return Linear({node: 1.0})


def bound_of(sides: Linear, operator: str) -> tuple[Expression, str, float] | None:
    """`sides operator 0` as a bound of its one term, a little wider than it is: (term, operator, bound)."""
    if len(sides.factors) != 1:
        return None
    ((term, factor),) = sides.factors.items()
    bound = -sides.constant / factor
    margin = _MARGIN * max(abs(bound), 1e-6)
    is_below = (operator in ("<", "<=")) is (factor > 0)
    return (term, "<=", bound + margin) if is_below else (term, ">=", bound - margin)
