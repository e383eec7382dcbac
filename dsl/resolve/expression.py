"""Expressions: names, types and units settled, constants worked out.

None means that something was wrong and reported; whoever gets it stays silent, so that one mistake is one finding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from dsl import literals, types
from dsl.diagnostics import Mistake
from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    ListOf,
    MapOf,
    Negative,
    Not,
    Or,
    Template,
)
from dsl.parser import parse_expression
from dsl.resolve import comparing, functions, reading
from dsl.resolve.calls import resolve_call
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, constant_text, deepest, fits, flat, is_closed, too_deep
from dsl.suggest import did_you_mean
from dsl.syntax import And as AndNode
from dsl.syntax import Call as CallNode
from dsl.syntax import (
    Chain,
    Flag,
    List,
    Map,
    Named,
    Node,
    Number,
    Path,
    Percent,
    Quantity,
    Raw,
    Text,
    TimeOfDay,
    Word,
)
from dsl.syntax import Compare as CompareNode
from dsl.syntax import Negative as NegativeNode
from dsl.syntax import Not as NotNode
from dsl.syntax import Or as OrNode
from dsl.template import pieces
from dsl.types import ANY, FLAG, LIST, MAP, NUMBER, PERCENT, TEXT, TIME_OF_DAY, Type

_MOST_CONSTANTS = 20

Handler = Callable[[Site, Scope, Any], Typed | None]


def infer(site: Site, scope: Scope, node: Node) -> Typed | None:
    """The meaning and the type of an expression."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        site.report("V101", f"`{site.text(node.start, node.end)}` is no value", node)
        return None
    typed = handler(site, scope, node)
    return None if typed is None or too_deep(site, node, typed) else typed


def of_type(site: Site, scope: Scope, node: Node, wanted: Type) -> Expression | None:
    """An expression that has to be of this type."""
    typed = infer(site, scope, node)
    if typed is None or not fits(site, node, typed, wanted):
        return None
    return typed.expression


def condition(site: Site, scope: Scope, node: Node) -> Expression | None:
    """An expression that is true or false."""
    return of_type(site, scope, node, FLAG)


# --- literals -------------------------------------------------------------------------------------------------------------


def _number(site: Site, scope: Scope, node: Number) -> Typed | None:
    if not math.isfinite(node.value):
        site.report("V309", "this number is too large", node)
        return None
    return Typed(Constant(node.value), NUMBER)


def _quantity(site: Site, scope: Scope, node: Quantity) -> Typed | None:
    typed = _amount(node.text)
    if typed is None:
        _report_unit(site, node, [unit for _, unit in literals.terms(node.text)])
    elif typed.constant == math.inf:
        site.report("V309", "this quantity is too large", node)
        return None
    return typed


@lru_cache(maxsize=1024)  # the same few durations, in thousands of rules
def _amount(text: str) -> Typed | None:
    """None where a unit is unknown, or durations and sizes are mixed."""
    terms = literals.terms(text)
    for table, kind in ((literals.SECONDS, types.DURATION), (literals.BYTES, types.SIZE)):
        if all(unit in table for _, unit in terms):
            return Typed(Constant(_total([number * table[unit] for number, unit in terms])), kind)
    return None


def _total(parts: list[float]) -> float:
    try:
        return math.fsum(parts)
    except OverflowError:
        return math.inf


def _report_unit(site: Site, node: Quantity, units: list[str]) -> None:
    known = [*literals.SECONDS, *literals.BYTES]
    wrong = next((unit for unit in units if unit not in known), None)
    if wrong is None:
        site.report("V310", f"`{node.text}` mixes durations and sizes", node)
        return
    near = literals.MEANT.get(wrong.lower())
    help_ = (
        f"write `{near}`"
        if near
        else did_you_mean(wrong, known) or "units are ms s m h d w and B kB MB GB TB KiB MiB GiB TiB"
    )
    site.report("V310", f"`{wrong}` is no unit", node, help=help_)


def _percent(site: Site, scope: Scope, node: Percent) -> Typed | None:
    return Typed(Constant(node.value), PERCENT) if math.isfinite(node.value) else None


def _time_of_day(site: Site, scope: Scope, node: TimeOfDay) -> Typed | None:
    hours, minutes, *seconds = (int(part) for part in node.text.split(":"))
    if hours > 23 or minutes > 59 or (seconds and seconds[0] > 59):
        site.report("V309", f"{node.text} is no time of day", node)
        return None
    return Typed(Constant(float(hours * 3600 + minutes * 60 + sum(seconds))), TIME_OF_DAY)


def _flag(site: Site, scope: Scope, node: Flag) -> Typed:
    return Typed(Constant(node.value), FLAG)


def _raw(site: Site, scope: Scope, node: Raw) -> Typed:
    return Typed(Constant(node.text), TEXT)


def _text(site: Site, scope: Scope, node: Text) -> Typed | None:
    cut = pieces(node)
    if isinstance(cut, Mistake):
        site.findings.append(site.block.finding(cut))
        return None
    parts = [one if isinstance(one, str) else _interpolated(site, scope, one) for one in cut]
    whole = [one for one in parts if one is not None]
    return _template(whole) if len(whole) == len(parts) else None


