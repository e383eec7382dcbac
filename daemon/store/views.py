"""The views that operators read. They are the current ones, whatever revision a database came from: made anew at every upgrade.

Instants stay the text that the tables hold; what is named `…_s` is seconds, rounded to the millisecond.
"""

from __future__ import annotations

import re

from daemon.store import shadow_views, work_views
from daemon.store.database import Dialect
from daemon.store.figures import count, mean_between

VIEWS = (
    "healing_report",
    "open_faults",
    "recent_actions",
    "mttr",
    "rule_activity",
    "agent_health",
    "why",
    "strategy_performance",
    *work_views.VIEWS,
    *shadow_views.VIEWS,
)

# Kinds of `rule` rows that are no rules: they say what is watched.
_WATCHED = "('agent', 'probe', 'channel', 'fact', 'test')"
_IN_FORCE = "(SELECT max(id) FROM rule_set)"


def creations(dialect: Dialect) -> list[str]:
    bodies = (
        healing_report_body(dialect),
        _open_faults(dialect),
        _recent_actions(dialect),
        _mttr(dialect),
        _rule_activity(),
        _agent_health(),
        _why(),
        _strategy_performance(dialect),
        *work_views.bodies(dialect),
        *shadow_views.bodies(dialect),
    )
    return [f"CREATE VIEW {name} AS\n{body.strip()}" for name, body in zip(VIEWS, bodies, strict=True)]


def removals() -> list[str]:
    return [f"DROP VIEW IF EXISTS {name}" for name in VIEWS]


# A recovery that was not needed in the end (the fault went by itself) is neither a success nor a failure.
RECOVERED = f"""
    SELECT fault_id,
           count(*) AS recoveries,
           {count("outcome = 'succeeded'")} AS succeeded,
           {count("outcome = 'exhausted'")} AS exhausted,
           max(CASE WHEN outcome = 'succeeded' THEN 1 ELSE 0 END) AS healed,
           max(CASE WHEN outcome IN ('succeeded', 'failed', 'exhausted') THEN 1 ELSE 0 END) AS decided
    FROM recovery GROUP BY fault_id
"""


def healing_report_body(dialect: Dialect, faults: str = "fault") -> str:
    """One row for each detection that ever raised a fault. `faults` may be a query in parentheses that chooses among them."""
    return f"""
SELECT f.rule,
       count(*) AS faults,
       {count("f.outcome IS NULL")} AS open,
       {count("f.outcome = 'cleared'")} AS cleared,
       {count("tried.helped = 1")} AS recovered_by_attempt,
       {mean_between(dialect, "f.began_at", "f.raised_at")} AS mttd_s,
       {mean_between(dialect, "f.raised_at", "f.closed_at", "f.outcome = 'cleared'")} AS mttr_s,
       CAST(coalesce(sum(r.recoveries), 0) AS bigint) AS recoveries,
       CAST(coalesce(sum(r.succeeded), 0) AS bigint) AS succeeded,
       {dialect.rounded("sum(r.healed) * 1.0 / nullif(sum(r.decided), 0)")} AS success_rate,
       CAST(coalesce(sum(r.exhausted), 0) AS bigint) AS exhausted,
       best.step AS what_helped
FROM {faults} AS f
LEFT JOIN ({RECOVERED}) AS r ON r.fault_id = f.id
LEFT JOIN (
    SELECT fault_id, max(CASE WHEN outcome = 'succeeded' THEN 1 ELSE 0 END) AS helped
    FROM attempt GROUP BY fault_id
) AS tried ON tried.fault_id = f.id
LEFT JOIN (
    SELECT f.rule, a.step,
           row_number() OVER (PARTITION BY f.rule ORDER BY count(*) DESC, a.step) AS place
    FROM attempt AS a JOIN {faults} AS f ON f.id = a.fault_id
    WHERE a.outcome = 'succeeded' GROUP BY f.rule, a.step
) AS best ON best.rule = f.rule AND best.place = 1
GROUP BY f.rule, best.step
ORDER BY f.rule
"""


