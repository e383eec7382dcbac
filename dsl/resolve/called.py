"""What is run: a workflow with a value for each of its parameters, or an automation."""

from __future__ import annotations

import msgspec

from dsl.expressions import MapOf
from dsl.resolve import parameters
from dsl.resolve.clauses import unknown
from dsl.resolve.known import Parameter
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.syntax import Call, Node, Word


class Called(msgspec.Struct, frozen=True):
    """`run rebalance(symbols: [])`: a workflow with its arguments, or an automation."""

    kind: str
    name: str
    arguments: MapOf


def resolve_called(site: Site, scope: Scope, node: Node | None, kinds: tuple[str, ...]) -> Called | None:
    """What is run, one of these kinds; None when it was reported."""
    if not isinstance(node, (Call, Word)):
        return None
    found = [kind for kind in kinds if node.name in site.known.of(kind)]
    if len(found) != 1:
        _report(site, node, kinds, found)
        return None
    expected = _parameters(site, found[0], node.name)
    if expected is None:
        return None
    arguments = parameters.given(site, scope, node, expected)
    return None if arguments is None else Called(found[0], node.name, MapOf(arguments))


def _report(site: Site, node: Call | Word, kinds: tuple[str, ...], found: list[str]) -> None:
    where = (node.start, node.start + len(node.name))
    if found:
        message = f"`{node.name}` is a workflow and an automation: which one is run?"
        site.report("V209", message, where, help="give one of them another name")
    elif node.name not in site.known.lost and site.known.nameless.isdisjoint(kinds):
        known = [name for kind in kinds for name in site.known.of(kind)]
        unknown(site, "V206", f"there is no {' or '.join(kinds)} `{node.name}`", node.name, where, known)


def _parameters(site: Site, kind: str, name: str) -> tuple[Parameter, ...] | None:
    """Those of a workflow; None where its head could not be read, which was reported there."""
    declared = site.known.of(kind)[name]
    signature = declared.clause.items[0] if declared.clause.items else None
    if kind != "workflow":
        return ()
    found = None if signature is None else parameters.read(signature)
    return None if found is None else tuple(Parameter(*one) for one in found)
