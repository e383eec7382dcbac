"""The report of the shadow: what would have been done beside what was, of each rule, so that it is promoted with evidence or not at all.

Counts, and no score. What a step would have changed is not known, so nothing is said of its success: where nobody did anything, it is said
whether the symptom went all the same within the time that the step would have had.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from daemon.reports.span import begin_of, in_words, stamps
from daemon.reports.text import duration, instant, plain, table
from daemon.store.query import Found, Reader
from daemon.store.shadow_views import FIRED, beside_body, missed_body, report_body

Report = dict[str, object]

MOST_FIRINGS = 1000
MOST_FIRINGS_IN_TEXT = 30
MOST_NAMED = 5
_HOUR = 3600.0
_KINDS = {"fault": "detection", "notice": "notice"}


class NoSuchRule(ValueError):
    """Nothing in the shadow is called so; the text names what is."""


def shadow_report(
    reader: Reader, since: float | None = None, *, at: float | None = None, rule: str | None = None
) -> Report:
    """Plain JSON values; instants are text, times seconds. `since` leaves out what would have been done before; `rule` all other rules.

    `total_faults` are real ones, `faults_taken_up` those that a recovery in the shadow would have tried to recover. `rules` are rows of
    the view `shadow_report`, each with `most_in_an_hour`, the `on` and `beside` that are named most often (name to
    count) and its `evidence` in sentences. `firings` and `missed` hold the newest thousand. NoSuchRule.
    """
    begin = begin_of(since)
    chosen = "" if rule is None else " AND (rule = :rule OR fault = :rule)"
    shadows = "(SELECT * FROM shadow_action WHERE at >= :since)"
    given = {"since": begin, **({} if rule is None else {"rule": rule})}
    firings = reader.rows(
        f"SELECT * FROM ({beside_body(reader.dialect, shadows)}) AS b WHERE kind IS NOT NULL{chosen} ORDER BY id", **given
    )  # fmt: skip
    missed = reader.rows(
        f"SELECT * FROM ({missed_body(reader.dialect, shadows, ':since')}) AS m"
        f"{'' if rule is None else ' WHERE rule = :rule'} ORDER BY id DESC LIMIT :most",
        **given, most=MOST_FIRINGS,
    )  # fmt: skip
    now = time.time() if at is None else at
    rules = reader.rows(report_body(reader.dialect, shadows, ":since", ":now"), since=begin, now=now)
    about = {(row["kind"], row["rule"]) for row in firings}
    of_rule = [row for row in rules if rule in (None, row["rule"]) or (row["kind"], row["rule"]) in about]
    if rule is not None and not of_rule:
        known = ", ".join(sorted({str(row["rule"]) for row in rules})) or "none"
        raise NoSuchRule(f"nothing in the shadow is called {rule!r}; there are: {known}")
    return {
        "volexd_in_shadow": _whole(reader),
        **_faults(reader, begin),
        "rules": _judged(of_rule, firings, missed),
        "total_firings": len([row for row in firings if _fired(row)]),
        "total_held_back": len([row for row in firings if row["outcome"] == "held_back"]),
        "firings": firings[: -MOST_FIRINGS - 1 : -1],
        "missed": missed,
        **stamps(since, now),
    }


def _whole(reader: Reader) -> bool:
    """Whether the rules that came into force last did so under `--shadow`."""
    rows = reader.rows("SELECT shadow FROM rule_set ORDER BY id DESC LIMIT 1")
    return bool(rows and rows[0]["shadow"])


def _faults(reader: Reader, begin: str) -> Report:
    """Those that were real, and how many of them a recovery in the shadow would have taken up."""
    taken = f"(SELECT DISTINCT fault_id FROM shadow_action WHERE kind = 'recovery' AND {FIRED})"
    return reader.row(
        "SELECT count(*) AS total_faults, coalesce(sum(CASE WHEN f.outcome IS NULL THEN 1 ELSE 0 END), 0) AS open_faults,"
        f" count(s.fault_id) AS faults_taken_up FROM fault AS f LEFT JOIN {taken} AS s ON s.fault_id = f.id"
        " WHERE f.raised_at >= :since",
        since=begin,
    )  # fmt: skip


def _fired(row: Found) -> bool:
    return row["outcome"] not in ("held_back", "failed") and row["step"] not in ("otherwise", "afterwards")


def _judged(rules: Iterable[Found], firings: Sequence[Found], missed: Sequence[Found]) -> list[Report]:
    of: dict[tuple[object, object], list[Found]] = defaultdict(list)
    for row in firings:
        if _fired(row):
            of[row["kind"], row["rule"]].append(row)
    gone: dict[object, list[Found]] = defaultdict(list)
    for row in missed:
        gone[row["rule"]].append(row)
    return [_with_evidence(row, of[row["kind"], row["rule"]], gone[row["rule"]]) for row in rules]


def _with_evidence(row: Found, firings: Sequence[Found], missed: Sequence[Found]) -> Report:
    found: Report = {
        **row,
        "most_in_an_hour": _most_in_an_hour([_seconds(one["at"]) for one in firings]),
        "on": _often(one["subject"] for one in firings),
        "beside": _often(one["beside_name"] for one in firings),
    }
    return {**found, "evidence": _evidence(found, missed if row["kind"] == "fault" else ())}


def _most_in_an_hour(instants: Sequence[float]) -> int:
    """In any hour, wherever it begins."""
    ordered = sorted(instants)
    return max((place + 1 - bisect_right(ordered, at - _HOUR) for place, at in enumerate(ordered)), default=0)


def _seconds(text: object) -> float:
    return datetime.fromisoformat(str(text)).timestamp()


def _often(names: Iterable[object]) -> dict[str, int]:
    return dict(Counter(str(name) for name in names if name is not None).most_common(MOST_NAMED))


# --- evidence ----------------------------------------------------------------------------------------------------------


def _evidence(row: Report, missed: Sequence[Found]) -> list[str]:
    """What speaks for it and against it, in sentences; each is a count."""
    hours = duration(float(str(row["hours"] or 0)) * _HOUR)
    if not row["firings"]:
        said = [f"it would have done nothing in {hours}"]
    else:
        what = (
            "raised a fault"
            if row["kind"] == "fault"
            else "told people"
            if row["kind"] == "notice"
            else "acted"
        )
        times, most = _times(row["firings"]), _times(row["most_in_an_hour"])
        where = _names(row["on"], row["subjects"])
        said = [f"it would have {what} {times} in {hours}, on {where}, at most {most} in one hour"]
    said += _of_detection(row, missed) if row["kind"] == "fault" else _of_action(row)
    if row["held_back"]:
        said.append(f"it would have been held back {_times(row['held_back'])}")
    if row["failed"]:
        said.append(f"{_times(row['failed'])} a step could not have been done as written")
    return said


def _of_detection(row: Report, missed: Sequence[Found]) -> list[str]:
    said = []
    if row["agrees"]:
        said.append(
            f"{_times(row['agrees'])} a fault of a rule in force stood beside it"
            f" ({_names(row['beside'])}){_earlier(row['earlier_s'])}"
        )
    if row["alone"]:
        said.append(f"{_times(row['alone'])} no other rule found anything")
    if row["missed"]:
        names = _often(f"{one['fault']} on {one['subject']}" for one in missed)
        said.append(f"{_times(row['missed'])} a fault of its category stood without it ({_names(names)})")
    return said


def _of_action(row: Report) -> list[str]:
    said = []
    if row["agrees"]:
        said.append(
            f"{_times(row['agrees'])} the same was done ({_names(row['beside'])}){_earlier(row['earlier_s'])}"
        )
    if row["differs"]:
        said.append(f"{_times(row['differs'])} something else was done ({_names(row['beside'])})")
    if row["alone"]:
        said.append(f"{_times(row['alone'])} nothing was done")
    if row["needless"]:
        said.append(
            f"{_times(row['needless'])} of these the symptom went by itself within its time: it was not needed"
        )
    if row["stayed"]:
        said.append(f"{_times(row['stayed'])} of these the symptom stayed for longer than that")
    return said


def _times(number: object) -> str:
    return {1: "once", 2: "twice"}.get(int(str(number)), f"{number} times")


def _names(counted: object, number: object = None) -> str:
    names = list(cast(dict[str, int], counted))
    more = int(str(number)) - len(names) if number is not None else 0
    said = ", ".join(plain(name) for name in names) or "nothing in particular"
    return f"{said} and {more} more" if more > 0 else said


def _earlier(seconds: object) -> str:
    if not isinstance(seconds, int | float) or seconds == 0:
        return ""
    return f", {duration(abs(seconds))} {'later' if seconds > 0 else 'earlier'} than it, in the median"


# --- for people ------------------------------------------------------------------------------------------------------


def as_text(report: Report, width: int = 110) -> str:
    """The report as tables and sentences, `width` characters wide; no colours, no control characters."""
    rules = cast(list[Report], report["rules"])
    if not rules:
        return f"Shadow {in_words(report)}: nothing is in the shadow.\n"
    parts = [_summary(report, rules), *_tables(rules, width), _sentences(rules, width)]
    return "\n".join([*parts, _timeline(report, width)])


def _summary(report: Report, rules: Sequence[Report]) -> str:
    now = (
        "in the shadow as a whole: it does nothing"
        if report["volexd_in_shadow"]
        else "acts; only some rules are in the shadow"
    )
    return (
        f"Shadow {in_words(report)}\n"
        f"  volexd     {now}\n"
        f"  rules      {len(rules)}, {sum(row['firings'] == 0 for row in rules)} of them would have done nothing\n"
        f"  faults     {report['total_faults']} real ones, {report['open_faults']} of them open;"
        f" {report['faults_taken_up']} would have been taken up\n"
        f"  firings    {report['total_firings']}; held back {report['total_held_back']}\n"
    )


def _tables(rules: Sequence[Report], width: int) -> list[str]:
    named = [[plain(row["rule"]), _KINDS.get(str(row["kind"]), plain(row["kind"]))] for row in rules]
    would, beside = ("firings", "held_back", "per_hour"), ("agrees", "differs", "alone")
    done = [
        [*name, *(_number(row[one]) for one in would), instant(row["first_at"]), instant(row["last_at"])]
        for name, row in zip(named, rules, strict=True)
    ]
    compared = [
        [
            *name,
            *(_number(row[one]) for one in beside),
            _ahead(row["earlier_s"]),
            *(_number(row[one]) for one in ("missed", "needless", "stayed")),
        ]
        for name, row in zip(named, rules, strict=True)
    ]
    columns = ["rule", "kind", ">would", ">held back", ">an hour", "first (UTC)", "last"]
    others = ["rule", "kind", ">agrees", ">differs", ">alone", ">earlier", ">missed", ">needless", ">stayed"]
    return [
        table("What it would have done", columns, done, width),
        table("Beside what was", others, compared, width),
    ]


def _number(value: object) -> str:
    if value is None:
        return "–"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"


def _ahead(seconds: object) -> str:
    """Of what would have been earlier the time, of what would have been later with a minus."""
    if not isinstance(seconds, int | float):
        return "–"
    return f"-{duration(-seconds)}" if seconds < 0 else duration(seconds)


def _sentences(rules: Sequence[Report], width: int) -> str:
    from textwrap import fill

    lines = ["Evidence"]
    for row in rules:
        where = "" if row["in_shadow"] else " (in the shadow no longer)"
        lines.append(f"{plain(row['rule'])}, {_KINDS.get(str(row['kind']), plain(row['kind']))}{where}")
        evidence = cast(list[str], row["evidence"])
        lines += [fill(one, width, initial_indent="  - ", subsequent_indent="    ") for one in evidence]
    return "\n".join(lines) + "\n"


def _timeline(report: Report, width: int) -> str:
    firings = cast(list[dict[str, Any]], report["firings"])
    rows = [
        [
            str(one["id"]),
            instant(one["at"]),
            plain(one["rule"]),
            plain(one["subject"]),
            plain(one["would"] or one["step"]),
            _until(one),
            _beside(one),
        ]
        for one in firings[:MOST_FIRINGS_IN_TEXT]
    ]
    title = "Timeline" if len(firings) == len(rows) else f"Timeline, the newest {len(rows)}"
    return table(title, [">id", "at (UTC)", "rule", "on", "would", "then", "beside it"], rows, width)


def _until(one: dict[str, Any]) -> str:
    """What became of it without it."""
    outcome = plain(one["outcome"] or ("" if one["ended_at"] else "stands")).replace("_", " ")
    lasted = _seconds(one["ended_at"]) - _seconds(one["at"]) if one["ended_at"] else 0.0
    return f"{outcome} after {duration(lasted)}" if lasted and outcome else outcome


def _beside(one: dict[str, Any]) -> str:
    if one["beside_name"] is None:
        return plain(one["beside"] or "")
    return f"{one['beside']}: {plain(one['beside_name'])} ({one['beside_id']})"
