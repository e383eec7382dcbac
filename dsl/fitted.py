"""Clauses that fit their word as one did before: what is bound to what follows from the kinds of the items, and from those of their words
that the shape knows. So it is worked out once for `severity warning` and `severity critical`, and for every `on fault NAME`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from operator import itemgetter
from typing import Any

from dsl.match import Match, Mismatch, match_clause
from dsl.shape import KINDS, kinds_of, words_of
from dsl.syntax import Clause, Node, Not, Word

_MOST_ITEMS = 12  # of longer clauses, hardly two are alike
_MOST_KEPT = 10_000

Items = tuple[Node, ...]
Bind = Callable[[Items], Any]
Binds = tuple[tuple[str, tuple[Bind, ...]], ...]  # of each label, what it is bound to

_kept: dict[tuple[str, tuple[object, ...]], tuple[Binds, frozenset[str]] | None] = {}


def fitted(shape: str, clause: Clause) -> Match | Mismatch:
    """The same as `match_clause`."""
    items = clause.items
    if len(items) > _MOST_ITEMS:
        return match_clause(shape, clause)
    words = _words(shape)
    alike = shape, tuple([_kind(item, words) for item in items])
    if alike not in _kept:
        match = match_clause(shape, clause)
        _keep(alike, match, items)
        return match
    known = _kept[alike]
    if known is None:
        return match_clause(shape, clause)
    binds, said = known
    return Match(clause.start, clause.line_end, _bound(binds, items), said)


@cache
def _words(shape: str) -> frozenset[str]:
    """All words that mean something in a shape, also in the parts of its values."""
    parts = (KINDS[kind].shape for kind in kinds_of(shape).values() if kind)
    return words_of(shape).union(*(words_of(part) for part in parts if part))


def _kind(item: Node, words: Collection[str]) -> object:
    """All that a shape can ask of an item."""
    kind = type(item)
    if kind is Word:
        bare = item.end - item.start == len(item.name)  # type: ignore[attr-defined]
        return (item.name, bare) if item.name in words else bare  # type: ignore[attr-defined]
    if kind is Not and isinstance(item.operand, Word):  # type: ignore[attr-defined]
        return item.operand.name if item.operand.name in words else kind  # type: ignore[attr-defined]
    return kind


def _bound(binds: Binds, items: Items) -> dict[str, tuple[Node | Match, ...]]:
    return {label: tuple([bind(items) for bind in of_label]) for label, of_label in binds}


# --- what to keep -----------------------------------------------------------------------------------------------------


def _keep(alike: tuple[str, tuple[object, ...]], match: Match | Mismatch, items: Items) -> None:
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    binds = _binds(match, items) if isinstance(match, Match) else None
    _kept[alike] = None if binds is None or not isinstance(match, Match) else (binds, match.said)


def _binds(match: Match, items: Items) -> Binds | None:
    """How its labels were bound; None where something was bound that is neither an item nor made of some."""
    found = []
    for label, values in match.bound.items():
        of_label = [_bind(value, items) for value in values]
        whole = tuple(bind for bind in of_label if bind is not None)
        if len(whole) < len(of_label):
            return None
        found.append((label, whole))
    return tuple(found)


def _bind(value: Node | Match, items: Items) -> Bind | None:
    if isinstance(value, Match):
        return _bind_part(value, items)
    index = next((index for index, item in enumerate(items) if item is value), None)
    return None if index is None else itemgetter(index)


def _bind_part(part: Match, items: Items) -> Bind | None:
    binds = _binds(part, items)
    first = next(index for index, item in enumerate(items) if item.start == part.start)
    last = next(index for index, item in enumerate(items) if item.end == part.end)
    if binds is None:
        return None
    return lambda items: Match(items[first].start, items[last].end, _bound(binds, items), part.said)
