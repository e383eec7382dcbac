"""Where a series goes: a line through the newest stretch that lies along one, robust to outliers, steps and changes of slope.

The window is cut into blocks, of which only the medians count. Through them goes the line of the median slope (Theil and Sen), which a
quarter of bad blocks does not move. If its residuals change their sign often, they are noise or a cycle, and the whole window
counts; else something happened on the way (a step, a reset, another slope), and the oldest blocks are left out until none of the
rest's quarters lies on one side of the line. What is still bent with the fewest blocks is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, inf, sqrt
from statistics import median
from typing import NamedTuple

from engine.series.view import View

BLOCKS = 48  # of a window
FEWEST = 12  # blocks that make a line
_RUNS = 5  # stretches of residuals of one sign: with more of them they are noise or a cycle
_SHORTER = 0.8
_BENT = 0.05  # of the rise: a smaller bend does not matter
_NEWEST = 4  # blocks that are no outliers when they lie on one side, far off
_SURE = 1.645 * 1.5  # 90 %, and half as much again: measured, the plain interval promises too much
_FAR = 10.0  # windows ahead: beyond, a crossing is none

Point = tuple[float, float]


class Line(NamedTuple):
    """`level` at the instant `at`, changing by `slope` a second; the slope lies between `least` and `most`."""

    at: float
    level: float
    slope: float
    least: float
    most: float

    def value(self, at: float) -> float:
        return self.level + self.slope * (at - self.at)


def blocks(view: View) -> list[Point]:
    """The middle instant and the median of each block of the window of which something is known."""
    found: list[Point] = []
    samples = view.samples
    length = (view.end - view.start) / BLOCKS
    index = view.first
    for block in range(BLOCKS):
        begin = view.start + block * length
        inside = index
        while inside <= view.last and samples.ats[inside] <= begin + length:
            inside += 1
        values = [value for value in samples.values[index:inside] if type(value) in (float, int)]
        held = inside - 1
        if not values and held >= 0 and samples.end(held) >= begin + length / 2:
            values = [samples.values[held]]
        if values:
            found.append((begin + length / 2, median(values)))
        index = inside
    return found


def line_through(points: Sequence[Point]) -> Line | None:
    """None where the points do not lie along one."""
    if len(points) < FEWEST:
        return None
    line = _fitted(points)
    if _runs(line, points) > _RUNS and not _turned(_residuals(line, points)):
        return line
    while _bent(line, points):
        if len(points) <= FEWEST:
            return None
        points = points[-max(FEWEST, int(len(points) * _SHORTER)) :]
        line = _fitted(points)
    return line


def _fitted(points: Sequence[Point]) -> Line:
    slopes = sorted(
        (second[1] - first[1]) / (second[0] - first[0])
        for place, first in enumerate(points)
        for second in points[place + 1 :]
    )
    slope = median(slopes)
    at = points[-1][0]
    level = median(value - slope * (instant - at) for instant, value in points)
    count = len(points)
    apart = _SURE * sqrt(count * (count - 1) * (2 * count + 5) / 18) / 2
    low = max(0, int(len(slopes) / 2 - apart))
    return Line(at, level, slope, slopes[low], slopes[-1 - low])


def _residuals(line: Line, points: Sequence[Point]) -> list[float]:
    return [value - line.value(at) for at, value in points]


def _runs(line: Line, points: Sequence[Point]) -> int:
    signs = [residual > 0 for residual in _residuals(line, points) if residual]
    return 1 + sum(first != second for first, second in pairwise(signs))


def _bent(line: Line, points: Sequence[Point]) -> bool:
    """Whether a quarter of the points lies on one side of the line, farther off than does not matter."""
    residuals = _residuals(line, points)
    if _turned(residuals):
        return True
    rise = abs(line.slope * (points[-1][0] - points[0][0]))
    size = ceil(len(points) / 4)
    for begin in range(0, len(points), size):
        quarter = residuals[begin : begin + size]
        above = sum(residual > 0 for residual in quarter)
        below = sum(residual < 0 for residual in quarter)
        if max(above, below) >= 0.9 * len(quarter) and abs(median(quarter)) > _BENT * rise:
            return True
    return False


def _turned(residuals: Sequence[float]) -> bool:
    """Whether the newest blocks all left the line for the same side: that is where it goes now, and no outliers."""
    newest = residuals[-_NEWEST:]
    usual = median(abs(residual) for residual in residuals)
    return max(newest) < -3 * usual or min(newest) > 3 * usual


def crossing(line: Line, operator: str, threshold: float, now: float, over: float) -> float | None:
    """Seconds until the line crosses; infinite where it recedes or stands; None where that cannot be told."""
    upward = operator in (">", ">=")
    missing = threshold - line.value(now) if upward else line.value(now) - threshold
    slopes = (line.slope, line.least, line.most) if upward else (-line.slope, -line.most, -line.least)
    slope, least, most = slopes
    if missing <= 0:
        return 0.0 if least > 0 else None  # the values are not there yet, though the line is
    if least > 0:
        after = missing / slope
        return after if after <= _FAR * over else inf
    soonest = missing / most if most > 0 else inf
    return inf if soonest > _FAR * over or most <= 0 else None
