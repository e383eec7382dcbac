"""The views of the shadow: beside each thing that would have been done what was, and of each rule how often which of these was so.

Both are made of pieces that name the rows they choose among, so that a report can ask for a part of the past.
"""

from __future__ import annotations

from daemon.store.database import Dialect
from daemon.store.figures import count

VIEWS = ("shadow_beside", "shadow_report")

SLACK_S = 60  # seconds around what has no fault of its own, in which an action counts as beside it
_NEVER = "'9999'"
_IN_FORCE = "(SELECT max(id) FROM rule_set)"
_TELLING = "('notify', 'log')"
# As the rows name them, and as rules are declared.
_KINDS = (
    ("detection", "fault"),
    ("recovery", "recovery"),
    ("alert", "notice"),
    ("orchestration", "orchestration"),
    ("automation", "automation"),
    ("adaptation", "adaptation"),
    ("maintenance", "maintenance"),
)


def bodies(dialect: Dialect) -> tuple[str, ...]:
    return (beside_body(dialect), report_body(dialect))


def beside_body(dialect: Dialect, shadows: str = "shadow_action") -> str:
    """One row for each of `shadows`, which may be a query in parentheses. `beside`: agrees, differs, alone; NULL where nothing compares."""
    earlier = dialect.rounded(f"{dialect.seconds('b.at')} - {dialect.seconds('w.at')}")
    return f"""
SELECT w.id, w.kind, w.rule, w.step, w.subject_type, w.subject, w.at, w.ended_at, w.outcome, w.reason, w.would, w.message,
       coalesce(f.rule, s.rule) AS fault, w.fault_id, w.shadow_id,
       CASE WHEN {_compared("w")} THEN coalesce(b.beside, 'alone') END AS beside,
       b.id AS beside_id, b.name AS beside_name, b.at AS beside_at, {earlier} AS earlier_s
FROM {shadows} AS w
LEFT JOIN fault AS f ON f.id = w.fault_id
LEFT JOIN shadow_action AS s ON s.id = w.shadow_id
LEFT JOIN (
    SELECT shadow, id, name, at, beside, row_number() OVER (PARTITION BY shadow ORDER BY beside, at, id) AS place
    FROM ({_faults(shadows)} UNION ALL {_actions(dialect, shadows)}) AS found
) AS b ON b.shadow = w.id AND b.place = 1 AND {_compared("w")}
ORDER BY w.id
"""


def _compared(row: str) -> str:
    """What was held back, could not be done or only follows from an end has nothing beside it."""
    return (
        f"({row}.kind = 'fault' OR {row}.kind IN ('recovery', 'orchestration', 'automation')"
        f" AND {row}.step NOT IN ('otherwise', 'afterwards') AND coalesce({row}.outcome, '') NOT IN ('held_back', 'failed'))"
    )


def _faults(shadows: str) -> str:
    """Faults of other rules that were there on the same subject at the same time."""
    return f"""
        SELECT w.id AS shadow, g.id, g.rule AS name, g.raised_at AS at, 'agrees' AS beside
        FROM {shadows} AS w JOIN fault AS g
          ON g.subject = w.subject AND g.subject_type = w.subject_type AND {_together("w", "g")}
        WHERE w.kind = 'fault' AND g.rule <> w.rule
    """


def _together(shadow: str, fault: str) -> str:
    return (
        f"{fault}.began_at <= coalesce({shadow}.ended_at, {_NEVER})"
        f" AND coalesce({fault}.closed_at, {_NEVER}) >= {shadow}.began_at"
    )


