"""A sum that stays exact as numbers come and go: partial sums that do not overlap (Shewchuk 1997, as in `math.fsum`)."""

from __future__ import annotations

from math import fsum, isfinite


class ExactSum:
    """What is added and later taken away leaves no trace. Numbers that are not finite are left out."""

    __slots__ = ("_partials",)

    def __init__(self) -> None:
        self._partials: list[float] = []

    def add(self, value: float) -> None:
        if not isfinite(value):
            return
        kept = 0
        partials = self._partials
        for other in partials:
            if abs(value) < abs(other):
                value, other = other, value
            high = value + other
            low = other - (high - value)
            if low:
                partials[kept] = low
                kept += 1
            value = high
        partials[kept:] = [value]

    def value(self) -> float | None:
        """None where the sum is more than a number can hold."""
        try:
            total = fsum(self._partials)
        except (OverflowError, ValueError):
            return None
        return total if isfinite(total) else None
