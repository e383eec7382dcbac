-- Made by `python -m daemon.store.migrations.head` from tables.py; do not edit.

CREATE TABLE action (
    id INTEGER NOT NULL,
    attempt_id INTEGER,
    fault_id INTEGER,
    rule TEXT,
    kind TEXT,
    target TEXT,
    arguments TEXT,
    reason TEXT,
    intended_at TEXT,
    ended_at TEXT,
    outcome TEXT,
    detail TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX action_by_fault ON action (fault_id);

CREATE INDEX action_by_target ON action (target);

CREATE INDEX action_open ON action (id) WHERE outcome IS NULL;

CREATE TABLE alert (
    id INTEGER NOT NULL,
    fault_id INTEGER,
    channel TEXT,
    action_id INTEGER,
    outcome TEXT,
    reason TEXT,
    at TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX alert_by_fault ON alert (fault_id);

CREATE TABLE attempt (
    id INTEGER NOT NULL,
    recovery_id INTEGER,
    fault_id INTEGER,
    rule TEXT,
    step TEXT,
    number INTEGER,
    subject TEXT,
    scope TEXT,
    started_at TEXT,
    acted_at TEXT,
    verified_at TEXT,
    ended_at TEXT,
    outcome TEXT,
    reason TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX attempt_by_fault ON attempt (fault_id);

CREATE INDEX attempt_by_start ON attempt (started_at);

CREATE INDEX attempt_open ON attempt (id) WHERE outcome IS NULL;

CREATE TABLE derivation (
    id INTEGER NOT NULL,
    subject_id INTEGER,
    depth INTEGER,
    line TEXT,
    at TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX derivation_by_subject ON derivation (subject_id);

CREATE TABLE fact (
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    "key" TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT,
    "from" TEXT NOT NULL,
    until TEXT NOT NULL,
    samples INTEGER NOT NULL,
    source TEXT,
    failure TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX fact_by_end ON fact (until);

CREATE INDEX fact_by_series ON fact (type, field, "key", id);

CREATE TABLE fault (
    id INTEGER NOT NULL,
    rule TEXT,
    subject_type TEXT,
    subject TEXT,
    category TEXT,
    severity TEXT,
    began_at TEXT,
    raised_at TEXT,
    closed_at TEXT,
    outcome TEXT,
    message TEXT,
    evidence TEXT,
    inhibited_by INTEGER,
    unconfirmed BOOLEAN,
    acknowledged_at TEXT,
    acknowledged_by TEXT,
    attempts INTEGER,
    PRIMARY KEY (id)
);

CREATE INDEX fault_by_rule ON fault (rule, raised_at);

CREATE INDEX fault_open ON fault (id) WHERE outcome IS NULL;

CREATE TABLE recovery (
    id INTEGER NOT NULL,
    fault_id INTEGER,
    rule TEXT,
    subject TEXT,
    outcome TEXT,
    reason TEXT,
    started_at TEXT,
    ended_at TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX recovery_by_fault ON recovery (fault_id);

CREATE INDEX recovery_open ON recovery (id) WHERE outcome IS NULL;

CREATE TABLE reload (
    id INTEGER NOT NULL,
    at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    findings TEXT,
    digest TEXT,
    kept TEXT,
    detail TEXT,
    PRIMARY KEY (id)
);

CREATE TABLE rule (
    id INTEGER NOT NULL,
    rule_set_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT,
    file TEXT,
    line INTEGER,
    priority TEXT,
    shadow BOOLEAN,
    off BOOLEAN,
    text TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX rule_by_set ON rule (rule_set_id);

CREATE TABLE rule_set (
    id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    loaded_at TEXT NOT NULL,
    rules INTEGER NOT NULL,
    files INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE shadow_action (
    id INTEGER NOT NULL,
    rule TEXT,
    fault_id INTEGER,
    subject TEXT,
    step TEXT,
    at TEXT,
    PRIMARY KEY (id)
);