def _actions(dialect: Dialect, shadows: str) -> str:
    """Actions of other rules for the same fault, or on the same agent within its time. The same one is before any other."""
    what = "', ' || a.kind || coalesce(' ' || a.target, '') || ', '"
    same = dialect.holds("', ' || coalesce(w.would, '') || ', '", what)
    at = dialect.seconds("a.intended_at")
    fault = "w.kind = 'recovery' AND w.began_at IS NOT NULL"
    begin = f"CASE WHEN {fault} THEN {dialect.seconds('w.began_at')} ELSE {dialect.seconds('w.at')} - {SLACK_S} END"
    end = (
        f"CASE WHEN {fault} THEN coalesce({dialect.seconds('w.ended_at')}, {dialect.now_seconds})"
        f" ELSE {dialect.seconds('w.at')} + {SLACK_S} END"
    )
    chosen = f"""
        SELECT w.id AS shadow, a.id, a.kind || coalesce(' ' || a.target, '') AS name, a.intended_at AS at,
               CASE WHEN {same} THEN 'agrees' ELSE 'differs' END AS beside
        FROM {shadows} AS w JOIN action AS a ON {{joined}}
        WHERE w.kind IN ('recovery', 'orchestration', 'automation') AND a.kind NOT IN {_TELLING}
          AND coalesce(a.rule, '') <> w.rule AND {at} >= {begin} AND {at} <= {end}
    """
    by_fault = chosen.format(joined="a.fault_id = w.fault_id")
    by_target = chosen.format(
        joined="a.target = w.subject AND w.subject_type = 'agent' AND coalesce(a.fault_id, 0) <> coalesce(w.fault_id, 0)"
    )
    return f"{by_fault} UNION ALL {by_target}"


def report_body(
    dialect: Dialect, shadows: str = "shadow_action", begin: str = "''", now: str | None = None
) -> str:
    """One row for each rule in the shadow, or with something there.

    `begin` is the text of an instant: what was before does not count; `now` the seconds of another, until which rules are looked at.
    """
    until = _until(dialect, now or dialect.now_seconds)
    return f"""
SELECT k.kind, k.rule, k.in_shadow, k.since,
       {dialect.rounded(f"({until} - {dialect.seconds('k.since')}) / 3600.0")} AS hours,
       CAST(coalesce(t.firings, 0) AS bigint) AS firings,
       CAST(coalesce(t.held_back, 0) AS bigint) AS held_back,
       CAST(coalesce(t.failed, 0) AS bigint) AS failed,
       CAST(coalesce(t.subjects, 0) AS bigint) AS subjects, t.first_at, t.last_at,
       {dialect.rounded(f"t.firings * 3600.0 / nullif({until} - {dialect.seconds('k.since')}, 0)")} AS per_hour,
       CAST(coalesce(t.agrees, 0) AS bigint) AS agrees, CAST(coalesce(t.differs, 0) AS bigint) AS differs,
       CAST(coalesce(t.alone, 0) AS bigint) AS alone, m.earlier_s,
       CASE WHEN k.kind = 'fault' THEN CAST(coalesce(x.missed, 0) AS bigint) END AS missed,
       CASE WHEN k.kind = 'recovery' THEN CAST(coalesce(t.needless, 0) AS bigint) END AS needless,
       CASE WHEN k.kind = 'recovery' THEN CAST(coalesce(t.stayed, 0) AS bigint) END AS stayed
FROM ({_known(shadows, begin)}) AS k
LEFT JOIN ({_tallied(dialect, shadows)}) AS t ON t.kind = k.kind AND t.rule = k.rule
LEFT JOIN ({_median(dialect, shadows)}) AS m ON m.kind = k.kind AND m.rule = k.rule
LEFT JOIN ({_missed(shadows, begin)}) AS x ON x.rule = k.rule
ORDER BY k.kind, k.rule
"""


def _until(dialect: Dialect, now: str) -> str:
    last = dialect.seconds("coalesce(t.last_at, k.since)")
    return f"CASE WHEN k.in_shadow = 1 THEN {now} ELSE {last} END"


