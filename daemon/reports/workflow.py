"""The workflow report: which runs there were, how they went, what was adapted, what was learned, and what would make them better.

Rates lie between 0 and 1 and count runs that succeeded or failed. The adaptation rate is the part of the ended runs that was changed at
least once while it ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from daemon.reports.span import begin_of, in_words, stamps
from daemon.reports.suggestions import suggestions
from daemon.reports.text import duration, instant, percent, plain, table
from daemon.store.figures import count, share
from daemon.store.query import Found, Reader, view
from daemon.store.work_views import workflow_report_body

Report = dict[str, object]

MOST_RUNS = 1000
MOST_RUNS_IN_TEXT = 30
RECENT = 20

_RUNS = "(SELECT * FROM workflow_run WHERE started_at >= :since)"


def workflow_report(reader: Reader, since: float | None = None, *, at: float | None = None) -> Report:
    """Plain JSON values; instants are text, times seconds. `since` leaves out runs that began before.

    `active_workflows` are those in force. `monitoring_count` are runs that were watched to their end, `learning_count` runs of steps that
    were learned from, `optimization_count` the suggestions that stand now. `average_success_rate` and `adaptation_rate` are 0.0 while
    there is nothing to count: look at `runs_decided` and `monitoring_count` too.
    """
    begin = begin_of(since)
    workflows = reader.rows(workflow_report_body(reader.dialect, _RUNS), since=begin)
    steps = steps_of(reader, begin)
    insights = view(reader, "insights")
    suggested = suggestions(workflows, steps)
    return {
        **_known(reader),
        **_totals(reader, begin),
        "recent_activities": _activities(reader, begin),
        "total_learning_insights": len(insights),
        "learning_count": sum(int(str(row["runs"])) for row in insights),
        "optimization_count": len(suggested),
        "workflows": workflows,
        "steps": steps,
        "insights": insights,
        "suggestions": suggested,
        "newest_runs": _runs(reader, begin),
        **stamps(since, at),
    }


def steps_of(reader: Reader, since: str, workflow: str | None = None) -> list[Found]:
    """Each step of each workflow: how often it ran to its end, its success rate, its mean and longest time in seconds."""
    chosen = "" if workflow is None else " AND r.workflow = :workflow"
    ran = "s.status IN ('succeeded', 'undone')"
    ended = "s.status IN ('succeeded', 'undone', 'failed')"
    return reader.rows(
        f"SELECT r.workflow, s.step, {count(ended)} AS runs, {share(reader.dialect, ran, ended)} AS success_rate,"
        f" {reader.dialect.rounded(f'avg(CASE WHEN {ended} THEN s.duration_s END)')} AS mean_s,"
        f" {reader.dialect.rounded(f'max(CASE WHEN {ended} THEN s.duration_s END)')} AS longest_s,"
        " sum(CASE WHEN s.attempt > 1 THEN s.attempt - 1 ELSE 0 END) AS retries"
        f" FROM step_run AS s JOIN {_RUNS} AS r ON r.id = s.run_id WHERE s.step IS NOT NULL{chosen}"
        " GROUP BY r.workflow, s.step ORDER BY r.workflow, s.step",
        since=since,
        **({} if workflow is None else {"workflow": workflow}),
    )


def _known(reader: Reader) -> Report:
    newest = "(SELECT * FROM workflow WHERE id IN (SELECT max(id) FROM workflow GROUP BY name)) AS w"
    found = reader.row(
        f"SELECT count(*) AS total_workflows, count(r.id) AS active_workflows FROM {newest} LEFT JOIN rule AS r"
        " ON r.name = w.name AND r.kind = 'workflow' AND r.rule_set_id = (SELECT max(id) FROM rule_set)"
    )
    types = reader.rows(f"SELECT type, count(*) AS workflows FROM {newest} GROUP BY type ORDER BY type")
    return {**found, "workflow_types": {str(row["type"]): row["workflows"] for row in types}}


def _totals(reader: Reader, since: str) -> Report:
    adapted = "EXISTS (SELECT 1 FROM adaptation WHERE run_id = r.id AND outcome = 'applied')"
    decided, succeeded = "status IN ('succeeded', 'failed')", "status = 'succeeded'"
    found = reader.row(
        f"SELECT count(*) AS runs, coalesce({count(decided)}, 0) AS runs_decided,"
        f" coalesce({count(succeeded)}, 0) AS runs_succeeded,"
        f" coalesce({count('ended_at IS NOT NULL')}, 0) AS monitoring_count,"
        f" coalesce({count(f'ended_at IS NOT NULL AND {adapted}')}, 0) AS runs_adapted FROM {_RUNS} AS r",
        since=since,
    )
    whole = {name: int(str(value)) for name, value in found.items()}
    return {
        **whole,
        "average_success_rate": _rate(whole["runs_succeeded"], whole["runs_decided"]),
        "adaptation_rate": _rate(whole["runs_adapted"], whole["monitoring_count"]),
    }


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _activities(reader: Reader, since: str) -> list[Found]:
    """The newest first."""
    return reader.rows(
        "SELECT at, id, what, name, reason FROM ("
        " SELECT started_at AS at, id, 'run started' AS what, workflow AS name, NULL AS reason FROM workflow_run"
        " UNION ALL SELECT ended_at, id, 'run ' || status, workflow, reason FROM workflow_run"
        " WHERE ended_at IS NOT NULL"
        " UNION ALL SELECT at, id, 'adaptation ' || outcome, rule, reason FROM adaptation"
        ") AS activity WHERE at >= :since ORDER BY at DESC, id DESC LIMIT :most",
        since=since,
        most=RECENT,
    )


def _runs(reader: Reader, since: str) -> list[Found]:
    return reader.rows(
        "SELECT id, workflow AS name, automation_run_id, status, reason, started_at, ended_at, adaptations,"
        f" critical_path_s FROM {_RUNS} AS r ORDER BY id DESC LIMIT :most",
        since=since,
        most=MOST_RUNS,
    )


# --- for people ------------------------------------------------------------------------------------------------------


def as_text(report: Report, width: int = 110) -> str:
    """The report as tables, `width` characters wide; no colours, no control characters."""
    if not report["runs"] and not report["total_workflows"]:
        return f"Workflows {in_words(report)}: there are none.\n"
    parts = [_summary(report), _workflows_table(report, width), _steps_table(report, width)]
    parts += _said("Learned", [row["insight"] for row in _rows(report, "insights")])
    parts += _said("Suggested", [row["text"] for row in _rows(report, "suggestions")])
    return "\n".join([*parts, _runs_table(report, width)])


def _summary(report: Report) -> str:
    decided = report["runs_decided"]
    rate = f", {percent(report['average_success_rate'])} of them with success" if decided else ""
    return (
        f"Workflows {in_words(report)}\n"
        f"  workflows  {report['total_workflows']}, {report['active_workflows']} of them in force\n"
        f"  runs       {decided} decided{rate}\n"
        f"  adapted    {percent(report['adaptation_rate'])} of the runs that ended\n"
    )


def _rows(report: Report, name: str) -> Sequence[dict[str, Any]]:
    return cast(Sequence[dict[str, Any]], report[name])


def _said(title: str, lines: Sequence[object]) -> list[str]:
    return ["\n".join([title, *(f"  {plain(line)}" for line in lines)]) + "\n"] if lines else []


def _workflows_table(report: Report, width: int) -> str:
    rows = [
        [
            plain(row["name"]),
            *(str(row[name]) for name in ("runs", "succeeded", "failed", "adaptations")),
            duration(row["mean_s"]),
            duration(row["critical_path_s"]),
            percent(row["success_rate"]),
            percent(row["adaptation_rate"]),
        ]
        for row in _rows(report, "workflows")
    ]
    columns = ["workflow", ">runs", ">succeeded", ">failed", ">adaptations", ">took", ">longest chain"]
    return table("By workflow", [*columns, ">success", ">adapted"], rows, width)


def _steps_table(report: Report, width: int) -> str:
    rows = [
        [
            f"{plain(row['workflow'])}/{plain(row['step'])}",
            str(row["runs"]),
            str(row["retries"]),
            percent(row["success_rate"]),
            duration(row["mean_s"]),
            duration(row["longest_s"]),
        ]
        for row in _rows(report, "steps")
    ]
    return table("By step", ["step", ">runs", ">retries", ">success", ">took", ">at most"], rows, width)


def _runs_table(report: Report, width: int) -> str:
    runs = _rows(report, "newest_runs")
    rows = [
        [
            str(run["id"]),
            instant(run["started_at"]),
            plain(run["name"]),
            plain(run["status"]),
            str(run["adaptations"] or 0),
            plain(run["reason"] or ""),
        ]
        for run in runs[:MOST_RUNS_IN_TEXT]
    ]
    title = "Runs" if len(runs) == len(rows) else f"Runs, the newest {len(rows)}"
    return table(title, [">id", "began (UTC)", "workflow", "status", ">adaptations", "why"], rows, width)