def _open_faults(dialect: Dialect) -> str:
    age = dialect.rounded(f"{dialect.now_seconds} - {dialect.seconds('f.raised_at')}")
    return f"""
SELECT f.id, f.rule, f.subject, f.category, f.severity, f.raised_at, {age} AS open_s, f.message,
       r.rule AS recovery, a.step, f.attempts, f.unconfirmed, f.inhibited_by, f.acknowledged_by
FROM fault AS f
LEFT JOIN recovery AS r
       ON r.id = (SELECT max(id) FROM recovery WHERE fault_id = f.id AND outcome IS NULL)
LEFT JOIN attempt AS a
       ON a.id = (SELECT max(id) FROM attempt WHERE fault_id = f.id AND outcome IS NULL)
WHERE f.outcome IS NULL
ORDER BY CASE f.severity WHEN 'critical' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
         f.raised_at, f.id
"""


def _recent_actions(dialect: Dialect) -> str:
    took = dialect.rounded(f"{dialect.seconds('a.ended_at')} - {dialect.seconds('a.intended_at')}")
    return f"""
SELECT a.id, a.intended_at, a.kind, a.target, a.outcome, {took} AS took_s, a.rule,
       f.rule AS fault, f.subject, a.fault_id, a.reason, a.detail
FROM action AS a LEFT JOIN fault AS f ON f.id = a.fault_id
ORDER BY a.id DESC LIMIT 100
"""


def _mttr(dialect: Dialect) -> str:
    longest = f"CASE WHEN outcome = 'cleared' THEN {dialect.seconds('closed_at')} - {dialect.seconds('raised_at')} END"
    return f"""
SELECT rule,
       count(*) AS faults,
       {count("outcome = 'cleared'")} AS cleared,
       {mean_between(dialect, "began_at", "raised_at")} AS mttd_s,
       {mean_between(dialect, "raised_at", "closed_at", "outcome = 'cleared'")} AS mttr_s,
       {dialect.rounded(f"max({longest})")} AS longest_s
FROM fault GROUP BY rule ORDER BY rule
"""


def _rule_activity() -> str:
    """An action belongs to the recovery that tried it; one without an attempt to the rule that it names."""
    return f"""
SELECT kind, rule,
       max(loaded) AS loaded, max(shadow) AS shadow, max(off) AS off,
       sum(faults) AS faults, sum(recoveries) AS recoveries, sum(attempts) AS attempts, sum(actions) AS actions,
       sum(runs) AS runs, max(at) AS last_at
FROM (
    SELECT kind, name AS rule, 1 AS loaded, CASE WHEN shadow THEN 1 ELSE 0 END AS shadow,
           CASE WHEN off THEN 1 ELSE 0 END AS off,
           0 AS faults, 0 AS recoveries, 0 AS attempts, 0 AS actions, 0 AS runs, NULL AS at
    FROM rule WHERE rule_set_id = {_IN_FORCE} AND kind NOT IN {_WATCHED}
    UNION ALL SELECT 'detection', rule, 0, 0, 0, 1, 0, 0, 0, 0, raised_at FROM fault
    UNION ALL SELECT 'recovery', rule, 0, 0, 0, 0, 1, 0, 0, 0, started_at FROM recovery
    UNION ALL SELECT 'recovery', rule, 0, 0, 0, 0, 0, 1, 0, 0, started_at FROM attempt
    UNION ALL SELECT CASE WHEN attempt_id IS NULL AND rule IN (SELECT rule FROM fault)
                          THEN 'detection' ELSE 'recovery' END,
                     rule, 0, 0, 0, 0, 0, 0, 1, 0, intended_at FROM action
    UNION ALL SELECT CASE WHEN cause = 'rule' THEN 'orchestration' ELSE 'automation' END,
                     automation, 0, 0, 0, 0, 0, 0, 0, 1, coalesce(started_at, due_at) FROM automation_run
    UNION ALL SELECT 'workflow', workflow, 0, 0, 0, 0, 0, 0, 0, 1, started_at FROM workflow_run
    UNION ALL SELECT 'adaptation', rule, 0, 0, 0, 0, 0, 0, 0, 1, at FROM adaptation
    UNION ALL SELECT 'maintenance', maintenance, 0, 0, 0, 0, 0, 0, 0, 1, started_at FROM maintenance_run
) AS activity
WHERE rule IS NOT NULL
GROUP BY kind, rule ORDER BY kind, rule
"""


