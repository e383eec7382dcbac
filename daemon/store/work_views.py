"""The views of what is set in motion. Rates lie between 0 and 1 and count runs that succeeded or failed.

A run that was skipped, cancelled by a person or a rule, or interrupted by the end of volexd itself counts neither way.
"""

from __future__ import annotations

from daemon.store.database import Dialect
from daemon.store.figures import count, mean_between, seconds_between, share

VIEWS = ("automation_report", "workflow_report", "insights")

SUCCEEDED = "r.status = 'succeeded'"
DECIDED = "r.status IN ('succeeded', 'failed')"
# By its text, whatever its spaces: functions of JSON are spelled differently everywhere, and SQLite refuses them inside of views.
_MEASURED = "replace(r.measured, ' ', '')"
KEPT = f"""replace({_MEASURED}, '"kept":true', '') <> {_MEASURED}"""


def bodies(dialect: Dialect) -> tuple[str, ...]:
    return (automation_report_body(dialect), workflow_report_body(dialect), _insights(dialect))


def automation_report_body(dialect: Dialect, runs: str = "automation_run") -> str:
    """One row for each automation in force or with a history, and for each orchestration that acted.

    `runs` may be a query in parentheses that chooses among the runs.
    """
    return f"""
SELECT named.name, coalesce(a.type, max(r.type)) AS type, a.status, a.priority, a.schedule, a.next_at,
       count(r.id) AS runs,
       {count(SUCCEEDED)} AS succeeded,
       {count("r.status = 'failed'")} AS failed,
       {count("r.status IN ('skipped', 'cancelled', 'interrupted')")} AS undecided,
       {share(dialect, SUCCEEDED, DECIDED)} AS success_rate,
       CAST(coalesce(sum(r.actions), 0) AS bigint) AS actions,
       {mean_between(dialect, "r.started_at", "r.ended_at", DECIDED)} AS mean_s,
       {mean_between(dialect, "r.due_at", "r.started_at", DECIDED)} AS waited_s,
       {_efficiency(dialect)} AS efficiency,
       {count("r.measured IS NOT NULL")} AS optimizations,
       {count(KEPT)} AS optimizations_kept
FROM (
    SELECT name FROM automation
    UNION SELECT automation FROM automation_run WHERE automation IS NOT NULL
) AS named
LEFT JOIN automation AS a ON a.id = (SELECT max(id) FROM automation WHERE name = named.name)
LEFT JOIN {runs} AS r ON r.automation = named.name
GROUP BY named.name, a.type, a.status, a.priority, a.schedule, a.next_at
ORDER BY named.name
"""


def _efficiency(dialect: Dialect) -> str:
    """Of the time between when the runs were due and when they ended, the part that was work which succeeded.

    Waiting for resources lowers it, and so does failing. Runs that took no time at all: the success rate.
    """
    worked = seconds_between(dialect, "r.started_at", "r.ended_at")
    took = seconds_between(dialect, "coalesce(r.due_at, r.started_at)", "r.ended_at")
    useful = f"sum(CASE WHEN {SUCCEEDED} THEN {worked} END)"
    whole = f"sum(CASE WHEN {DECIDED} THEN {took} END)"
    rate = f"{count(SUCCEEDED)} * 1.0 / nullif({count(DECIDED)}, 0)"
    share = f"CASE WHEN {whole} > 0 THEN coalesce({useful}, 0) * 1.0 / {whole} ELSE {rate} END"
    return dialect.rounded(share)


def workflow_report_body(dialect: Dialect, runs: str = "workflow_run") -> str:
    """One row for each workflow in force or with a history. `runs` may be a query in parentheses."""
    applied = f"""
    SELECT run_id, {count("outcome = 'applied'")} AS applied, {count("outcome <> 'applied'")} AS refused
    FROM adaptation GROUP BY run_id
"""
    return f"""
SELECT named.name, w.type, w.steps, w.learning,
       count(r.id) AS runs,
       {count("r.id IS NOT NULL AND r.ended_at IS NULL")} AS running,
       {count(SUCCEEDED)} AS succeeded,
       {count("r.status = 'failed'")} AS failed,
       {count("r.status IN ('cancelled', 'interrupted')")} AS undecided,
       {share(dialect, SUCCEEDED, DECIDED)} AS success_rate,
       {mean_between(dialect, "r.started_at", "r.ended_at", DECIDED)} AS mean_s,
       {dialect.rounded(f"avg(CASE WHEN {DECIDED} THEN r.critical_path_s END)")} AS critical_path_s,
       CAST(coalesce(sum(d.applied), 0) AS bigint) AS adaptations,
       CAST(coalesce(sum(d.refused), 0) AS bigint) AS adaptations_refused,
       {share(dialect, "r.ended_at IS NOT NULL AND d.applied > 0", "r.ended_at IS NOT NULL")} AS adaptation_rate
FROM (
    SELECT name FROM workflow UNION SELECT workflow FROM workflow_run WHERE workflow IS NOT NULL
) AS named
LEFT JOIN workflow AS w ON w.id = (SELECT max(id) FROM workflow WHERE name = named.name)
LEFT JOIN {runs} AS r ON r.workflow = named.name
LEFT JOIN ({applied}) AS d ON d.run_id = r.id
GROUP BY named.name, w.type, w.steps, w.learning
ORDER BY named.name
"""


def _insights(dialect: Dialect) -> str:
    mean, late = (f"CAST({dialect.rounded(name)} AS text)" for name in ("duration_mean_s", "duration_p90_s"))
    return f"""
SELECT kind, name, runs, successes,
       {dialect.rounded("successes * 1.0 / nullif(runs, 0)")} AS success_rate,
       {dialect.rounded("duration_mean_s")} AS duration_mean_s,
       {dialect.rounded("duration_p90_s")} AS duration_p90_s,
       updated_at,
       kind || ' ' || name || ': ' || CAST(successes AS text) || ' of ' || CAST(runs AS text) || ' succeeded'
           || CASE WHEN duration_mean_s IS NULL THEN ''
              ELSE ', ' || {mean} || ' s on average' END
           || CASE WHEN duration_p90_s IS NULL THEN ''
              ELSE ', nine of ten within ' || {late} || ' s' END AS insight
FROM learned WHERE runs > 0 AND kind = 'step' ORDER BY kind, name, id
"""
