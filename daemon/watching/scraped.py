"""From scraped series to facts: series whose labels agree in the keys of a type become one fact of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from daemon.probes.prometheus import Sample
from daemon.watching.intake import Taken, Warn, taken_of
from dsl.expressions import Field, nodes_of
from dsl.program import FactField, FactType

_BUCKET = "_bucket"


@dataclass(frozen=True, slots=True)
class Scraped:
    """A type, and the series that its fields are made of; of `histograms` the buckets are."""

    kind: FactType
    series: frozenset[str]
    histograms: frozenset[str]


def scraped(kind: FactType) -> Scraped:
    """What a type takes of what is scraped."""
    names = {name for one in kind.fields for name in _series_of(one)} - {one.name for one in kind.keys}
    buckets = {name for one in kind.fields if one.type == "histogram" for name in _series_of(one)}
    return Scraped(kind, frozenset(names), frozenset(name.removesuffix(_BUCKET) for name in buckets))


def _series_of(one: FactField) -> set[str]:
    if one.computed is None:
        return {one.name}
    nodes = nodes_of(one.computed)
    return {str(node.path[0]) for node in nodes if isinstance(node, Field) and node.subject == "item"}


def facts_of(samples: Iterable[Sample], plan: Scraped, now: float, warn: Warn) -> Taken:
    """The facts of one type. A label that a series does not have is the empty text, as in Prometheus."""
    keys = [one.name for one in plan.kind.keys]
    items: dict[tuple[str, ...], dict[str, object]] = {}
    for name, labels, value in samples:
        base = name.removesuffix(_BUCKET)
        if base in plan.histograms and name != base:
            _take_bucket(_item(items, keys, labels), base, labels.get("le", ""), value)
        elif name in plan.series and isfinite(value):
            item = _item(items, keys, labels)
            if name in item:
                warn(
                    name,
                    f"several series {name} differ in labels that are no key of {plan.kind.name}: the first is taken",
                )
            else:
                item[name] = value
    return taken_of(items.values(), plan.kind, now, warn)


def _item(
    items: dict[tuple[str, ...], dict[str, object]], keys: Sequence[str], labels: Mapping[str, str]
) -> dict[str, object]:
    key = tuple(labels.get(name, "") for name in keys)
    if key not in items:
        items[key] = dict(zip(keys, key, strict=True))
    return items[key]


def _take_bucket(item: dict[str, object], base: str, bound: str, value: float) -> None:
    """Buckets of one histogram are one value, under its name and under that of its series."""
    buckets = item.setdefault(base, {})
    if isinstance(buckets, dict):
        buckets[bound] = buckets.get(bound, 0.0) + value
        item[f"{base}{_BUCKET}"] = buckets
