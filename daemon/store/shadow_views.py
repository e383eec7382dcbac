"""The views of the shadow: beside each thing that would have been done what was, and of each rule how often which of these was so.

All three bodies begin with the same parts, each made once: the rows looked at (`w`), what met them (`met`), what is beside them
(`beside`). `shadows` and `begin` let a report choose a part of the past.
"""

from __future__ import annotations

from daemon.store.database import Dialect
from daemon.store.figures import count

VIEWS = ("shadow_beside", "shadow_report")

SLACK_S = 60  # seconds around what has no fault of its own, in which an action counts as beside it
_NEVER = "'9999'"
_IN_FORCE = "(SELECT max(id) FROM rule_set)"
# As rules are declared, and as the rows name them.
_KINDS = (
    ("detection", "fault"),
    ("recovery", "recovery"),
    ("alert", "notice"),
    ("orchestration", "orchestration"),
    ("automation", "automation"),
    ("adaptation", "adaptation"),
    ("maintenance", "maintenance"),
)
FIRED = "coalesce(outcome, '') NOT IN ('held_back', 'failed') AND step NOT IN ('otherwise', 'afterwards')"


def bodies(dialect: Dialect) -> tuple[str, ...]:
    return (beside_body(dialect), report_body(dialect))


def beside_body(dialect: Dialect, shadows: str = "shadow_action") -> str:
    """One row for each of `shadows`, which may be a query in parentheses. `beside`: agrees, differs, alone; NULL where nothing compares."""
    return f"WITH {_parts(dialect, shadows)}\nSELECT * FROM beside ORDER BY id\n"


def missed_body(dialect: Dialect, shadows: str = "shadow_action", begin: str = "''") -> str:
    """Faults of rules in force that a detection in the shadow did not stand beside, though they were of its category, on what it is
    about, and it had begun to look."""
    return (
        f"WITH {_parts(dialect, shadows)}, missed AS ({_missed(begin)})\nSELECT * FROM missed ORDER BY id\n"
    )


def report_body(
    dialect: Dialect, shadows: str = "shadow_action", begin: str = "''", now: str | None = None
) -> str:
    """One row for each rule in the shadow, or with something there.

    `begin` is the text of an instant: what was before does not count; `now` the seconds of another, until which rules are looked at.
    """
    until = f"CASE WHEN k.in_shadow = 1 THEN {now or dialect.now_seconds} ELSE {dialect.seconds('coalesce(t.last_at, k.since)')} END"
    looked = f"({until} - {dialect.seconds('k.since')})"
    return f"""
WITH {_parts(dialect, shadows)}, missed AS ({_missed(begin)}), known AS ({_known(begin)}), tallied AS ({_tallied()}),
     median AS ({_median(dialect)})
SELECT k.kind, k.rule, k.in_shadow, k.since, {dialect.rounded(f"{looked} / 3600.0")} AS hours,
       CAST(coalesce(t.firings, 0) AS bigint) AS firings,
       CAST(coalesce(t.held_back, 0) AS bigint) AS held_back,
       CAST(coalesce(t.failed, 0) AS bigint) AS failed,
       CAST(coalesce(t.subjects, 0) AS bigint) AS subjects, t.first_at, t.last_at,
       {dialect.rounded(f"t.firings * 3600.0 / nullif({looked}, 0)")} AS per_hour,
       CAST(coalesce(t.agrees, 0) AS bigint) AS agrees, CAST(coalesce(t.differs, 0) AS bigint) AS differs,
       CAST(coalesce(t.alone, 0) AS bigint) AS alone, m.earlier_s,
       CASE WHEN k.kind = 'fault' THEN CAST(coalesce(x.missed, 0) AS bigint) END AS missed,
       CASE WHEN k.kind = 'recovery' THEN CAST(coalesce(t.needless, 0) AS bigint) END AS needless,
       CASE WHEN k.kind = 'recovery' THEN CAST(coalesce(t.stayed, 0) AS bigint) END AS stayed
FROM known AS k
LEFT JOIN tallied AS t ON t.kind = k.kind AND t.rule = k.rule
LEFT JOIN median AS m ON m.kind = k.kind AND m.rule = k.rule
LEFT JOIN (SELECT rule, count(*) AS missed FROM missed GROUP BY rule) AS x ON x.rule = k.rule
ORDER BY k.kind, k.rule
"""


