"""A call that fits one of the forms of its function: what was asked, and the parts that several forms have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from dsl import types
from dsl.match import Match
from dsl.resolve import amounts
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, fits
from dsl.syntax import Call, Node, Path, Word
from dsl.types import Type
from dsl.vocabulary.word import FunctionForm

Infer = Callable[[Site, Scope, Node], Typed | None]


class Asked(msgspec.Struct, frozen=True):
    """`match` is of the call's arguments against the shape of the form. `infer` gives the meaning and type of an expression."""

    site: Site
    scope: Scope
    node: Call
    form: FunctionForm
    match: Match
    infer: Infer

    @property
    def name(self) -> tuple[int, int]:
        """Where the function's name stands."""
        return self.node.start, self.node.start + len(self.node.name)

    def seconds(self, label: str, *, zero: bool = False) -> float | None:
        """The duration that is bound there, 0 where none is written; None when it was reported."""
        node = self.match.node(label)
        return 0.0 if node is None else amounts.seconds(self.site, node, self._constant(node), zero=zero)

    def number(self, label: str) -> float | None:
        """The part, from 0 to 1, that is bound there; None when it was reported."""
        node = self.match.node(label)
        if node is None:
            return None
        return amounts.part(self.site, node, self._constant(node))

    def _constant(self, node: Node) -> Typed | None:
        return self.infer(self.site, Scope(), node)

    def condition(self, scope: Scope, label: str) -> Typed | None:
        """The condition that is bound there; None where none is, and when it was reported."""
        node = self.match.node(label)
        typed = None if node is None else self.infer(self.site, scope, node)
        if node is None or typed is None or not fits(self.site, node, typed, types.FLAG):
            return None
        return typed

    def lacks(self, label: str, typed: Typed | None) -> bool:
        """Whether something is written there that was reported."""
        return typed is None and self.match.node(label) is not None

    def value(self, scope: Scope) -> Typed | None:
        """The value that is bound as `value`, of a type that the form takes; None when it was reported."""
        node = self.match.node("value")
        typed = None if node is None else self.infer(self.site, scope, node)
        if node is None or typed is None or not _takes(self, node, typed):
            return None
        return typed

    def result(self, of: Type) -> Type:
        """The type of the call, whose value has this type."""
        match self.form.result:
            case "the same":
                return of
            case "the same per duration" if of == types.HISTOGRAM:
                return of
            case "the same per duration":
                return types.calculated("/", of, types.DURATION) or types.ANY
            case "ratio":
                return types.RATIO
            case named:
                return types.named(named)


def _takes(asked: Asked, node: Node, typed: Typed) -> bool:
    kind, takes, name = typed.type, asked.form.takes, asked.form.name
    if takes == "flag":
        return fits(asked.site, node, typed, types.FLAG)
    if kind in (types.SECRET, types.HISTOGRAM):
        if kind == types.HISTOGRAM and "histogram" in takes:
            return True
        help_ = "a histogram is read by `quantile(0.99, … over 5m)`" if kind == types.HISTOGRAM else ""
        asked.site.report("V304", f"`{name}` says nothing about {kind}", node, help=help_)
        return False
    if takes == "any" or kind == types.ANY or types.is_numeric(kind):
        return True
    if "time" in takes and kind == types.TIME:
        return True
    help_ = _way_out(asked, kind)
    asked.site.report("V304", f"`{name}` is for numbers and quantities, and this is {kind}", node, help=help_)
    return False


def _way_out(asked: Asked, kind: Type) -> str:
    if kind == types.FLAG and asked.form.over == "time":
        return "the part of the time for which a condition held is `share(… over 5m)`"
    if kind == types.FLAG:
        return "the members of which a condition is true are counted by `count(TYPE where …)`"
    if kind.kind == "list":
        return "a list as a whole has no size that can be added up"
    return ""


# --- what an expression reads, before it is resolved --------------------------------------------------------------------


def roots(node: Node) -> list[str]:
    """The first names of the paths in an expression, each once, in the order in which they are written."""
    return list(dict.fromkeys(_roots(node)))


def _roots(node: Node) -> Iterator[str]:
    if isinstance(node, Path):
        yield str(node.parts[0])
    elif isinstance(node, Word):
        yield node.name
    else:
        for name in node.__struct_fields__:
            yield from _in(getattr(node, name))


def _in(value: object) -> Iterator[str]:
    if isinstance(value, Node):
        yield from _roots(value)
    elif isinstance(value, tuple):
        for one in value:
            yield from _in(one)
