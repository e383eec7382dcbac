"""quantile(part, histogram): of a histogram that was calculated, as the sum of several."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.vocabulary.word import FunctionWord
from engine.analysis.buckets import bound_of, of_buckets

FUNCTION = FunctionWord(
    name="quantile",
    parameters=("part", "histogram"),
    result="any",
    doc="The value below which this part of the observations lies that several histograms counted together.",
    example="when quantile(0.99, sum(rate(http.latency over 5m))) > 500ms",
)


def evaluate(now: float, part: float, histogram: object) -> float | None:
    if not isinstance(histogram, Mapping):
        return None
    bounds = [(bound_of(text), count) for text, count in histogram.items()]
    return of_buckets(part, sorted((bound, count) for bound, count in bounds if bound is not None))
