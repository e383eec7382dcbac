"""A resolved expression with its type, and whether it may stand where another type is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dsl import types
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
from dsl.resolve.site import Site
from dsl.suggest import closest
from dsl.syntax import Node, Number, Raw, Text
from dsl.types import NUMBER, PERCENT, SECRET, TEXT, Type

MAX_DEPTH = 60


class Typed(msgspec.Struct, frozen=True, gc=False):
    """`depth` is how deep the expression is nested; `elements` are the types of a written list's elements."""

    expression: Expression
    type: Type
    depth: int = 0
    elements: tuple[Type, ...] = ()

    @property
    def constant(self) -> object:
        """The value, where it is known now, else None."""
        return self.expression.value if isinstance(self.expression, Constant) else None


def deepest(typed: Sequence[Typed]) -> int:
    return max((one.depth for one in typed), default=0)


def flat(kind: type[And] | type[Or], operands: Sequence[Typed]) -> tuple[Expression, ...]:
    """`(a and b) and c` is `a and b and c`."""
    found: list[Expression] = []
    for operand in operands:
        inner = operand.expression
        found.extend(inner.operands if isinstance(inner, kind) else (inner,))
    return tuple(found)


def too_deep(site: Site, node: Node, typed: Typed) -> bool:
    if typed.depth <= MAX_DEPTH:
        return False
    site.report(
        "V105",
        "this is calculated through too many levels",
        node,
        help="bring parts of it under names with `let`",
    )
    return True


def is_closed(expression: Expression) -> bool:
    """Whether it reads nothing: its value is known when the rules are loaded."""
    match expression:
        case Constant():
            return True
        case Field() | Call() | Aggregate() | Window() | Occurrences() | Foresight() | During() | Learned():
            return False
        case ListOf(elements):
            return all(map(is_closed, elements))
        case MapOf(members):
            return all(is_closed(member) for _, member in members)
        case Template(parts):
            return all(isinstance(part, str) or is_closed(part) for part in parts)
        case And(operands) | Or(operands):
            return all(map(is_closed, operands))
        case Not(operand) | Negative(operand):
            return is_closed(operand)
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return is_closed(left) and is_closed(right)


def constant_text(typed: Typed) -> str | None:
    """The text of a text or a plain number that is known now."""
    value = typed.constant
    if isinstance(value, str):
        return value
    if typed.type == NUMBER and isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return None


# --- what fits where --------------------------------------------------------------------------------------------------


def fits(site: Site, node: Node, typed: Typed, wanted: Type) -> bool:
    """Whether the value may stand where `wanted` is asked for; says so where not."""
    if wanted.kind == "one of" and isinstance(typed.constant, str):
        return is_choice(site, node, typed.constant, wanted)
    if types.fits(typed.type, wanted):
        return True
    if typed.type == SECRET:
        site.report("V307", "a secret cannot stand here", node, help="it would be stored or shown")
    elif typed.type == NUMBER and wanted.kind == "quantity":
        report_unit(site, node, typed, wanted)
    elif typed.type == NUMBER and wanted == PERCENT:
        report_percent(site, node, typed)
    else:
        _report_type(site, node, typed, wanted)
    return False


def is_choice(site: Site, node: Node, value: str, kind: Type) -> bool:
    """Whether the text is one of the closed set."""
    if value in kind.choices:
        return True
    near = closest(value, kind.choices)
    help_ = f"did you mean `{near}`?" if near else "write one of them"
    message = f'"{value}" is none of {", ".join(kind.choices)}'
    written = isinstance(node, (Text, Raw))
    site.report("V205", message, node, help=help_, replacement=f'"{near}"' if near and written else None)
    return False


def report_unit(site: Site, node: Node, typed: Typed, wanted: Type) -> None:
    written = site.text(node.start, node.end)
    examples = {
        types.DURATION: ("s", "m"),
        types.SIZE: ("MiB", "GB"),
        types.PER_DURATION: (" / 1s", " / 1m"),
        types.SIZE_PER_DURATION: ("MiB / 1s", "GB / 1h"),
    }.get(wanted)
    simple = isinstance(node, Number)
    help_ = " or ".join(f"`{written}{unit}`" for unit in examples or ()) if simple else ""
    help_ = f"write {help_}" if help_ else f"give it a unit: {wanted} is needed"
    site.report("V302", f"`{written}` has no unit, and {wanted} is needed", node, help=help_)


def report_percent(site: Site, node: Node, typed: Typed) -> None:
    value = typed.constant
    written = site.text(node.start, node.end)
    if not isinstance(value, float):
        site.report(
            "V303", f"`{written}` is a number, and a percentage is needed", node, help="multiply it by 1%"
        )
        return
    right = f"{value * 100 if 0 < value < 1 else value:g}%"
    site.report(
        "V303",
        f"a percentage is needed, and `{written}` is a number",
        node,
        help=f"write `{right}`",
        replacement=right,
    )


def _report_type(site: Site, node: Node, typed: Typed, wanted: Type) -> None:
    written = site.text(node.start, node.end)
    what = "a condition" if wanted == types.FLAG else str(wanted)
    shown = f"`{written}`" if len(written) <= 40 else "this"
    help_ = ""
    if wanted == types.FLAG and typed.type in (TEXT, NUMBER):
        help_ = "compare it with something: `… == …`"
    elif wanted == TEXT and typed.type != TEXT:
        help_ = f'in a text it stands as "{{{written}}}"' if len(written) <= 40 else ""
    site.report("V304", f"expected {what}, and {shown} is {typed.type}", node, help=help_)
