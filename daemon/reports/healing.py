"""The self-healing report: which faults there were, what was tried, what helped, and how long it took.

Rates lie between 0 and 1 and count faults: one that was healed at the third attempt counts as healed, once. MTTD is the mean time from
the moment a condition became true until its fault was raised (so it contains the rule's hold); MTTR the mean time from there until the
fault cleared, of cleared faults alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from daemon.reports.span import begin_of, in_words, stamps
from daemon.reports.text import duration, instant, percent, plain, table
from daemon.store.query import Found, Reader
from daemon.store.views import RECOVERED, healing_report_body

Report = dict[str, object]

MOST_FAULTS = 1000
MOST_FAULTS_IN_TEXT = 30
RECENT = 20

_FAULTS = "(SELECT * FROM fault WHERE raised_at >= :since)"
# What a loaded rule counts as in the words of the report.
_COUNTED = {
    "fault_detection_count": ("detection",),
    "recovery_manager_count": ("recovery",),
    "health_monitor_count": ("agent", "probe"),
    "preventive_maintenance_count": ("maintenance",),
    "system_resilience_count": ("orchestration", "adaptation"),
}


def healing_report(reader: Reader, since: float | None = None, *, at: float | None = None) -> Report:
    """Plain JSON values. `since` leaves out faults raised before; `at` is when it is made, by default now.

    Instants are text, times in seconds. `average_recovery_success_rate` is 0.0 while nothing was decided: look at
    `faults_with_recovery_decided` too. `faults` holds the newest thousand; `total_faults_detected` counts all.
    """
    begin = begin_of(since)
    rates = _rates(reader, begin)
    return {
        **_loaded(reader),
        **rates,
        **_durations(reader, begin),
        "total_recoveries_attempted": _total_recoveries(reader, begin),
        "recent_activities": _activities(reader, begin),
        "rules": reader.rows(healing_report_body(reader.dialect, _FAULTS), since=begin),
        "faults": _faults(reader, begin),
        **stamps(since, at),
    }


def _loaded(reader: Reader) -> Report:
    """`total_healing_systems`: the rule set in force is one, if it detects anything."""
    rows = reader.rows(
        "SELECT kind, count(*) AS rules FROM rule WHERE rule_set_id = (SELECT max(id) FROM rule_set) GROUP BY kind"
    )
    kinds = {str(row["kind"]): int(str(row["rules"])) for row in rows}
    counts = {name: sum(kinds.get(kind, 0) for kind in group) for name, group in _COUNTED.items()}
    return {"total_healing_systems": int(counts["fault_detection_count"] > 0), **counts}


def _rates(reader: Reader, since: str) -> Report:
    found = reader.row(
        "SELECT count(*) AS faults, coalesce(sum(CASE WHEN f.outcome IS NULL THEN 1 ELSE 0 END), 0) AS open,"
        " coalesce(sum(r.healed), 0) AS healed, coalesce(sum(r.decided), 0) AS decided"
        f" FROM {_FAULTS} AS f LEFT JOIN ({RECOVERED}) AS r ON r.fault_id = f.id",
        since=since,
    )
    faults, opened, healed, decided = (
        int(str(found[name])) for name in ("faults", "open", "healed", "decided")
    )
    return {
        "total_faults_detected": faults,
        "open_faults": opened,
        "faults_recovered": healed,
        "faults_with_recovery_decided": decided,
        "average_recovery_success_rate": healed / decided if decided else 0.0,
    }


def _durations(reader: Reader, since: str) -> Report:
    seconds, rounded = reader.dialect.seconds, reader.dialect.rounded
    began, raised, closed = seconds("began_at"), seconds("raised_at"), seconds("closed_at")
    detected = rounded(f"avg({raised} - {began})")
    repaired = rounded(f"avg(CASE WHEN outcome = 'cleared' THEN {closed} - {raised} END)")
    return reader.row(f"SELECT {detected} AS mttd_s, {repaired} AS mttr_s FROM {_FAULTS} AS f", since=since)


def _total_recoveries(reader: Reader, since: str) -> int:
    found = reader.row(
        f"SELECT count(*) AS recoveries FROM recovery WHERE fault_id IN (SELECT id FROM {_FAULTS} AS f)",
        since=since,
    )
    return int(str(found["recoveries"]))


def _activities(reader: Reader, since: str) -> list[Found]:
    """The newest first: what happened to what, and when."""
    return reader.rows(
        "SELECT at, id, what, name, subject FROM ("
        " SELECT raised_at AS at, id, 'fault raised' AS what, rule AS name, subject FROM fault"
        " UNION ALL SELECT closed_at, id, 'fault ' || outcome, rule, subject FROM fault"
        " UNION ALL SELECT ended_at, id, 'recovery ' || outcome, rule, subject FROM recovery"
        " UNION ALL SELECT ended_at, id, 'action ' || outcome, kind, target FROM action"
        ") AS activity WHERE at >= :since ORDER BY at DESC, id DESC LIMIT :most",
        since=since,
        most=RECENT,
    )


def _faults(reader: Reader, since: str) -> list[Report]:
    faults = reader.rows(
        "SELECT id, rule, subject, category, severity, began_at, raised_at, closed_at, outcome, message"
        f" FROM {_FAULTS} AS f ORDER BY id DESC LIMIT :most",
        since=since,
        most=MOST_FAULTS,
    )
    tried = _tried(reader, since)
    return [_with_attempts(fault, tried.get(fault["id"], [])) for fault in faults]


def _tried(reader: Reader, since: str) -> Mapping[object, list[Found]]:
    attempts = reader.rows(
        "SELECT fault_id, rule AS recovery, step, number, outcome, started_at, ended_at, reason FROM attempt"
        f" WHERE fault_id IN (SELECT id FROM {_FAULTS} AS f ORDER BY id DESC LIMIT :most) ORDER BY id",
        since=since,
        most=MOST_FAULTS,
    )
    by_fault: dict[object, list[Found]] = {}
    for attempt in attempts:
        by_fault.setdefault(attempt.pop("fault_id"), []).append(attempt)
    return by_fault


def _with_attempts(fault: Found, tried: list[Found]) -> Report:
    helped = next((attempt["step"] for attempt in tried if attempt["outcome"] == "succeeded"), None)
    return {**fault, "tried": tried, "helped": helped}


# --- for people ------------------------------------------------------------------------------------------------------


def as_text(report: Report, width: int = 110) -> str:
    """The report as tables, `width` characters wide; no colours, no control characters."""
    if not report["total_faults_detected"]:
        return f"Self-healing {in_words(report)}: no faults.\n"
    return "\n".join([_summary(report), _rules_table(report, width), _faults_table(report, width)])


def _summary(report: Report) -> str:
    decided = report["faults_with_recovery_decided"]
    rate = f", {percent(report['average_recovery_success_rate'])} of them with success" if decided else ""
    return (
        f"Self-healing {in_words(report)}\n"
        f"  faults     {report['total_faults_detected']}, {report['open_faults']} of them open\n"
        f"  recovery   tried and decided for {decided}{rate}\n"
        f"  detected   after {duration(report['mttd_s'])} on average (MTTD)\n"
        f"  cleared    after {duration(report['mttr_s'])} on average (MTTR)\n"
    )


def _found(report: Report, name: str) -> list[Found]:
    return cast(list[Found], report[name])


def _rules_table(report: Report, width: int) -> str:
    rows = [
        [
            plain(row["rule"]),
            *(str(row[name]) for name in ("faults", "open", "cleared")),
            duration(row["mttd_s"]),
            duration(row["mttr_s"]),
            percent(row["success_rate"]),
            str(row["exhausted"]),
            plain(row["what_helped"]),
        ]
        for row in _found(report, "rules")
    ]
    columns = [
        "rule",
        ">faults",
        ">open",
        ">cleared",
        ">MTTD",
        ">MTTR",
        ">recovered",
        ">given up",
        "what helped",
    ]
    return table("By rule", columns, rows, width)


def _faults_table(report: Report, width: int) -> str:
    faults = _found(report, "faults")
    rows = [
        [
            str(fault["id"]),
            instant(fault["raised_at"]),
            f"{plain(fault['rule'])} on {plain(fault['subject'])}",
            plain(fault["severity"]),
            "open" if fault["outcome"] is None else plain(fault["outcome"]),
            _tried_text(fault),
        ]
        for fault in faults[:MOST_FAULTS_IN_TEXT]
    ]
    title = "Faults" if len(faults) == len(rows) else f"Faults, the newest {len(rows)}"
    return table(
        title, [">id", "raised (UTC)", "fault", "severity", "outcome", "what was tried"], rows, width
    )


def _tried_text(fault: Found) -> str:
    tried = cast(list[Found], fault["tried"])
    return (
        ", ".join(f"{plain(attempt['step'])} {plain(attempt['outcome'] or 'running')}" for attempt in tried)
        or "–"
    )
