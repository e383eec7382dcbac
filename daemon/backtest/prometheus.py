"""A record of Prometheus: the answer of a range query."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from daemon.backtest.record import Record, Sampled, Unusable, record_of
from daemon.probes.prometheus import Sample as Scraped
from daemon.watching.scraped import facts_of, scraped
from daemon.world.refusals import Refusal
from dsl.program import FactType


def from_prometheus(
    name: str,
    text: str,
    types: Mapping[str, FactType],
    since: float | None = None,
    until: float | None = None,
) -> Record:
    """The answer of `/api/v1/query_range`: facts are made of it as of what a probe scrapes. Raises Unusable."""
    plans = [scraped(kind) for kind in types.values() if kind.series_of]
    if not plans:
        raise Unusable(
            "the rules declare no `fact … from prometheus`, so nothing would be made of these series"
        )
    rows: list[Sampled] = []
    for at, series in _instants(name, text).items():
        for plan in plans:
            for key, values in facts_of(series, plan, at, OPEN).facts.items():
                rows += [(at, plan.kind.name, key, field, value) for field, value in values.items()]
    return record_of(rows, since, until)


class _Open:
    """Implements `intake.Door`: of a record all is taken that is of its type."""

    def arrived(self, keys: Collection[str]) -> None:
        """Nothing has to make room."""

    def admits(self, key: str) -> bool:
        return True

    def refuse(self, refusal: Refusal, count: int = 1) -> None:
        """It is unknown, as it was for the daemon."""


OPEN = _Open()


def _instants(name: str, text: str) -> dict[float, list[Scraped]]:
    try:
        found = json.loads(text)["data"]["result"]
        instants: dict[float, list[Scraped]] = {}
        for one in found:
            labels = {label: value for label, value in one["metric"].items() if label != "__name__"}
            for at, value in one["values"]:
                instants.setdefault(float(at), []).append(
                    (one["metric"].get("__name__", ""), labels, float(value))
                )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unusable(
            f"{name}: this is no answer of query_range ({type(error).__name__}: {error})"
        ) from None
    return instants