def _template(parts: list[str | Typed]) -> Typed:
    """Texts that are known become part of the text around them."""
    joined: list[str | Typed] = []
    for part in parts:
        known = part if isinstance(part, str) else constant_text(part)
        if known is not None and joined and isinstance(joined[-1], str):
            joined[-1] += known
        else:
            joined.append(part if known is None else known)
    inner = [part for part in joined if isinstance(part, Typed)]
    if not inner:
        return Typed(Constant("".join(str(part) for part in joined)), TEXT)
    written = tuple(part if isinstance(part, str) else part.expression for part in joined)
    return Typed(
        Template(written, tuple(types.format_of(one.type) for one in inner)), TEXT, deepest(inner) + 1
    )


def _interpolated(site: Site, scope: Scope, where: tuple[int, int]) -> Typed | None:
    node = parse_expression(site.block.text, *where)
    if isinstance(node, Mistake):
        site.findings.append(site.block.finding(node))
        return None
    typed = infer(site, scope, node)
    if typed is not None and typed.type == types.SECRET:
        site.report("V307", "a secret cannot stand in a text", node, help="texts are stored and shown")
        return None
    return typed


# --- what is made of others --------------------------------------------------------------------------------------------------


def _all(site: Site, scope: Scope, nodes: tuple[Node, ...]) -> list[Typed] | None:
    """All of them, each looked at even where an earlier one is wrong."""
    found = [infer(site, scope, node) for node in nodes]
    whole = [one for one in found if one is not None]
    return whole if len(whole) == len(found) else None


def _list(site: Site, scope: Scope, node: List) -> Typed | None:
    elements = _all(site, scope, node.elements)
    if elements is None:
        return None
    depth = deepest(elements) + 1
    constants = [one.expression.value for one in elements if isinstance(one.expression, Constant)]
    if len(constants) == len(elements):
        return Typed(Constant(tuple(constants)), LIST, depth, tuple(one.type for one in elements))
    return Typed(
        ListOf(tuple(one.expression for one in elements)), LIST, depth, tuple(one.type for one in elements)
    )


def _map(site: Site, scope: Scope, node: Map) -> Typed | None:
    return members(site, scope, node.members)


def members(site: Site, scope: Scope, named: tuple[Named, ...]) -> Typed | None:
    """`a: 1, b: 2` as a map."""
    values = _all(site, scope, tuple(one.value for one in named))
    seen: set[str] = set()
    for one in named:
        if one.name in seen:
            site.report("V114", f"`{one.name}` stands twice", (one.start, one.name_end))
            return None
        seen.add(one.name)
    if values is None:
        return None
    depth = deepest(values) + 1
    pairs = zip(named, values, strict=True)
    return Typed(MapOf(tuple((name.name, value.expression) for name, value in pairs)), MAP, depth)


def _chain(site: Site, scope: Scope, node: Chain) -> Typed | None:
    operands = _all(site, scope, (node.first, *(operand for _, operand in node.rest)))
    if operands is None:
        return None
    result = operands[0]
    for (operator, operand), right in zip(node.rest, operands[1:], strict=True):
        kind = types.calculated(operator.text, result.type, right.type)
        if kind is None:
            comparing.report_calculation(site, operator, operand, result.type, right)
            return None
        calculated = _calculate(site, operator.text, result, right, kind, operand)
        if calculated is None:
            return None
        result = calculated
    return result


def _calculate(site: Site, operator: str, left: Typed, right: Typed, kind: Type, node: Node) -> Typed | None:
    depth = max(left.depth, right.depth) + 1
    if not (isinstance(left.expression, Constant) and isinstance(right.expression, Constant)):
        return Typed(Arithmetic(operator, left.expression, right.expression), kind, depth)
    a, b = left.expression.value, right.expression.value
    assert isinstance(a, float)
    assert isinstance(b, float)
    if operator in ("/", "mod") and b == 0:
        site.report("V309", "this divides by zero", node)
        return None
    value = {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "/": lambda: a / b,
        "mod": lambda: a % b,
    }[operator]()
    if not math.isfinite(value):
        site.report("V309", "the result is too large", node)
        return None
    return Typed(Constant(value), kind)


def _negative(site: Site, scope: Scope, node: NegativeNode) -> Typed | None:
    operand = infer(site, scope, node.operand)
    if operand is None:
        return None
    if not (types.is_numeric(operand.type) or operand.type == ANY):
        site.report("V304", f"the sign stands before {operand.type}", node)
        return None
    if isinstance(operand.expression, Constant) and isinstance(operand.expression.value, float):
        return Typed(Constant(-operand.expression.value), operand.type)
    return Typed(Negative(operand.expression), operand.type, operand.depth + 1)