def _agent_health() -> str:
    return f"""
SELECT named.name,
       nullif(trim(status.value, '"'), 'null') AS status,
       status."from" AS since,
       status.until AS seen_at,
       (SELECT count(*) FROM action WHERE target = named.name AND kind = 'restart' AND outcome = 'succeeded')
           AS restarts,
       (SELECT count(*) FROM fault
        WHERE subject_type = 'agent' AND subject = named.name AND outcome IS NULL) AS open_faults,
       f.rule AS last_fault, f.raised_at AS last_fault_at, f.outcome AS last_fault_outcome,
       a.kind AS last_action, a.intended_at AS last_action_at, a.outcome AS last_action_outcome
FROM (
    SELECT key AS name FROM fact WHERE type = 'agent' AND field = 'status'
    UNION SELECT name FROM rule WHERE kind = 'agent' AND rule_set_id = {_IN_FORCE}
) AS named
LEFT JOIN fact AS status
       ON status.id = (SELECT max(id) FROM fact WHERE type = 'agent' AND field = 'status' AND key = named.name)
LEFT JOIN fault AS f
       ON f.id = (SELECT max(id) FROM fault WHERE subject_type = 'agent' AND subject = named.name)
LEFT JOIN action AS a ON a.id = (SELECT max(id) FROM action WHERE target = named.name)
ORDER BY named.name
"""


def _why() -> str:
    """Lines, and for what rows alone tell of a line made of its row, which stands before the others."""
    recovery = _told("'recovery ' || @rule || ' of fault ' || @fault_id || ' on ' || @subject")
    attempt = _told(
        "'attempt ' || @number || ' of recovery ' || @recovery_id || ' (' || @rule || ') on ' || @subject || ': step '"
        " || @step || coalesce(', ' || outcome, '') || coalesce(': ' || reason, '')"
    )
    alert = _told(
        "'alert of fault ' || @fault_id || ' to ' || @channel || ' by ' || @rule || ': ' || @outcome"
        " || coalesce(': ' || nullif(reason, ''), '') || coalesce(' (action ' || CAST(action_id AS text) || ')', '')"
    )
    step = _told(
        "'step ' || @step || ' of workflow run ' || @run_id || ': ' || @status || ', attempt ' || @attempt"
        " || coalesce(': ' || error, '') || coalesce(' (action ' || CAST(action_id AS text) || ')', '')"
    )
    return f"""
SELECT subject_id, depth, line, at, id FROM (
    SELECT subject_id, depth, line, at, id FROM derivation
    UNION ALL SELECT id, 0, {recovery}, started_at, 0 FROM recovery
    UNION ALL SELECT id, 0, {attempt}, started_at, 0 FROM attempt
    UNION ALL SELECT id, 0, {alert}, at, 0 FROM alert
    UNION ALL SELECT id, 0, {step}, started_at, 0 FROM step_run
) AS told ORDER BY subject_id, id
"""


def _told(line: str) -> str:
    """A column with an @ is written as text, where it is not known as a question mark."""
    return re.sub(r"@(\w+)", r"coalesce(CAST(\1 AS text), '?')", line)


def _strategy_performance(dialect: Dialect) -> str:
    succeeded = count("outcome = 'succeeded'")
    tried = count("outcome IN ('succeeded', 'failed')")
    rate = f"{succeeded} * 1.0 / nullif({tried}, 0)"
    return f"""
SELECT tried.*, l.place, l.recent_runs, l.recent_successes
FROM (
SELECT rule, step,
       count(*) AS attempts,
       {succeeded} AS succeeded,
       {count("outcome = 'failed'")} AS failed,
       {count("outcome = 'unneeded'")} AS unneeded,
       {dialect.rounded(rate)} AS rate,
       {mean_between(dialect, "acted_at", "verified_at", "outcome = 'succeeded'")} AS verify_s
FROM attempt GROUP BY rule, step
) AS tried
LEFT JOIN learned AS l ON l.kind = 'recovery' AND l.name = tried.rule || '/' || tried.step AND l.place IS NOT NULL
ORDER BY tried.rule, tried.step
"""
