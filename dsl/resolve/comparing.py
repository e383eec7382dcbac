"""Comparisons: may these two be compared, and by this operator."""

from __future__ import annotations

from dsl import types
from dsl.pattern import objection
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, is_choice, report_percent, report_unit
from dsl.syntax import Compare, List, Node, Operator
from dsl.types import ANY, DURATION, LIST, MAP, NUMBER, PERCENT, TEXT, TIME, Type

_ORDERING = ("<", "<=", ">", ">=")


def plain_operator(text: str) -> tuple[str, bool]:
    """`not in` is `in`, negated."""
    return (text.removeprefix("not "), text.startswith("not "))


def check(site: Site, node: Compare, operator: str, left: Typed, right: Typed) -> Type | None:
    """The type that both have in common (with its order, where it is a closed set); None where they do not fit."""
    if operator == "in":
        return _membership(site, node, node.left, left, node.right, right)
    if operator == "contains":
        return _contains(site, node, left, right)
    if operator == "matches":
        return _matches(site, node, left, right)
    if types.SECRET in (left.type, right.type):
        site.report("V307", "a secret cannot be compared", node)
        return None
    if not types.comparable(left.type, right.type):
        _report_pair(site, node, left, right)
        return None
    common = _common(site, node, left, right)
    if common is not None and operator in _ORDERING:
        return _in_order(site, node, common, left, right)
    return common


def _common(site: Site, node: Compare, left: Typed, right: Typed) -> Type | None:
    """Of a closed set and a text that is known, the text has to be in the set."""
    for closed, (text, where) in ((left, (right, node.right)), (right, (left, node.left))):
        if closed.type.kind == "one of":
            value = text.constant
            return (
                closed.type
                if not isinstance(value, str) or is_choice(site, where, value, closed.type)
                else None
            )
    return left.type if left.type != ANY else right.type


def _in_order(site: Site, node: Compare, common: Type, left: Typed, right: Typed) -> Type | None:
    sets = [one.type.choices for one in (left, right) if one.type.choices]
    if len(sets) == 2 and sets[0] != sets[1]:
        site.report("V305", "these are values of two closed sets, each with an order of its own", node)
        return None
    if types.ordered(common) and not (common == ANY and TEXT in (left.type, right.type)):
        return common
    operator = node.operator.text
    help_ = (
        "only numbers, quantities, times and closed sets have one"
        if common.kind != "flag"
        else "write it as a condition"
    )
    site.report(
        "V305", f"{_noun(common)} has no order, so `{operator}` says nothing", node.operator, help=help_
    )
    return None


def _membership(
    site: Site, node: Compare, where: Node, member: Typed, place: Node, group: Typed
) -> Type | None:
    if group.type in (MAP, ANY):
        return member.type
    if group.type != LIST:
        site.report("V304", f"expected a list, and this is {group.type}", place, help='write `in ["a", "b"]`')
        return None
    elements = place.elements if isinstance(place, List) else ()
    for kind, element in zip(group.elements, elements, strict=False):
        if not types.comparable(member.type, kind):
            site.report("V301", f"{member.type} is never {kind}", element)
            return None
    values = group.constant if isinstance(group.constant, tuple) else ()
    return _members_possible(site, member.type, values, elements)


def _members_possible(
    site: Site, kind: Type, values: tuple[object, ...], elements: tuple[Node, ...]
) -> Type | None:
    if kind.kind == "one of":
        for value, element in zip(values, elements, strict=False):
            if isinstance(value, str) and not is_choice(site, element, value, kind):
                return None
    return kind


def _contains(site: Site, node: Compare, left: Typed, right: Typed) -> Type | None:
    if left.type in (LIST, MAP, ANY):
        return left.type
    if types.is_textual(left.type) and (types.is_textual(right.type) or right.type == ANY):
        return left.type
    site.report(
        "V304", f"{left.type} contains nothing", node.left, help="`contains` is for lists, maps and texts"
    )
    return None


def _matches(site: Site, node: Compare, left: Typed, right: Typed) -> Type | None:
    if not (types.is_textual(left.type) or left.type == ANY):
        site.report("V304", f"expected a text, and this is {left.type}", node.left)
        return None
    if not isinstance(right.constant, str):
        message = "a regular expression is a text that is known when the rules are loaded"
        help_ = "write it in single quotes; to look for one text in another, use `contains`"
        site.report("V306", message, node.right, help=help_)
        return None
    reason = objection(right.constant)
    if reason:
        site.report("V308", f"this regular expression is refused: {reason}", node.right)
        return None
    return TEXT


# --- messages -----------------------------------------------------------------------------------------------------------


def _noun(kind: Type) -> str:
    return "a flag" if kind.kind == "flag" else str(kind)


def _report_pair(site: Site, node: Compare, left: Typed, right: Typed) -> None:
    for one, other, where in ((left, right, node.right), (right, left, node.left)):
        if one.type == PERCENT and other.type == NUMBER:
            return report_percent(site, where, other)
        if one.type.kind == "quantity" and other.type == NUMBER:
            return report_unit(site, where, other, one.type)
    label = f"left {left.type}, right {right.type}"
    help_ = _way_out(left.type, right.type)
    site.report("V301", f"{left.type} is compared with {right.type}", node, label=label, help=help_)
    return None


def _way_out(left: Type, right: Type) -> str:
    if types.TIME_OF_DAY in (left, right):
        return "times of the day are declared in a `calendar`, and asked for by `during(…)`"
    if types.TIME in (left, right):
        return "a time is compared through `since(…)` or `remaining(…)`"
    for rate, whole in ((left, right), (right, left)):
        if rate.kind == "quantity" and rate == types.calculated("/", whole, DURATION):
            return "what is compared with a rate is a rate too, as in `5MiB / 1s`"
    if PERCENT in (left, right) and "quantity" in (left.kind, right.kind):
        return "a percentage is of something: divide first, as in `disk.free / disk.total < 10%`"
    return ""


def report_calculation(site: Site, operator: Operator, operand: Node, left: Type, right: Typed) -> None:
    """`left operator right` has no meaning."""
    if operator.text in ("+", "-") and right.type == NUMBER and left == PERCENT:
        return report_percent(site, operand, right)
    if operator.text in ("+", "-") and right.type == NUMBER and left.kind == "quantity":
        return report_unit(site, operand, right, left)
    if operator.text in ("+", "-") and right.type == NUMBER and left == TIME:
        return report_unit(site, operand, right, DURATION)
    words = {
        "+": "added to",
        "-": "taken from",
        "*": "multiplied with",
        "/": "divided by",
        "mod": "divided by",
    }
    pair = (right.type, left) if operator.text in ("+", "-") else (left, right.type)
    site.report("V301", f"{pair[0]} cannot be {words[operator.text]} {pair[1]}", operator)
    return None