def _known(shadows: str, begin: str) -> str:
    """Which rules, whether they are in the shadow now, and from when on they are looked at."""
    kind = " ".join(f"WHEN '{declared}' THEN '{kind}'" for declared, kind in _KINDS)
    declared = ", ".join(f"'{name}'" for name, _ in _KINDS)
    since = (
        "(SELECT min(s.loaded_at) FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set_id"
        " WHERE r.name = named.rule AND (r.shadow OR s.shadow))"
    )
    first = f"coalesce({since}, named.first_at)"
    return f"""
    SELECT named.kind, named.rule,
           CASE WHEN {first} < {begin} THEN {begin} ELSE {first} END AS since,
           CASE WHEN EXISTS (
               SELECT 1 FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set_id
               WHERE s.id = {_IN_FORCE} AND r.name = named.rule AND (r.shadow OR s.shadow)
           ) THEN 1 ELSE 0 END AS in_shadow
    FROM (
        SELECT kind, rule, min(first_at) AS first_at FROM (
            SELECT w.kind, w.rule, w.at AS first_at FROM {shadows} AS w
            UNION ALL SELECT CASE r.kind {kind} END, r.name, s.loaded_at
            FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set_id
            WHERE r.rule_set_id = {_IN_FORCE} AND r.shadow AND r.kind IN ({declared})
        ) AS each_one GROUP BY kind, rule
    ) AS named
    """


def _tallied(dialect: Dialect, shadows: str) -> str:
    fired = "coalesce(outcome, '') NOT IN ('held_back', 'failed') AND step NOT IN ('otherwise', 'afterwards')"
    by_itself = f"beside = 'alone' AND {fired}"
    return f"""
    SELECT kind, rule,
           {count(fired)} AS firings,
           {count("outcome = 'held_back'")} AS held_back,
           {count("outcome = 'failed'")} AS failed,
           count(DISTINCT CASE WHEN {fired} THEN subject END) AS subjects,
           min(at) AS first_at, max(at) AS last_at,
           {count("beside = 'agrees'")} AS agrees,
           {count("beside = 'differs'")} AS differs,
           {count("beside = 'alone'")} AS alone,
           {count(f"{by_itself} AND outcome = 'gone'")} AS needless,
           {count(f"{by_itself} AND outcome = 'stayed'")} AS stayed
    FROM ({beside_body(dialect, shadows)}) AS b GROUP BY kind, rule
    """


def _median(dialect: Dialect, shadows: str) -> str:
    """How much earlier it would have been than what agrees with it, in the median; the mean of the two in the middle."""
    return f"""
    SELECT kind, rule, {dialect.rounded("avg(earlier_s)")} AS earlier_s FROM (
        SELECT kind, rule, earlier_s,
               row_number() OVER (PARTITION BY kind, rule ORDER BY earlier_s) AS place,
               count(*) OVER (PARTITION BY kind, rule) AS number
        FROM ({beside_body(dialect, shadows)}) AS b WHERE beside = 'agrees'
    ) AS ranked WHERE place IN ((number + 1) / 2, (number + 2) / 2) GROUP BY kind, rule
    """


def _missed(shadows: str, begin: str) -> str:
    return f"SELECT rule, count(*) AS missed FROM ({missed_body(shadows, begin)}) AS each_one GROUP BY rule"


def missed_body(shadows: str, begin: str = "''") -> str:
    """Faults of rules in force that a detection in the shadow did not stand beside, though they were of its category, on what it is
    about, and it had begun to look."""
    return f"""
    SELECT k.rule, g.id, g.rule AS fault, g.subject, g.raised_at
    FROM (
        SELECT w.rule, w.subject_type, w.category, min(w.at) AS first_at FROM {shadows} AS w
        WHERE w.kind = 'fault' GROUP BY w.rule, w.subject_type, w.category
    ) AS k
    JOIN fault AS g ON g.subject_type = k.subject_type AND g.category = k.category AND g.rule <> k.rule
    WHERE g.raised_at >= {begin} AND g.raised_at >= coalesce(
        (SELECT min(s.loaded_at) FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set_id
         WHERE r.name = k.rule AND (r.shadow OR s.shadow)), k.first_at)
      AND NOT EXISTS (
        SELECT 1 FROM {shadows} AS w WHERE w.rule = k.rule AND w.kind = 'fault'
          AND w.subject = g.subject AND {_together("w", "g")}
    )
    """
