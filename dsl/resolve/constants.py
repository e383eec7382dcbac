"""Values that a clause needs now: durations, counts, texts, settings."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from dsl import types
from dsl.expressions import Constant, Expression, ListOf, MapOf
from dsl.pattern import objection
from dsl.resolve import amounts
from dsl.resolve.expression import infer, members, of_type
from dsl.resolve.scope import EMPTY, Scope
from dsl.resolve.site import Site
from dsl.resolve.typed import fits
from dsl.syntax import List, Named, Node, Raw, Text, Word
from dsl.types import Type

_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})")
_URL = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[^/\s?#:]+)(:[0-9]{1,5})?([/?#].*)?", re.DOTALL)


def value(site: Site, node: Node, wanted: Type) -> object | None:
    """A constant of this type; None when it was reported."""
    return amounts.known(site, node, infer(site, EMPTY, node), wanted)


def plain(expression: Expression) -> object:
    """The value of an expression that reads nothing; of one that is calculated, None."""
    match expression:
        case Constant(known):
            return known
        case ListOf(elements):
            return tuple(map(plain, elements))
        case MapOf(members):
            return {name: plain(member) for name, member in members}
        case _:
            return None


def duration(site: Site, node: Node, *, zero: bool = False) -> float | None:
    """Seconds, more than none (or none, where `zero` makes sense)."""
    return amounts.seconds(site, node, infer(site, EMPTY, node), zero=zero)


def count(site: Site, node: Node, least: int = 1) -> int | None:
    """A whole number."""
    found = value(site, node, types.NUMBER)
    if not isinstance(found, float):
        return None
    if found != int(found) or not least <= found <= 1_000_000:
        site.report("V309", f"expected a whole number from {least} on", node)
        return None
    return int(found)


def text(site: Site, node: Node) -> str | None:
    found = value(site, node, types.TEXT)
    return found if isinstance(found, str) else None


def title(site: Site, node: Node | None) -> str | None:
    """The title of a declaration, "" where there is none; None when it was reported."""
    return "" if node is None else text(site, node)


# --- settings: values that stay expressions, because a secret may be among them -----------------------------------------


def setting(site: Site, scope: Scope, kind: str, node: Node) -> Expression | None:
    """The value of a kind of the shape notation (TEXT, LIST, URL, …)."""
    if kind == "NAME":
        return Constant(node.name) if isinstance(node, Word) else None
    if kind == "ADDRESS":
        return _checked(site, scope, node, _is_address, 'an address is "host:port", as in "127.0.0.1:5432"')
    if kind == "URL":
        return _checked(site, scope, node, _is_url, 'a URL is "http://host:port/path"')
    if kind == "LIST":
        return argv(site, scope, node)
    if kind == "PATTERN":
        return _pattern(site, node)
    if kind in ("VALUE", "SECRET"):
        typed = infer(site, scope, node)
        return None if typed is None else typed.expression
    return of_type(site, scope, node, _TYPES[kind])


_TYPES = {
    "TEXT": types.TEXT,
    "TITLE": types.TEXT,
    "RAW": types.TEXT,
    "NUMBER": types.NUMBER,
    "PERCENT": types.PERCENT,
    "DURATION": types.DURATION,
    "SIZE": types.SIZE,
    "FLAG": types.FLAG,
    "TIME": types.TIME_OF_DAY,
    "CONDITION": types.FLAG,
}


def named(site: Site, scope: Scope, nodes: tuple[Node, ...]) -> MapOf | None:
    """`a: 1, b: 2` as a map."""
    typed = members(site, scope, tuple(node for node in nodes if isinstance(node, Named)))
    return typed.expression if typed is not None and isinstance(typed.expression, MapOf) else None


def argv(site: Site, scope: Scope, node: Node) -> Expression | None:
    """A program and its arguments: a list that begins with a text that is known."""
    typed = infer(site, scope, node)
    if typed is None or not fits(site, node, typed, types.LIST):
        return None
    elements = node.elements if isinstance(node, List) else ()
    if isinstance(node, List) and not elements:
        site.report(
            "V304", "expected a program and its arguments", node, help='write ["program", "argument"]'
        )
        return None
    for kind, element in zip(typed.elements, elements, strict=False):
        if kind.kind in ("flag", "map", "secret"):
            site.report("V304", f"expected a text, and this is {kind}", element)
            return None
    first = elements[0] if elements else None
    written = site.text(first.start, first.end).strip("\"'").strip() if isinstance(first, (Text, Raw)) else ""
    if first is not None and " " in written and not written.startswith("/"):  # a directory may be called so
        site.report(
            "V304",
            "the program and its arguments are separate texts",
            first,
            help='write ["program", "argument"]: no shell divides them',
        )
        return None
    return typed.expression


def _pattern(site: Site, node: Node) -> Expression | None:
    expression = of_type(site, EMPTY, node, types.TEXT)
    reason = objection(str(expression.value)) if isinstance(expression, Constant) else None
    if reason:
        site.report("V308", f"this regular expression is refused: {reason}", node)
        return None
    return expression


def _checked(
    site: Site, scope: Scope, node: Node, is_good: Callable[[str], bool], help_: str
) -> Expression | None:
    expression = of_type(site, scope, node, types.TEXT)
    known = expression.value if isinstance(expression, Constant) else None
    if isinstance(known, str) and not is_good(known):
        site.report("V309", f"`{known}` cannot be reached", node, help=help_)
        return None
    return expression


def _is_address(text: str) -> bool:
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match[3]) < 65536:
        return False
    return match[1] is None or _is_ipv6(match[1])


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_url(text: str) -> bool:
    match = _URL.fullmatch(text)
    return match is not None and (match[2] is None or 0 < int(match[2][1:]) < 65536)
