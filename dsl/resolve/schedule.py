"""Schedules: intervals, days, cron expressions, and the places whose clocks they go by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError
from msgspec.structs import replace

from dsl import types
from dsl.parts import Schedule
from dsl.resolve import constants
from dsl.resolve.clauses import Body, Said
from dsl.resolve.site import Site
from dsl.suggest import did_you_mean
from dsl.syntax import Node, Word

SHORTEST = 0.1  # seconds between two runs
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 86400.0
_LONGEST_CRON = 200  # letters
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def resolve_schedule(site: Site, body: Body) -> Schedule | Literal[False] | None:
    """None where none is written, False when it was reported."""
    said = [one for one in body.said if one.word.name in _READERS]
    if len(said) > 1:
        site.report("V114", "there is one schedule", site.head(said[1].clause), help="one of them has to go")
        return False
    if not said:
        return None if _nothing_hangs_in_the_air(site, body) else False
    clause = said[0].clause
    found = _READERS[said[0].word.name](site, said[0])
    zone = resolve_timezone(site, body)
    if found is None or zone is None:
        return False
    text = site.text(clause.start, clause.line_end)
    return replace(found, timezone=zone, catch_up=body.has("catch"), text=text)


def _nothing_hangs_in_the_air(site: Site, body: Body) -> bool:
    for one in (body.one("timezone"), body.one("catch")):
        if one is not None and body.sound:
            message = f"`{one.word.name}` says nothing without a schedule"
            site.report(
                "V113", message, site.head(one.clause), help="write, for example, `every day at 02:00`"
            )
            return False
    return True


# --- intervals and days -----------------------------------------------------------------------------------------------


def _every(site: Site, said: Said) -> Schedule | None:
    at = said.match.node("at")
    return _interval(site, said) if at is None else _daily(site, said, at)


def _daily(site: Site, said: Said, at: Node) -> Schedule | None:
    offset = constants.value(site, at, types.TIME_OF_DAY)
    named = {node.name for node in said.match.nodes("days") if isinstance(node, Word)}
    days = tuple(number for number, name in enumerate(DAYS) if name in named)
    return Schedule("daily", offset=offset, days=days) if isinstance(offset, float) else None


def _interval(site: Site, said: Said) -> Schedule | None:
    node, minute = said.match.node("every"), said.match.node("minute")
    every = None if node is None else constants.duration(site, node)
    offset = 0 if minute is None else constants.count(site, minute, least=0)
    if node is None or every is None or offset is None:
        return None
    if every < SHORTEST:
        site.report(
            "V309", f"`{site.text(node.start, node.end)}` is too often", node, help="at most every 100ms"
        )
        return None
    if minute is not None and not offset * 60 < min(every, 3600.0):
        written = site.text(node.start, node.end)
        site.report("V309", f"there is no minute {offset} in every {written}", minute)
        return None
    return Schedule("every", every=every, offset=offset * 60.0)


def _immediate(site: Site, said: Said) -> Schedule:
    return Schedule("immediate")


# --- cron -------------------------------------------------------------------------------------------------------------


def _cron(site: Site, said: Said) -> Schedule | None:
    node = said.match.node("cron")
    text = None if node is None else constants.text(site, node)
    if node is None or text is None:
        return None
    objection = _objection(text)
    if objection is None:
        return Schedule("cron", cron=" ".join(text.split()))
    code, message, help_ = objection
    site.report(code, message, node, help=help_)
    return None


def _objection(text: str) -> tuple[str, str, str] | None:
    """Code, message and way out; None for an expression that comes due."""
    fields = text.split()
    if len(fields) != 5 or len(text) > _LONGEST_CRON:
        help_ = "minute, hour, day of the month, month, day of the week, as in '5 2 * * mon'"
        return "V311", f"a cron expression has five fields, and this has {len(fields)}", help_
    wrong = _refused(text)
    if wrong is None:
        return None
    if wrong and _refused(" ".join((*fields[:2], fields[2], "*", fields[4]))) is not None:
        return (
            "V311",
            f"this cron expression has a {wrong}",
            "a field is *, a number, a range 1-5, a list 1,3 or a step */5",
        )
    return "V312", "this day never comes", "no such month has that many days"


def _refused(text: str) -> str | None:
    """What the library says of it; "" where it would never be due, None where it is good."""
    try:
        next(CronSim(text, _SOME_DAY))
    except CronSimError as error:
        return str(error).lower().replace("-", " ")
    except StopIteration:
        return ""
    return None


# --- places -----------------------------------------------------------------------------------------------------------


def resolve_timezone(site: Site, body: Body) -> str | None:
    """UTC where none is written; None when it was reported."""
    said = body.one("timezone")
    node = said.match.node("timezone") if said else None
    if node is None:
        return "UTC"
    name = constants.text(site, node)
    if name is None or _is_zone(name):
        return name
    help_ = (
        did_you_mean(name, sorted(available_timezones()))
        or 'a time zone is named after a place: "Europe/London"'
    )
    site.report("V311", f"there is no time zone `{name}`", node, help=help_)
    return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


_READERS = {"every": _every, "cron": _cron, "immediate": _immediate}


# --- windows ----------------------------------------------------------------------------------------------------------


def resolve_lasting(site: Site, body: Body, schedule: Schedule) -> float | None:
    """`lasting 30m`: how long the window stays open, shorter than from one to the next."""
    said = body.one(_WORDS.get(schedule.kind, "every"))
    node = said.match.node("lasting") if said else None
    lasting = None if node is None else constants.duration(site, node)
    longest = schedule.every if schedule.kind == "every" else _DAY if schedule.kind == "daily" else None
    if node is None or lasting is None or longest is None or lasting < longest:
        return lasting
    site.report("V309", "the next window begins before this one ends", node, help="make it shorter")
    return None


_WORDS = {"cron": "cron"}
