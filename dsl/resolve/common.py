"""The fields behind `by` and `matching`: by what facts are told apart into groups, and what joined facts have in common."""

from __future__ import annotations

from collections.abc import Sequence

from dsl import types
from dsl.program import FactType
from dsl.resolve.site import Site
from dsl.suggest import closest, did_you_mean
from dsl.syntax import Node, Path, Word
from dsl.types import ANY, LIST, MAP, Type

Fields = tuple[str, ...]


def grouping_fields(site: Site, kind: FactType, nodes: tuple[Node, ...]) -> Fields | None:
    """The fields as texts (`labels.tier` is a member of a map); None when it was reported."""
    found: list[str] = []
    for node in nodes:
        name = _path(node)
        if _type_of(site, kind, node, name) is None or not _once(site, node, name, found):
            return None
        found.append(name)
    return tuple(found)


def common_fields(site: Site, kinds: Sequence[FactType], nodes: tuple[Node, ...]) -> Fields | None:
    """The same, of fields that all these types have; None when it was reported."""
    found: list[str] = []
    for node in nodes:
        name = _path(node)
        of = [_type_of(site, kind, node, name) for kind in kinds]
        whole = [one for one in of if one is not None]
        if (
            len(whole) != len(of)
            or not _once(site, node, name, found)
            or not _alike(site, node, kinds, whole)
        ):
            return None
        found.append(name)
    return tuple(found)


def _path(node: Node) -> str:
    if isinstance(node, Path):
        return ".".join(map(str, node.parts))
    return node.name if isinstance(node, Word) else ""


def _type_of(site: Site, kind: FactType, node: Node, name: str) -> Type | None:
    """The type of a field that facts can be told apart by; None when it was reported."""
    fields = {field.name: types.named(field.type) for field in (*kind.keys, *kind.fields)}
    first, _, rest = name.partition(".")
    if first not in fields:
        if rest and first in site.known.types:
            help_ = f"it is a field of {kind.name} anyway: write `{rest}`"
            site.report("V204", f"{kind.name} has no field `{first}`", node, help=help_, replacement=rest)
        else:
            labels = [f"labels.{name}" for name in site.known.labels] if "labels" in fields else []
            label = f"labels.{first}" if f"labels.{first}" in labels else None
            help_ = f"write `{label}`" if label else did_you_mean(first, [*fields, *labels])
            near = label or closest(first, [*fields, *labels])
            site.report("V204", f"{kind.name} has no field `{first}`", node, help=help_, replacement=near)
        return None
    found = fields[first]
    if rest and found in (MAP, ANY):
        if (kind.name, first) == ("agent", "labels"):
            site.known.labels_read.append((rest, site.span(node)))
        return ANY
    if rest:
        site.report("V204", f"{found} has no members", node, help=f"take `.{rest}` away")
        return None
    if found in (MAP, LIST, types.HISTOGRAM):
        site.report(
            "V304", f"facts cannot be told apart by {found}", node, help="take a field with one value"
        )
        return None
    return found


def _once(site: Site, node: Node, name: str, found: list[str]) -> bool:
    if name not in found:
        return True
    site.report("V114", f"`{name}` stands twice", node)
    return False


def _alike(site: Site, node: Node, kinds: Sequence[FactType], of: Sequence[Type]) -> bool:
    for kind, other in zip(kinds[1:], of[1:], strict=True):
        if not types.comparable(of[0], other):
            message = f"of {kinds[0].name} this is {of[0]}, and of {kind.name} it is {other}"
            site.report("V301", message, node)
            return False
    return True
