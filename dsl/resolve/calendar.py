"""`calendar`: times of the week."""

from __future__ import annotations

from datetime import date

from dsl import types
from dsl.program import Calendar, Hours
from dsl.resolve import constants
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.known import Declared
from dsl.resolve.schedule import DAYS, resolve_timezone
from dsl.resolve.site import Site
from dsl.syntax import Node, Word

_DAY = 86400.0  # seconds


def resolve_calendar(site: Site, declared: Declared) -> Calendar | None:
    body = read_body(site, declared.clause, ("calendar",))
    hours = [_hours(site, said) for said in body.all("hours")]
    whole = tuple(one for one in hours if one is not None)
    timezone = resolve_timezone(site, body)
    without = _without(site, body)
    if timezone is None or without is None or len(whole) != len(hours) or not body.sound:
        return None
    return Calendar(declared.name, whole, timezone, without)


def _hours(site: Site, said: Said) -> Hours | None:
    first, last = said.match.word("first"), said.match.word("last")
    named = [node.name for node in said.match.nodes("days") if isinstance(node, Word)]
    numbers = _span(DAYS.index(first), DAYS.index(last)) if first and last else map(DAYS.index, named)
    days = tuple(sorted(set(numbers)))
    beginning, ending = said.match.node("start"), said.match.node("end")
    if beginning is None or ending is None:
        return Hours(days, 0.0, _DAY)
    start = constants.value(site, beginning, types.TIME_OF_DAY)
    end = constants.value(site, ending, types.TIME_OF_DAY)
    if not isinstance(start, float) or not isinstance(end, float):
        return None
    if start == end:
        help_ = "leave the times out for the whole day"
        site.report("V309", "these hours end when they begin", ending, help=help_)
        return None
    return Hours(days, start, end)


def _span(first: int, last: int) -> list[int]:
    """`fri to mon` goes over the end of the week."""
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _without(site: Site, body: Body) -> tuple[str, ...] | None:
    nodes = [node for said in body.all("without") for node in said.match.nodes("days")]
    found = [_day(site, node) for node in nodes]
    whole = [one for one in found if one is not None]
    return tuple(sorted(set(whole))) if len(whole) == len(found) else None


def _day(site: Site, node: Node) -> str | None:
    text = constants.text(site, node)
    if text is None:
        return None
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    site.report("V309", f"`{text}` is no day", node, help='write year, month and day: "2026-12-25"')
    return None
