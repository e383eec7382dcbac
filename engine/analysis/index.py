"""Which watches a change may concern: by the equality keys of their conditions, so that cost grows with what a fact touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from dsl.operators import walk
from engine.analysis.watch import Watch

_Paths = tuple[tuple[str | int, ...], ...]


class _Shape:
    """The watches of one fact type whose keys are the same paths, by the values of these."""

    __slots__ = ("_key", "buckets")

    def __init__(self, paths: _Paths) -> None:
        flat = all(len(path) == 1 for path in paths)
        self._key = _by_name(*(str(path[0]) for path in paths)) if flat else _by_path(paths)
        self.buckets: dict[tuple[Any, ...], list[Watch]] = {}

    def watches(self, values: Mapping[str, Any]) -> Sequence[Watch]:
        try:
            return self.buckets.get(self._key(values), ())
        except (
            KeyError,
            TypeError,
        ):  # not known, or a list or a map where a text was expected: equal to no key
            return ()


def _by_name(name: str, *names: str) -> Callable[[Mapping[str, Any]], Any]:
    """The quick way, for fields of the fact itself."""
    get = itemgetter(name, *names)
    return get if names else lambda values: (get(values),)


def _by_path(paths: _Paths) -> Callable[[Mapping[str, Any]], Any]:
    return lambda values: tuple([walk(values, path) for path in paths])


class _Type:
    __slots__ = ("by_field", "keyless", "only", "shapes")

    def __init__(self) -> None:
        self.only: _Shape | None = None  # where all watches have keys, of one shape
        self.keyless: list[Watch] = []
        self.shapes: dict[_Paths, _Shape] = {}
        self.by_field: dict[str, list[Watch]] = {}  # of those without keys


class Index:
    def __init__(self, watches: Iterable[Watch]) -> None:
        self._types: dict[str, _Type] = {}
        self._by_other: dict[str, list[Watch]] = {}
        for watch in watches:
            self._add(watch)
        for kind in self._types.values():
            if len(kind.shapes) == 1 and not kind.by_field:
                kind.only = next(iter(kind.shapes.values()))

    def _add(self, watch: Watch) -> None:
        kind = self._types.setdefault(watch.type, _Type())
        for other in sorted(watch.others()):
            self._by_other.setdefault(other, []).append(watch)
        if not watch.keys:
            kind.keyless.append(watch)
            for field in sorted(watch.fields()):
                kind.by_field.setdefault(field, []).append(watch)
            return
        paths = tuple(path for path, _ in watch.keys)
        shape = kind.shapes.setdefault(paths, _Shape(paths))
        shape.buckets.setdefault(tuple(value for _, value in watch.keys), []).append(watch)

    def about(self, kind: str, values: Mapping[str, Any]) -> Iterable[Watch]:
        """The watches that a fact may make true of which nothing was known, in the order of the rules."""
        found = self._types.get(kind)
        if found is None:
            return ()
        return _merged([found.keyless, *(shape.watches(values) for shape in found.shapes.values())])

    def concerned(self, kind: str, values: Mapping[str, Any], changed: Sequence[str]) -> Iterable[Watch]:
        """The watches that a change of these fields of a fact may make true, in the order of the rules."""
        found = self._types.get(kind)
        if found is None:
            return ()
        if found.only is not None:
            return found.only.watches(values)
        lists = [watches for shape in found.shapes.values() if (watches := shape.watches(values))]
        lists += [found.by_field[name] for name in changed if name in found.by_field]
        if len(lists) == 1:
            return lists[0]
        return _merged(lists)

    def reading(self, kind: str) -> Sequence[Watch]:
        """The watches about other things that read the single fact of this type."""
        return self._by_other.get(kind, ())


def _merged(lists: Iterable[Iterable[Watch]]) -> list[Watch]:
    unique = {watch.number: watch for watches in lists for watch in watches}
    return [unique[number] for number in sorted(unique)]