# --- the parts ---------------------------------------------------------------------------------------------------------


def _parts(dialect: Dialect, shadows: str) -> str:
    earlier = dialect.rounded(f"{dialect.seconds('m.at')} - {dialect.seconds('w.at')}")
    return f"""w AS ({_looked_at(dialect, shadows)}),
met AS ({_faults()} UNION ALL {_actions(dialect, "a.fault_id = w.fault_id")} UNION ALL {_actions(dialect, _SAME_AGENT)}),
first_met AS (
    SELECT met.*, row_number() OVER (PARTITION BY shadow ORDER BY beside, at, id) AS place FROM met
),
beside AS (
    SELECT w.id, w.kind, w.rule, w.step, w.subject_type, w.subject, w.at, w.ended_at, w.outcome, w.reason, w.would, w.message,
           coalesce(f.rule, s.rule) AS fault, w.fault_id, w.shadow_id,
           CASE WHEN w.compared = 1 THEN coalesce(m.beside, 'alone') END AS beside,
           m.id AS beside_id, m.name AS beside_name, m.at AS beside_at, {earlier} AS earlier_s
    FROM w
    LEFT JOIN fault AS f ON f.id = w.fault_id
    LEFT JOIN shadow_action AS s ON s.id = w.shadow_id
    LEFT JOIN first_met AS m ON m.shadow = w.id AND m.place = 1
)"""


def _looked_at(dialect: Dialect, shadows: str) -> str:
    """With the time in which something is beside it. What was held back, could not be done or only follows from an end is not compared."""
    own = "kind IN ('fault', 'recovery') AND began_at IS NOT NULL"
    acts = f"kind IN ('recovery', 'orchestration', 'automation') AND {FIRED}"
    return f"""
    SELECT s.*, CASE WHEN kind = 'fault' OR {acts} THEN 1 ELSE 0 END AS compared,
           CASE WHEN {own} THEN began_at ELSE {dialect.moved("at", -SLACK_S)} END AS from_at,
           CASE WHEN {own} THEN coalesce(ended_at, {_NEVER}) ELSE {dialect.moved("at", SLACK_S)} END AS until_at
    FROM {shadows} AS s WHERE kind IS NOT NULL
"""


def _faults() -> str:
    """Faults of other rules that were there on the same subject at the same time."""
    return f"""
    SELECT w.id AS shadow, w.rule, g.id, g.rule AS name, g.raised_at AS at, 'agrees' AS beside
    FROM w JOIN fault AS g ON g.subject = w.subject AND g.subject_type = w.subject_type
     AND g.began_at <= w.until_at AND coalesce(g.closed_at, {_NEVER}) >= w.from_at
    WHERE w.kind = 'fault' AND g.rule <> w.rule
"""


# Without those for its own fault, which are found by that.
_SAME_AGENT = (
    "a.target = w.subject AND w.subject_type = 'agent'"
    " AND (w.fault_id IS NULL OR a.fault_id IS NULL OR a.fault_id <> w.fault_id)"
)


def _actions(dialect: Dialect, joined: str) -> str:
    """Actions of other rules for the same fault, or on the same agent within its time. The same one is before any other."""
    what = "a.kind || coalesce(' ' || a.target, '')"
    same = dialect.holds("', ' || coalesce(w.would, '') || ', '", f"', ' || {what} || ', '")
    return f"""
    SELECT w.id AS shadow, w.rule, a.id, {what} AS name, a.intended_at AS at,
           CASE WHEN {same} THEN 'agrees' ELSE 'differs' END AS beside
    FROM w JOIN action AS a ON {joined} AND a.intended_at >= w.from_at AND a.intended_at <= w.until_at
    WHERE w.compared = 1 AND w.kind <> 'fault' AND a.kind NOT IN ('notify', 'log') AND coalesce(a.rule, '') <> w.rule
"""


