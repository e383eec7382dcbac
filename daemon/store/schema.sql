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

CREATE INDEX action_by_fault ON action (fault_id) WHERE fault_id IS NOT NULL;

CREATE INDEX action_by_target ON action (target) WHERE target IS NOT NULL;

CREATE INDEX action_open ON action (id) WHERE outcome IS NULL;

CREATE TABLE adaptation (
    id INTEGER NOT NULL,
    run_id INTEGER,
    rule TEXT,
    kind TEXT,
    step TEXT,
    reason TEXT,
    outcome TEXT,
    graph_before TEXT,
    graph_after TEXT,
    at TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX adaptation_by_run ON adaptation (run_id);

CREATE TABLE alert (
    id INTEGER NOT NULL,
    fault_id INTEGER,
    channel TEXT,
    action_id INTEGER,
    outcome TEXT,
    reason TEXT,
    at TEXT,
    rule TEXT,
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

CREATE TABLE automation (
    id INTEGER NOT NULL,
    name TEXT,
    type TEXT,
    status TEXT,
    priority TEXT,
    schedule TEXT,
    paused_by TEXT,
    next_at TEXT,
    created_at TEXT,
    updated_at TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX automation_by_name ON automation (name);

CREATE TABLE automation_run (
    id INTEGER NOT NULL,
    automation_id INTEGER,
    automation TEXT,
    type TEXT,
    cause TEXT,
    status TEXT,
    reason TEXT,
    priority TEXT,
    due_at TEXT,
    started_at TEXT,
    ended_at TEXT,
    actions INTEGER,
    workflow_run_id INTEGER,
    measured TEXT,
    fault_id INTEGER,
    caused_by INTEGER,
    PRIMARY KEY (id)
);

CREATE INDEX automation_run_by_end ON automation_run (ended_at);

CREATE INDEX automation_run_by_name ON automation_run (automation, id);

CREATE TABLE definition (
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    config TEXT NOT NULL,
    rules TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX definition_by_name ON definition (name);

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

CREATE TABLE learned (
    id INTEGER NOT NULL,
    kind TEXT,
    name TEXT,
    runs INTEGER,
    successes INTEGER,
    duration_mean_s FLOAT,
    duration_p90_s FLOAT,
    updated_at TEXT,
    meaning TEXT,
    place INTEGER,
    recent_runs INTEGER,
    recent_successes INTEGER,
    recent TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX learned_by_name ON learned (kind, name);

CREATE TABLE maintenance_run (
    id INTEGER NOT NULL,
    maintenance TEXT,
    started_at TEXT,
    ends_at TEXT,
    ended_at TEXT,
    covered TEXT,
    outcome TEXT,
    PRIMARY KEY (id)
);

CREATE TABLE recovery (
    id INTEGER NOT NULL,
    fault_id INTEGER,
    rule TEXT,
    subject TEXT,
    outcome TEXT,
    reason TEXT,
    started_at TEXT,
    ended_at TEXT,
    step_order TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX recovery_by_fault ON recovery (fault_id);

CREATE INDEX recovery_open ON recovery (id) WHERE outcome IS NULL;

CREATE TABLE refusal (
    id INTEGER NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    field TEXT,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    detail TEXT,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX refusal_by_end ON refusal (last_at);

CREATE TABLE reload (
    id INTEGER NOT NULL,
    at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    findings TEXT,
    digest TEXT,
    kept TEXT,
    detail TEXT,
    carried TEXT,
    PRIMARY KEY (id)
);

CREATE TABLE remembered (
    id INTEGER NOT NULL,
    part TEXT NOT NULL,
    state TEXT NOT NULL,
    kept_at TEXT NOT NULL,
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
    shadow BOOLEAN,
    PRIMARY KEY (id)
);

CREATE TABLE shadow_action (
    id INTEGER NOT NULL,
    rule TEXT,
    fault_id INTEGER,
    subject TEXT,
    step TEXT,
    at TEXT,
    kind TEXT,
    shadow_id INTEGER,
    subject_type TEXT,
    began_at TEXT,
    ended_at TEXT,
    outcome TEXT,
    reason TEXT,
    severity TEXT,
    category TEXT,
    message TEXT,
    would TEXT,
    actions TEXT,
    scope TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX shadow_action_by_rule ON shadow_action (rule, at);

CREATE INDEX shadow_action_open ON shadow_action (id) WHERE ended_at IS NULL;

CREATE TABLE step_run (
    id INTEGER NOT NULL,
    run_id INTEGER,
    step TEXT,
    kind TEXT,
    status TEXT,
    attempt INTEGER,
    started_at TEXT,
    ended_at TEXT,
    duration_s FLOAT,
    output TEXT,
    error TEXT,
    action_id INTEGER,
    PRIMARY KEY (id)
);

CREATE INDEX step_run_by_run ON step_run (run_id);

CREATE TABLE task (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    automation TEXT NOT NULL,
    priority TEXT NOT NULL,
    schedule TEXT NOT NULL,
    dependencies TEXT,
    resources TEXT,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE workflow (
    id INTEGER NOT NULL,
    name TEXT,
    type TEXT,
    steps INTEGER,
    learning BOOLEAN,
    digest TEXT,
    created_at TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX workflow_by_name ON workflow (name);

CREATE TABLE workflow_run (
    id INTEGER NOT NULL,
    workflow TEXT,
    automation_run_id INTEGER,
    arguments TEXT,
    status TEXT,
    reason TEXT,
    started_at TEXT,
    ended_at TEXT,
    adaptations INTEGER,
    critical_path_s FLOAT,
    PRIMARY KEY (id)
);

CREATE INDEX workflow_run_by_end ON workflow_run (ended_at);

CREATE INDEX workflow_run_by_name ON workflow_run (workflow, id);
