"""Whether an instant lies in the times of a calendar, and when that turns next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dsl.program import Calendar, Hours

_A_DAY = timedelta(days=1)
_FARTHEST = 370  # days that are looked at for the next turn


def lies_in(calendar: Calendar, instant: float) -> bool:
    day = datetime.fromtimestamp(instant, _zone(calendar.timezone)).date()
    return any(start <= instant < end for start, end in _spans(calendar, day - _A_DAY, 2))


def next_turn(calendar: Calendar, instant: float) -> float | None:
    """The first instant after this one at which it opens or closes; None: not within a year."""
    day = datetime.fromtimestamp(instant, _zone(calendar.timezone)).date()
    was = lies_in(calendar, instant)
    for start, end in _spans(calendar, day - _A_DAY, _FARTHEST):
        for edge in (start, end):
            if edge > instant and lies_in(calendar, edge) is not was:
                return edge
    return None


def _spans(calendar: Calendar, first: date, days: int) -> Iterator[tuple[float, float]]:
    """From and until, of the spans that begin on these days."""
    for number in range(days):
        day = first + number * _A_DAY
        if day.isoformat() in calendar.without:
            continue
        for hours in calendar.hours:
            if not hours.days or day.weekday() in hours.days:
                yield _span(calendar, day, hours)


def _span(calendar: Calendar, day: date, hours: Hours) -> tuple[float, float]:
    last = day if hours.end > hours.start else day + _A_DAY
    return _instant(calendar, day, hours.start), _instant(calendar, last, hours.end)


def _instant(calendar: Calendar, day: date, seconds: float) -> float:
    """A time of the day as the clocks there show it; one that they leave out is the next instant that exists."""
    local = datetime(day.year, day.month, day.day, tzinfo=_zone(calendar.timezone)) + timedelta(
        seconds=seconds
    )
    return local.astimezone(UTC).timestamp()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
