"""From scraped series to facts: series whose labels agree in the keys of a type become one fact of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, isnan

from daemon.probes.prometheus import LeftOut, Sample
from daemon.watching.intake import Door, Taken, taken_of
from daemon.world.refusals import Refusal
from dsl.expressions import Field, nodes_of
from dsl.program import FactField, FactType

_BUCKET = "_bucket"
_WHOLE = "series"  # as the only key: everything that tells a series from others of its name
_LABELS = "labels"  # as a map: the labels that all series of the fact have in common


Item = dict[str, object]  # what one fact is made of, by the names that its fields read


@dataclass(frozen=True, slots=True)
class Scraped:
    """A type, and the series that its fields are made of; of `histograms` the buckets are.

    `is_whole`: its key is the whole set of labels. `has_labels`: a field of it is made of them.
    """

    kind: FactType
    series: frozenset[str]
    histograms: frozenset[str]
    is_whole: bool = False
    has_labels: bool = False

    def refusals(self, left_out: LeftOut) -> Counter[Refusal]:
        """Of the samples that are not taken for their time, those that the type would be made of."""
        found: Counter[Refusal] = Counter()
        for (name, reason), count in left_out.items():
            if name in self.series or name.removesuffix(_BUCKET) in self.histograms:
                when = "from the future" if reason == "early" else "too old"
                found[Refusal(reason, name, f"{name} has samples that are {when}: they are left out")] = count
        return found


def scraped(kind: FactType) -> Scraped:
    """What a type takes of what is scraped."""
    names = {name for one in kind.fields for name in _series_of(one)} - {one.name for one in kind.keys}
    buckets = {name for one in kind.fields if one.type == "histogram" for name in _series_of(one)}
    return Scraped(
        kind,
        frozenset(names - {_LABELS}),
        frozenset(name.removesuffix(_BUCKET) for name in buckets),
        is_whole=[one.name for one in kind.keys] == [_WHOLE],
        has_labels=_LABELS in names,
    )


def _series_of(one: FactField) -> set[str]:
    if one.computed is None:
        return {one.name}
    nodes = nodes_of(one.computed)
    return {str(node.path[0]) for node in nodes if isinstance(node, Field) and node.subject == "item"}


def facts_of(samples: Iterable[Sample], plan: Scraped, now: float, door: Door) -> Taken:
    """The facts of one type. A label that a series does not have is the empty text, as in Prometheus."""
    items, refused = items_of(samples, plan)
    for refusal, count in refused.items():
        door.refuse(refusal, count)
    return taken_of(items, plan.kind, now, door)


def items_of(samples: Iterable[Sample], plan: Scraped) -> tuple[Iterable[Item], Counter[Refusal]]:
    """What the facts of one type are made of, and what is left out of it, how often."""
    items: dict[tuple[str, ...], Item] = {}
    refused: Counter[Refusal] = Counter()
    for name, labels, value in samples:
        base = name.removesuffix(_BUCKET)
        if base in plan.histograms and name != base:
            rest = {label: text for label, text in labels.items() if label != "le"}
            _take_bucket(_item(items, plan, rest), base, labels.get("le", ""), value)
        elif name in plan.series:
            unfit = _unfit(name, value)
            if unfit is not None:
                refused[unfit] += 1
                continue
            item = _item(items, plan, labels)
            if name in item:
                refused[Refusal("twice", name, _twice(name, plan))] += 1
            else:
                item[name] = value
    return items.values(), refused


def _unfit(name: str, value: float) -> Refusal | None:
    """NaN is how summaries say that they have seen nothing."""
    if isnan(value):
        return Refusal("null", name, f"{name} is NaN, and counts as unknown")
    if not isfinite(value):
        return Refusal("not_finite", name, f"{name} is no finite number, and counts as unknown")
    return None


def _twice(name: str, plan: Scraped) -> str:
    return f"several series {name} differ in labels that are no key of {plan.kind.name}: the first is taken"


def _item(items: dict[tuple[str, ...], Item], plan: Scraped, labels: Mapping[str, str]) -> Item:
    keys = [one.name for one in plan.kind.keys]
    key = (written_labels(labels),) if plan.is_whole else tuple(labels.get(name, "") for name in keys)
    item = items.get(key)
    if item is None:
        item = items[key] = dict(zip(keys, key, strict=True))
        if plan.has_labels:
            item[_LABELS] = _Labels(labels)
    elif plan.has_labels and not plan.is_whole:
        item[_LABELS] = _common(item[_LABELS], labels)
    return item


class _Labels(dict[str, str]):
    """What a field is made of by `= labels.NAME`: the empty text where there is no such label, as in Prometheus."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return super().get(name, default)


def _common(so_far: object, labels: Mapping[str, str]) -> _Labels:
    before = so_far if isinstance(so_far, dict) else {}
    return _Labels({name: text for name, text in before.items() if labels.get(name) == text})


def written_labels(labels: Mapping[str, str]) -> str:
    """As Prometheus writes them, in the order of their names: `{code="200",job="web"}`."""
    return "{" + ",".join(f'{name}="{_escaped(labels[name])}"' for name in sorted(labels)) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _take_bucket(item: Item, base: str, bound: str, value: float) -> None:
    """Buckets of one histogram are one value, under its name and under that of its series."""
    buckets = item.setdefault(base, {})
    if isinstance(buckets, dict):
        buckets[bound] = buckets.get(bound, 0.0) + value
        item[f"{base}{_BUCKET}"] = buckets
