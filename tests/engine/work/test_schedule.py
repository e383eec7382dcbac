"""When something is due: a year of every kind of schedule, and the nights on which the clocks change (meaning 23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.parts import Schedule
from engine.planning.schedule import dues, next_after

LONDON, NEW_YORK, LORD_HOWE = "Europe/London", "America/New_York", "Australia/Lord_Howe"
HOUR = 3600.0


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()


def year(schedule: Schedule, of: int = 2026) -> list[float]:
    return list(dues(schedule, at(of, 1, 1) - 1, at(of + 1, 1, 1) - 1))


def told(schedule: Schedule, first: float, last: float) -> list[str]:
    return [
        datetime.fromtimestamp(due, UTC).strftime("%d %H:%M") for due in dues(schedule, first - 1, last - 1)
    ]


def daily(hour: float, timezone: str = "UTC", days: tuple[int, ...] = ()) -> Schedule:
    return Schedule("daily", offset=hour * HOUR, days=days, timezone=timezone)


def cron(expression: str, timezone: str = "UTC") -> Schedule:
    return Schedule("cron", cron=expression, timezone=timezone)


# --- a year ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timezone", ["UTC", LONDON, NEW_YORK, LORD_HOWE])
def test_a_year_of_days_has_each_day_once(timezone: str) -> None:
    zone = ZoneInfo(timezone)
    found = list(dues(daily(1.75, timezone), at(2025, 12, 31, 12), at(2027, 1, 1, 12)))
    days = [datetime.fromtimestamp(due, zone).date() for due in found]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_a_year_of_hours() -> None:
    found = year(Schedule("every", every=HOUR, offset=300))
    assert len(found) == 8760
    assert {due % HOUR for due in found} == {300.0}


def test_a_year_of_weekdays() -> None:
    found = year(daily(2, days=(0, 4)))
    assert len(found) == 104
    assert {datetime.fromtimestamp(due, UTC).weekday() for due in found} == {0, 4}


def test_a_year_of_cron() -> None:
    assert len(year(cron("5 * * * *", LONDON))) == 8760
    assert len(year(cron("30 1 * * *", LONDON))) == 365
    assert len(year(cron("0 9 * * MON-FRI"))) == 261
    assert len(year(cron("0 0 29 2 *"), 2028)) == 1


# --- the nights on which the clocks change ---------------------------------------------------------------------------

SPRING, AUTUMN = (at(2026, 3, 28), at(2026, 3, 31)), (at(2026, 10, 24), at(2026, 10, 27))


@pytest.mark.parametrize("schedule", [daily(1.5, LONDON), cron("30 1 * * *", LONDON)], ids=["daily", "cron"])
def test_a_time_that_does_not_exist_runs_at_the_next_instant(schedule: Schedule) -> None:
    assert told(schedule, *SPRING) == ["28 01:30", "29 01:00", "30 00:30"]


@pytest.mark.parametrize("schedule", [daily(1.5, LONDON), cron("30 1 * * *", LONDON)], ids=["daily", "cron"])
def test_a_doubled_time_runs_once(schedule: Schedule) -> None:
    assert told(schedule, *AUTUMN) == ["24 00:30", "25 00:30", "26 01:30"]


def test_a_zone_that_moves_by_half_an_hour() -> None:
    found = told(daily(2.25, LORD_HOWE), at(2026, 10, 2, 15), at(2026, 10, 4, 16))
    assert found == ["02 15:45", "03 15:30", "04 15:15"]


def test_what_is_counted_in_hours_follows_the_time_that_passes() -> None:
    hourly = told(cron("5 * * * *", LONDON), at(2026, 10, 25), at(2026, 10, 25, 4))
    assert hourly == ["25 00:05", "25 01:05", "25 02:05", "25 03:05"]
    assert told(Schedule("every", every=HOUR, timezone=LONDON), at(2026, 3, 29), at(2026, 3, 29, 3)) == [
        "29 00:00", "29 01:00", "29 02:00",
    ]  # fmt: skip


def test_asked_in_the_middle_of_a_doubled_hour() -> None:
    second_time = at(2026, 10, 25, 1, 15)
    for schedule in (daily(1.5, LONDON), cron("30 1 * * *", LONDON)):
        assert next_after(schedule, second_time) == at(2026, 10, 26, 1, 30)


# --- whatever the schedule -------------------------------------------------------------------------------------------

SCHEDULES = st.one_of(
    st.builds(lambda every, offset: Schedule("every", every=every, offset=offset), st.floats(1, 1e6), st.floats(0, 1e4)),
    st.builds(daily, st.floats(0, 23.99), st.sampled_from(["UTC", LONDON, NEW_YORK, LORD_HOWE])),
    st.builds(
        lambda minute, hour, zone: cron(f"{minute} {hour} * * *", zone),
        st.integers(0, 59), st.integers(0, 23), st.sampled_from(["UTC", LONDON, NEW_YORK]),
    ),
)  # fmt: skip


@given(SCHEDULES, st.floats(at(2000, 1, 1), at(2035, 1, 1)))
def test_the_next_instant_is_after_and_nothing_lies_between(schedule: Schedule, instant: float) -> None:
    due = next_after(schedule, instant)
    assert due is not None
    assert due > instant
    assert next_after(schedule, (instant + due) / 2) in (due, next_after(schedule, due))
    assert next_after(schedule, due) != due


def test_what_never_comes() -> None:
    assert next_after(Schedule("immediate"), 0.0) is None
    assert next_after(cron("0 0 30 2,4 *"), at(2026, 1, 1)) == at(2026, 4, 30)
    assert next_after(daily(1), at(9995, 1, 1)) is None