def _compare(site: Site, scope: Scope, node: CompareNode) -> Typed | None:
    left, right = _sides(site, scope, node)
    if left is None or right is None:
        return None
    operator, negated = comparing.plain_operator(node.operator.text)
    checked = comparing.check(site, node, operator, left, right)
    if checked is None:
        return None
    order = checked.choices or None if operator in ("<", "<=", ">", ">=") else None
    compared: Expression = Compare(operator, left.expression, right.expression, order)
    depth = max(left.depth, right.depth) + 1
    return Typed(Not(compared) if negated else compared, FLAG, depth)


def _sides(site: Site, scope: Scope, node: CompareNode) -> tuple[Typed | None, Typed | None]:
    """Both sides; a bare word beside a closed set is looked at last, since it is probably a value without its quotes."""
    left = infer(site, scope, node.left)
    if (
        left is not None
        and isinstance(node.right, Word)
        and reading.is_unquoted(site, scope, node.right, left.type)
    ):
        return left, None
    return left, infer(site, scope, node.right)


def _operands(site: Site, scope: Scope, nodes: tuple[Node, ...]) -> list[Typed] | None:
    found = [(node, infer(site, scope, node)) for node in nodes]
    whole = [typed for node, typed in found if typed is not None and fits(site, node, typed, FLAG)]
    return whole if len(whole) == len(found) else None


def _and(site: Site, scope: Scope, node: AndNode) -> Typed | None:
    operands = _operands(site, scope, node.operands)
    return None if operands is None else Typed(And(flat(And, operands)), FLAG, deepest(operands) + 1)


def _or(site: Site, scope: Scope, node: OrNode) -> Typed | None:
    operands = _operands(site, scope, node.operands)
    return None if operands is None else Typed(Or(flat(Or, operands)), FLAG, deepest(operands) + 1)


def _not(site: Site, scope: Scope, node: NotNode) -> Typed | None:
    operand = infer(site, scope, node.operand)
    if operand is None or not fits(site, node.operand, operand, FLAG):
        return None
    return Typed(Not(operand.expression), FLAG, operand.depth + 1)


def _call(site: Site, scope: Scope, node: CallNode) -> Typed | None:
    if node.name == "secret":
        return functions.secret(site, scope, node)
    if node.name in site.known.lexicon.calls and not _is_of_values(site, node):
        return resolve_call(site, scope, node, infer)
    word = functions.known(site, node)
    if word is None or not functions.arity_fits(site, node, word):
        return None
    arguments = _all(site, scope, tuple(argument[0] for argument in node.arguments))
    if arguments is None:
        return None
    kind = functions.result(site, node, word, arguments)
    if kind is None:
        return None
    depth = deepest(arguments) + 1
    return Typed(Call(node.name, tuple(one.expression for one in arguments)), kind, depth)


def _is_of_values(site: Site, node: CallNode) -> bool:
    """`quantile(0.99, sum(…))`, which ranges over nothing itself."""
    plain = site.known.lexicon.functions.get(node.name)
    return plain is not None and [len(one) for one in node.arguments] == [1] * len(plain.parameters)


def _word(site: Site, scope: Scope, node: Word) -> Typed | None:
    declared = site.known.of("let").get(node.name)
    if declared is not None and node.name not in scope.variables:
        typed = constant_named(site, node)
        return typed if typed is None or functions.secret_allowed(site, scope, node, typed.type) else None
    return reading.word(site, scope, node)


def constant_named(site: Site, node: Word) -> Typed | None:
    """The value of a `let` where it is used."""
    site.known.constants.used.add(node.name)
    return constant_declared(site, node)


def constant_declared(site: Site, node: Word) -> Typed | None:
    """The value of a `let`. Resolved when it is first asked for."""
    constants = site.known.constants
    if node.name in constants.resolved:
        return constants.resolved[node.name]
    if node.name in constants.under_way:
        site.report("V211", f"`{node.name}` is declared by itself", node)
        return None
    if len(constants.under_way) > _MOST_CONSTANTS:
        site.report("V105", f"constants are made of constants over more than {_MOST_CONSTANTS} steps", node)
        return None
    declared = site.known.of("let")[node.name]
    value = declared.match.node("value") if declared.match and not declared.broken else None
    constants.under_way.add(node.name)
    found = None if value is None else _constant(Site(declared.block, site.known, site.findings), value)
    constants.under_way.discard(node.name)
    constants.resolved[node.name] = found
    return found


def _constant(site: Site, node: Node) -> Typed | None:
    typed = infer(site, Scope(secrets=True), node)
    if typed is None or typed.type == types.SECRET or is_closed(typed.expression):
        return typed
    site.report("V306", "a `let` is a value that is known when the rules are loaded", node)
    return None


def _path(site: Site, scope: Scope, node: Path) -> Typed | None:
    return reading.path(site, scope, node)


_HANDLERS: Mapping[type[Node], Handler] = {
    Number: _number,
    Quantity: _quantity,
    Percent: _percent,
    TimeOfDay: _time_of_day,
    Flag: _flag,
    Raw: _raw,
    Text: _text,
    List: _list,
    Map: _map,
    Chain: _chain,
    NegativeNode: _negative,
    CompareNode: _compare,
    AndNode: _and,
    OrNode: _or,
    NotNode: _not,
    CallNode: _call,
    Word: _word,
    Path: _path,
}
