"""When a window's value may change though no sample comes."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nextafter
from typing import NamedTuple

from engine.series.view import View

TOLERANCE = 1e-6  # seconds by which knowing half of a window may be missed, since instants are rounded
JUST_AFTER = 4 * TOLERANCE  # so that it is missed by then, whatever was rounded
_STEPS = 240  # a value that drifts is looked at so often in the length of its window, but not more often than it is sampled


def covered(view: View, over: float) -> bool:
    """Whether at least half of the window is known."""
    return view.known_seconds() >= over / 2 - TOLERANCE


def whole(view: View, over: float) -> bool:
    """Whether all of the window is known."""
    return view.known_seconds() >= over - TOLERANCE


class Asked(NamedTuple):
    """What is of interest in a window: what half coverage decides, whether all of it is known, the weight of what is known."""

    half: bool
    whole: bool
    drifts: bool


def turns(view: View, now: float, over: float, ending: float, asked: Asked) -> float:
    """The next instant, or infinite."""
    found = min((_when(at, shift, now) for at, shift in _edges(view, over, ending)), default=inf)
    if asked.half:
        found = min(found, _half(view, now, over))
    if asked.whole and whole(view, over) and not _gains(view):
        found = min(found, now + JUST_AFTER)  # from now on there is a gap at its end
    if asked.drifts and (view.first <= view.last or view.head >= 0):
        found = min(found, _drift(view, now, over, ending))
    return found


def _edges(view: View, over: float, ending: float) -> Iterator[tuple[float, float]]:
    """What one of the edges passes next: the instant, and how long after it."""
    samples, away = view.samples, over + ending
    if view.first < len(samples):
        yield samples.ats[view.first], away
    if view.head >= 0 and samples.end(view.head) < inf:
        yield samples.end(view.head), away
        if (repeated := _last_repeat(view)) > view.start:
            yield repeated, away
    if view.last + 1 < len(samples):
        yield samples.ats[view.last + 1], ending
    if view.last >= 0 and view.end < samples.untils[view.last] < inf:
        yield samples.untils[view.last], ending
    if samples.begun is not None and samples.begun > view.start:
        yield samples.begun, away


def _last_repeat(view: View) -> float:
    """When the value that was known at its start counts as sampled for the last time: later it is known, and weighs nothing."""
    samples, head = view.samples, view.head
    return samples.lasts[head] + samples.repeats(head, min(samples.end(head), view.end)) * samples.interval


def _when(at: float, shift: float, now: float) -> float:
    """The first instant after now from which `at` lies `shift` back, in the arithmetic of floats."""
    found = max(at + shift, nextafter(now, inf))
    while found - shift < at:
        found = nextafter(found, inf)
    return found


def _half(view: View, now: float, over: float) -> float:
    """When half of the window becomes known, or ceases to be."""
    gains, loses = _gains(view), view.head >= 0
    if gains == loses:
        return inf
    missing = over / 2 - view.known_seconds()
    after = missing if gains else -missing + JUST_AFTER
    return now + after if after > TOLERANCE else inf


def _gains(view: View) -> bool:
    """Whether what it ends with goes on to be known."""
    current = view.current
    return current >= 0 and view.samples.end(current) > view.end


def _drift(view: View, now: float, over: float, ending: float) -> float:
    samples, current = view.samples, view.current
    steady = view.first > view.last and samples.end(current) > view.end
    if over and steady:
        return inf
    fresh = samples.lasts[current] + 1.5 * samples.interval + ending
    if samples.interval and fresh > now:
        return fresh
    span = over if over else view.end - samples.lasts[current]
    return now + max(samples.interval, span / _STEPS, 0.0 if over else 1.0)