def _since(rule: str) -> str:
    """When the first rule set came into force in which it was in the shadow."""
    return (
        "(SELECT min(s.loaded_at) FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set_id"
        f" WHERE r.name = {rule} AND (r.shadow OR s.shadow))"
    )


def _known(begin: str) -> str:
    """Which rules, whether they are in the shadow now, and from when on they are looked at."""
    kind = " ".join(f"WHEN '{declared}' THEN '{kind}'" for declared, kind in _KINDS)
    declared = ", ".join(f"'{name}'" for name, _ in _KINDS)
    return f"""
    SELECT kind, rule, CASE WHEN since < {begin} THEN {begin} ELSE since END AS since,
           CASE WHEN EXISTS (
               SELECT 1 FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set_id
               WHERE s.id = {_IN_FORCE} AND r.name = dated.rule AND (r.shadow OR s.shadow)
           ) THEN 1 ELSE 0 END AS in_shadow
    FROM (
        SELECT kind, rule, coalesce({_since("named.rule")}, first_at) AS since FROM (
            SELECT kind, rule, min(first_at) AS first_at FROM (
                SELECT kind, rule, at AS first_at FROM w
                UNION ALL SELECT CASE r.kind {kind} END, r.name, s.loaded_at
                FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set_id
                WHERE r.rule_set_id = {_IN_FORCE} AND r.shadow AND r.kind IN ({declared})
            ) AS each_one GROUP BY kind, rule
        ) AS named
    ) AS dated
"""


def _tallied() -> str:
    by_itself = f"beside = 'alone' AND {FIRED}"
    return f"""
    SELECT kind, rule,
           {count(FIRED)} AS firings,
           {count("outcome = 'held_back'")} AS held_back,
           {count("outcome = 'failed'")} AS failed,
           count(DISTINCT CASE WHEN {FIRED} THEN subject END) AS subjects,
           min(at) AS first_at, max(at) AS last_at,
           {count("beside = 'agrees'")} AS agrees,
           {count("beside = 'differs'")} AS differs,
           {count("beside = 'alone'")} AS alone,
           {count(f"{by_itself} AND outcome = 'gone'")} AS needless,
           {count(f"{by_itself} AND outcome = 'stayed'")} AS stayed
    FROM beside GROUP BY kind, rule
"""


def _median(dialect: Dialect) -> str:
    """How much earlier it would have been than what agrees with it; the mean of the two in the middle."""
    return f"""
    SELECT kind, rule, {dialect.rounded("avg(earlier_s)")} AS earlier_s FROM (
        SELECT kind, rule, earlier_s,
               row_number() OVER (PARTITION BY kind, rule ORDER BY earlier_s) AS place,
               count(*) OVER (PARTITION BY kind, rule) AS number
        FROM beside WHERE beside = 'agrees'
    ) AS ranked WHERE place IN ((number + 1) / 2, (number + 2) / 2) GROUP BY kind, rule
"""


def _missed(begin: str) -> str:
    return f"""
    SELECT k.rule, g.id, g.rule AS fault, g.subject, g.raised_at
    FROM (
        SELECT rule, subject_type, category, coalesce({_since("first.rule")}, first_at) AS since FROM (
            SELECT rule, subject_type, category, min(at) AS first_at FROM w
            WHERE kind = 'fault' GROUP BY rule, subject_type, category
        ) AS first
    ) AS k
    JOIN fault AS g ON g.subject_type = k.subject_type AND g.category = k.category AND g.rule <> k.rule
     AND g.raised_at >= {begin} AND g.raised_at >= k.since
    LEFT JOIN (SELECT DISTINCT rule, id FROM met) AS seen ON seen.rule = k.rule AND seen.id = g.id
    WHERE seen.id IS NULL
"""
