"""The automation report: what was set in motion, how often it succeeded, what it took, and what optimisations changed.

Rates lie between 0 and 1 and count runs that succeeded or failed; one that was skipped, cancelled or interrupted counts neither way.
The efficiency score is the part of the time between when runs were due and when they ended that was work which succeeded: waiting for
resources lowers it, and so does failing. Where runs took no time at all it is their success rate.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from daemon.reports.span import begin_of, in_words, stamps
from daemon.reports.text import duration, instant, percent, plain, table
from daemon.store.figures import count
from daemon.store.query import Found, Reader
from daemon.store.work_views import automation_report_body

Report = dict[str, object]

MOST_RUNS = 1000
MOST_RUNS_IN_TEXT = 30
RECENT = 20

_RULE_SET = "(SELECT max(id) FROM rule_set)"
_WHEN = "coalesce(started_at, due_at, ended_at)"
_RUNS = f"(SELECT * FROM automation_run WHERE {_WHEN} >= :since)"
_IN_FORCE = "(SELECT * FROM automation WHERE id IN (SELECT max(id) FROM automation GROUP BY name) AND status <> 'off')"
_RUN_COLUMNS = (
    "id, automation AS name, type, cause, status, reason, priority, due_at, started_at, ended_at, actions,"
    " workflow_run_id"
)


def automation_report(reader: Reader, since: float | None = None, *, at: float | None = None) -> Report:
    """Plain JSON values; instants are text, times seconds. `since` leaves out runs that began before.

    `total_automations` are those in force; what one call made is one of them, however many rules it has. `resource_optimization_count`
    and `orchestration_count` are runs that did something, `task_scheduling_count` what is scheduled. `average_success_rate` is 0.0 while
    nothing was decided: look at `runs_decided` too. `newest_runs` holds a thousand at most.
    """
    begin = begin_of(since)
    return {
        **_in_force(reader),
        **_totals(reader, begin),
        "recent_activities": _activities(reader, begin),
        "automations": reader.rows(automation_report_body(reader.dialect, _RUNS), since=begin),
        "optimizations": _optimizations(reader, begin),
        "tasks": _tasks(reader),
        "newest_runs": _runs(reader, begin),
        **stamps(since, at),
    }


def _in_force(reader: Reader) -> Report:
    """The parts of one definition come from one source, which is named after it."""
    source = "CASE WHEN r.file LIKE :made THEN r.file ELSE a.name END"
    rows = reader.rows(
        f"SELECT {source} AS source, a.type, a.status FROM {_IN_FORCE} AS a LEFT JOIN rule AS r"
        f" ON r.name = a.name AND r.kind = 'automation' AND r.rule_set_id = {_RULE_SET}",
        made="call:%",
    )
    types = {str(row["source"]): str(row["type"]) for row in rows}
    active = {str(row["source"]) for row in rows if row["status"] == "active"}
    made = _made(reader)
    active |= made.keys() - types.keys()
    types |= made  # of what a call made, the type that it was given
    return {
        "total_automations": len(types),
        "active_automations": len(active),
        "automation_types": dict(sorted(Counter(types.values()).items())),
        "task_scheduling_count": sum(row["type"] == "task_scheduling" for row in rows),
    }


def _made(reader: Reader) -> dict[str, str]:
    """What calls made and what is in force, by its source: also what takes load off, which is no automation but an orchestration."""
    rows = reader.rows(
        "SELECT DISTINCT r.file, d.config FROM definition AS d JOIN rule AS r ON r.file = 'call:' || d.name"
        f" WHERE d.kind = 'automation' AND r.rule_set_id = {_RULE_SET}"
        " AND d.id IN (SELECT max(id) FROM definition GROUP BY name)"
    )
    return {str(row["file"]): str(json.loads(str(row["config"]))["config"]["type"]) for row in rows}


def _totals(reader: Reader, since: str) -> Report:
    succeeded, decided = "status = 'succeeded'", "status IN ('succeeded', 'failed')"
    acted, optimized = "actions > 0", "actions > 0 AND type = 'resource_optimization'"
    found = reader.row(
        f"SELECT count(*) AS runs, coalesce({count(decided)}, 0) AS runs_decided,"
        f" coalesce({count(succeeded)}, 0) AS runs_succeeded,"
        f" coalesce({count(acted)}, 0) AS orchestration_count,"
        f" coalesce({count(optimized)}, 0) AS resource_optimization_count,"
        " coalesce(sum(actions), 0) AS actions"
        f" FROM {_RUNS} AS r",
        since=since,
    )
    whole = {name: int(str(value)) for name, value in found.items()}
    rate = whole["runs_succeeded"] / whole["runs_decided"] if whole["runs_decided"] else 0.0
    return {**whole, "average_success_rate": rate}


def _activities(reader: Reader, since: str) -> list[Found]:
    """The newest first."""
    return reader.rows(
        "SELECT at, id, what, name, type, reason FROM ("
        " SELECT ended_at AS at, id, 'run ' || status AS what, automation AS name, type, reason FROM automation_run"
        " WHERE ended_at IS NOT NULL"
        " UNION ALL SELECT started_at, id, 'run started', automation, type, cause FROM automation_run"
        " WHERE started_at IS NOT NULL"
        " UNION ALL SELECT created_at, id, 'task scheduled', name, type, schedule FROM task"
        " UNION ALL SELECT started_at, id, 'maintenance began', maintenance, 'system_maintenance', NULL"
        " FROM maintenance_run"
        ") AS activity WHERE at >= :since ORDER BY at DESC, id DESC LIMIT :most",
        since=since,
        most=RECENT,
    )


def _optimizations(reader: Reader, since: str) -> list[Report]:
    """What was measured before and after, the newest first."""
    rows = reader.rows(
        f"SELECT id, automation AS name, ended_at, measured FROM {_RUNS} AS r"
        " WHERE measured IS NOT NULL ORDER BY id DESC LIMIT :most",
        since=since,
        most=MOST_RUNS,
    )
    return [{**row, **_measured(str(row.pop("measured")))} for row in rows]


def _measured(text: str) -> Report:
    found = json.loads(text)
    before, after = found.get("before"), found.get("after")
    known = isinstance(before, int | float) and isinstance(after, int | float)
    return {
        "path": found.get("path"),
        "before": before,
        "after": after,
        "reduction": before - after if known else None,
        "kept": bool(found.get("kept")),
    }


def _tasks(reader: Reader) -> list[Found]:
    """The newest first; `status` is that of its newest run."""
    newest = "(SELECT max(id) FROM automation_run WHERE automation = t.automation)"
    return reader.rows(
        "SELECT t.id, t.name, t.type, t.automation, t.priority, t.schedule, coalesce(r.status, t.status) AS status,"
        f" t.created_at FROM task AS t LEFT JOIN automation_run AS r ON r.id = {newest}"
        " ORDER BY t.id DESC LIMIT :most",
        most=MOST_RUNS,
    )


def _runs(reader: Reader, since: str) -> list[Found]:
    return reader.rows(
        f"SELECT {_RUN_COLUMNS} FROM {_RUNS} AS r ORDER BY id DESC LIMIT :most", since=since, most=MOST_RUNS
    )


# --- for people ------------------------------------------------------------------------------------------------------


def as_text(report: Report, width: int = 110) -> str:
    """The report as tables, `width` characters wide; no colours, no control characters."""
    if not report["runs"] and not report["total_automations"]:
        return f"Automation {in_words(report)}: nothing is set in motion.\n"
    parts = [_summary(report), _automations_table(report, width)]
    parts += [_optimizations_table(report, width)] if report["optimizations"] else []
    return "\n".join([*parts, _runs_table(report, width)])


def _summary(report: Report) -> str:
    decided = report["runs_decided"]
    rate = f", {percent(report['average_success_rate'])} of them with success" if decided else ""
    return (
        f"Automation {in_words(report)}\n"
        f"  automations  {report['total_automations']}, {report['active_automations']} of them active\n"
        f"  runs         {decided} decided{rate}; {report['orchestration_count']} did something\n"
        f"  actions      {report['actions']}\n"
    )


def _rows(report: Report, name: str) -> Sequence[dict[str, Any]]:
    return cast(Sequence[dict[str, Any]], report[name])


def _automations_table(report: Report, width: int) -> str:
    rows = [
        [
            plain(row["name"]),
            plain(row["status"]),
            *(str(row[name]) for name in ("runs", "failed", "actions")),
            duration(row["mean_s"]),
            duration(row["waited_s"]),
            percent(row["success_rate"]),
            percent(row["efficiency"]),
        ]
        for row in _rows(report, "automations")
    ]
    columns = ["automation", "status", ">runs", ">failed", ">actions"]
    columns += [">took", ">waited", ">success", ">efficiency"]
    return table("By automation", columns, rows, width)


def _optimizations_table(report: Report, width: int) -> str:
    rows = [
        [
            str(row["id"]),
            plain(row["name"]),
            plain(row["path"]),
            _number(row["before"]),
            _number(row["after"]),
            "kept" if row["kept"] else "undone",
        ]
        for row in _rows(report, "optimizations")[:MOST_RUNS_IN_TEXT]
    ]
    return table("Measured", [">run", "by", "what", ">before", ">after", "so it was"], rows, width)


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else "–"


def _runs_table(report: Report, width: int) -> str:
    runs = _rows(report, "newest_runs")
    rows = [
        [
            str(run["id"]),
            instant(run["started_at"] or run["due_at"]),
            plain(run["name"]),
            plain(run["cause"]),
            plain(run["status"]),
            plain(run["reason"] or ""),
        ]
        for run in runs[:MOST_RUNS_IN_TEXT]
    ]
    title = "Runs" if len(runs) == len(rows) else f"Runs, the newest {len(rows)}"
    return table(title, [">id", "began (UTC)", "automation", "cause", "status", "why"], rows, width)
