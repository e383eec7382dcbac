"""When something is due next. Pure: the same schedule and instant give the same answer, a year of them in a moment.

Times of the day are those of the schedule's zone (meaning 23): one that does not exist there, because the clocks went forward, is due
at the next instant that does; one that the clocks show twice is due once, the first time. What is counted in hours (`every`, or a cron
expression whose minute or hour begins with a star) follows the time that passes, not the clock on the wall.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from math import floor
from zoneinfo import ZoneInfo

from cronsim import CronSim

from dsl.parts import Schedule

_A_DAY = timedelta(days=1)
_LATEST = datetime(9990, 1, 1, tzinfo=UTC).timestamp()  # calendars end there, and so do schedules


def next_after(schedule: Schedule, instant: float) -> float | None:
    """The first instant after this one at which it is due; None: never again. Seconds since 1970, UTC.

    `immediate` has no instants: when it comes into force is for its owner to say.
    """
    if schedule.kind == "immediate" or instant >= _LATEST:
        return None
    if schedule.kind == "every":
        return _every(schedule, instant)
    if schedule.kind == "daily":
        return next(_days(schedule, instant), None)
    return _cron(schedule, instant)


def dues(schedule: Schedule, after: float, until: float) -> Iterator[float]:
    """The instants in (after, until], in order."""
    due = next_after(schedule, after)
    while due is not None and due <= until:
        yield due
        due = next_after(schedule, due)


def _every(schedule: Schedule, instant: float) -> float:
    """Counted from 1970, so that it does not depend on when volexd started."""
    count = floor((instant - schedule.offset) / schedule.every) + 1
    due = count * schedule.every + schedule.offset
    return due if due > instant else due + schedule.every  # rounding


def _days(schedule: Schedule, instant: float) -> Iterator[float]:
    zone = _zone(schedule.timezone)
    day = datetime.fromtimestamp(instant, zone).date() - _A_DAY
    for _ in range(10):  # a week, and a day that a zone left out
        if not schedule.days or day.weekday() in schedule.days:
            due = _on(day, schedule.offset, zone)
            if due > instant:
                yield due
        day += _A_DAY


def _on(day: date, offset: float, zone: tzinfo) -> float:
    """So many seconds of that day's clock; the first of two, or the end of the gap."""
    wall = datetime(day.year, day.month, day.day) + timedelta(seconds=offset)  # noqa: DTZ001 the zone comes with the next line
    first = wall.replace(tzinfo=zone, fold=0)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall:
        return first.timestamp()
    # In a gap, fold 0 counts with the offset before it, and fold 1 with the one after: the gap ends between the two.
    return _end_of_gap(wall.replace(tzinfo=zone, fold=1).timestamp(), first.timestamp(), zone)


def _end_of_gap(low: float, high: float, zone: tzinfo) -> float:
    """The instant at which the offset changes, between one before it and one after it, to the second."""
    after = datetime.fromtimestamp(high, zone).utcoffset()
    first, last = floor(low), floor(high)
    while last - first > 1:
        middle = (first + last) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == after:
            last = middle
        else:
            first = middle
    return float(last)


def _cron(schedule: Schedule, instant: float) -> float | None:
    moments = CronSim(schedule.cron, datetime.fromtimestamp(floor(instant), _zone(schedule.timezone)))
    for moment in moments:
        due = moment.timestamp()
        if due > instant:  # the hour that the clocks show twice may lie behind
            return due
    return None


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
