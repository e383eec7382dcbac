"""Parameters of what is declared with some (`reconnect(stream: text)`), and the values that are given for them."""

from __future__ import annotations

from collections.abc import Sequence

from dsl import types
from dsl.diagnostics import so_many
from dsl.expressions import Expression
from dsl.resolve.clauses import unknown
from dsl.resolve.expression import of_type
from dsl.resolve.known import Parameter
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.syntax import Call, Named, Node, Word

Given = tuple[tuple[str, Expression], ...]


def read(signature: Node) -> tuple[tuple[str, str], ...] | None:
    """Name and type of each; None where something is wrong. Nothing is reported here."""
    arguments = signature.arguments if isinstance(signature, Call) else ()
    found: list[tuple[str, str]] = []
    for argument in arguments:
        one = argument[0]
        if len(argument) != 1 or not isinstance(one, Named) or not isinstance(one.value, Word):
            return None
        if one.value.name not in types.NAMED:
            return None
        found.append((one.name, one.value.name))
    return tuple(found)


def checked(site: Site, signature: Call | Word, example: str) -> tuple[tuple[str, str], ...] | None:
    """The same; None when it was reported."""
    found = read(signature)
    if found is not None:
        return found if _all_different(site, signature) else None
    for argument in signature.arguments if isinstance(signature, Call) else ():
        one = argument[0]
        if isinstance(one, Named) and isinstance(one.value, Word) and one.value.name not in types.NAMED:
            name = one.value.name
            unknown(site, "V203", f"`{name}` is no type", name, one.value, list(types.NAMED))
            return None
    site.report("V111", "expected parameters with their types", signature, help=f"write `{example}`")
    return None


def _all_different(site: Site, signature: Call | Word) -> bool:
    seen: set[str] = set()
    for argument in signature.arguments if isinstance(signature, Call) else ():
        one = argument[0]
        if isinstance(one, Named) and one.name in seen:
            site.report("V207", f"two parameters are called `{one.name}`", (one.start, one.name_end))
            return False
        seen.add(one.name if isinstance(one, Named) else "")
    return True


def given(site: Site, scope: Scope, node: Call | Word, parameters: Sequence[Parameter]) -> Given | None:
    """A value for each parameter, by name or in their order; None when it was reported."""
    nodes = _by_name(site, node, parameters)
    if nodes is None:
        return None
    found = [(one.name, of_type(site, scope, nodes[one.name], types.named(one.type))) for one in parameters]
    whole = tuple((name, value) for name, value in found if value is not None)
    return whole if len(whole) == len(found) else None


def _by_name(site: Site, node: Call | Word, parameters: Sequence[Parameter]) -> dict[str, Node] | None:
    names = [parameter.name for parameter in parameters]
    arguments = node.arguments if isinstance(node, Call) else ()
    found: dict[str, Node] = {}
    for place, argument in enumerate(arguments):
        one = argument[0]
        if isinstance(one, Named) and one.name not in names:
            where = (one.start, one.name_end)
            unknown(site, "V212", f"`{node.name}` takes no `{one.name}`", one.name, where, names)
            return None
        name = one.name if isinstance(one, Named) else names[place] if place < len(names) else ""
        if not name or name in found or len(argument) != 1:
            _report_number(site, node, parameters)
            return None
        found[name] = one.value if isinstance(one, Named) else one
    if len(found) < len(names):
        _report_number(site, node, parameters)
        return None
    return found


def _report_number(site: Site, node: Call | Word, parameters: Sequence[Parameter]) -> None:
    arguments = node.arguments if isinstance(node, Call) else ()
    takes = ", ".join(f"{one.name}: {one.type}" for one in parameters)
    values = so_many(len(parameters), "value")
    message = f"`{node.name}` takes {values}, each once, and is given {len(arguments) or 'none'}"
    site.report("V212", message, node, help=f"it is declared as {node.name}({takes})")
