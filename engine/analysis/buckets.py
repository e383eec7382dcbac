"""Histograms: maps from the upper bounds of buckets ("0.1", "+Inf") to how many observations were no greater."""

from __future__ import annotations

from math import inf, isinf, isnan


def bound_of(text: object) -> float | None:
    """The upper bound that a bucket is named after; None where it is no number."""
    try:
        bound = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return None if isnan(bound) else bound


def of_buckets(part: float, buckets: list[tuple[float, float]]) -> float | None:
    """The quantile of observations, by upper bounds in their order and how many were no greater; as Prometheus' histogram_quantile."""
    if len(buckets) < 2 or buckets[-1][0] < inf or buckets[-1][1] <= 0:
        return None
    bounds = [bound for bound, _ in buckets]
    counts: list[float] = []
    for _, count in buckets:
        counts.append(max(count, counts[-1]) if counts else count)  # a late bucket must not make it fall
    rank = part * counts[-1]
    index = next((i for i, count in enumerate(counts[:-1]) if count >= rank), len(bounds) - 1)
    if isinf(bounds[index]):
        return bounds[-2]
    if index == 0 and bounds[0] <= 0:
        return bounds[0]
    below, low = (counts[index - 1], bounds[index - 1]) if index else (0.0, 0.0)
    inside = counts[index] - below
    return low + (bounds[index] - low) * ((rank - below) / inside) if inside else bounds[index]
