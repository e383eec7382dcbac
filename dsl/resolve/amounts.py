"""Amounts that have to be known when the rules are loaded, each within what makes sense."""

from __future__ import annotations

from dsl import types
from dsl.expressions import Constant
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, fits
from dsl.syntax import Node
from dsl.types import Type

LONGEST = 366 * 86400.0  # seconds; nothing in a rule takes longer than a year


def known(site: Site, node: Node, typed: Typed | None, wanted: Type) -> object | None:
    """The value of a constant of this type; None when it was reported."""
    if typed is None or not fits(site, node, typed, wanted):
        return None
    if not isinstance(typed.expression, Constant):
        help_ = "write it out, or give it a name by `let`; it cannot follow what is observed"
        site.report("V306", "this has to be known when the rules are loaded", node, help=help_)
        return None
    return typed.expression.value


def part(site: Site, node: Node, typed: Typed | None) -> float | None:
    """A part of the whole, from 0 to 1, as `0.99` or `99%`; None when it was reported."""
    plain = typed is not None and typed.type in (types.NUMBER, types.RATIO)
    found = known(site, node, typed, types.NUMBER if plain else types.PERCENT)
    if not isinstance(found, float):
        return None
    if not 0 <= found <= 1:
        site.report("V309", "expected a part of the whole", node, help="write `99%` or `0.99`")
        return None
    return found


def seconds(site: Site, node: Node, typed: Typed | None, *, zero: bool = False) -> float | None:
    """A duration of more than nothing (or of nothing, where `zero` makes sense); None when it was reported."""
    found = known(site, node, typed, types.DURATION)
    if not isinstance(found, float):
        return None
    if found < 0 or (found == 0 and not zero) or found > LONGEST:
        reason = "a year is the most" if found > LONGEST else "it has to be longer than nothing"
        site.report("V309", f"`{site.text(node.start, node.end)}` makes no sense here: {reason}", node)
        return None
    return found
