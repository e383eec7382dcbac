"""`key` and `field`: what facts and events say, name by name."""

from __future__ import annotations

from dsl import types
from dsl.expressions import Expression
from dsl.match import Match
from dsl.program import FactField
from dsl.resolve import constants
from dsl.resolve.clauses import Body, unknown
from dsl.resolve.expression import of_type
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.syntax import List, Named, Node, Raw, Text, Word
from dsl.types import Type

_ITEM = Scope(items="item")


def resolve_fields(site: Site, body: Body, word: str) -> tuple[FactField, ...] | None:
    """Those behind this clause word; None when something was reported."""
    parts = [part for said in body.all(word) for part in said.match.parts("fields")]
    found = [_field(site, part) for part in parts]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) else None


def _field(site: Site, part: Match) -> FactField | None:
    node = part.node("field")
    if isinstance(node, Word):
        return FactField(node.name, "text")
    if not isinstance(node, Named):
        return None
    kind = written_type(site, node, part)
    value = part.node("value")
    if kind is None:
        return None
    computed: Expression | None = None
    if value is not None:
        computed = of_type(site, _ITEM, value, kind)
        if computed is None:
            return None
    return FactField(node.name, types.text_of(kind), kind.choices, computed)


def written_type(site: Site, node: Named, part: Match) -> Type | None:
    """The type behind the name of a field; None when it was reported."""
    choices = part.node("choices")
    name = node.value.name if isinstance(node.value, Word) else ""
    if choices is not None and name == "one":
        return _closed_set(site, choices)
    if choices is None and name in types.NAMED:
        return types.NAMED[name]
    _report_no_type(site, node)
    return None


def _closed_set(site: Site, node: Node) -> Type | None:
    elements = node.elements if isinstance(node, List) else ()
    choices = [constants.text(site, element) for element in elements if isinstance(element, (Text, Raw))]
    whole = tuple(choice for choice in choices if choice is not None)
    if not elements or len(whole) != len(elements) or len(set(whole)) != len(whole):
        site.report("V304", "expected different texts", node, help='write one of ["up", "down"]')
        return None
    if any(letter in choice for choice in whole for letter in '",\\'):
        site.report("V304", "the values of a closed set are plain words", node)
        return None
    return types.one_of(whole)


def _report_no_type(site: Site, node: Named) -> None:
    known = [*types.NAMED, "one"]
    if isinstance(node.value, Word):
        unknown(site, "V203", f"`{node.value.name}` is no type", node.value.name, node.value, known)
    else:
        help_ = f'types are {", ".join(types.NAMED)} and one of ["…"]'
        site.report("V304", f"expected the type of `{node.name}`", node.value, help=help_)


def all_different(site: Site, body: Body) -> bool:
    """Whether no field is declared twice."""
    seen: set[str] = set()
    for said in (*body.all("key"), *body.all("field")):
        for part in said.match.parts("fields"):
            node = part.node("field")
            name = node.name if isinstance(node, (Word, Named)) else ""
            if node is not None and name in seen:
                site.report(
                    "V207", f"the field `{name}` is declared twice", (node.start, node.start + len(name))
                )
                return False
            seen.add(name)
    return True
