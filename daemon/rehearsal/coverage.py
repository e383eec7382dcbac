"""Which rules and branches the tests of a rule set reach: what each rule can do, and what of that was seen in a rehearsal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from daemon.rehearsal.rows import Row, Rows
from dsl.program import Alert, Detection, Program, Recovery, RuleHead
from dsl.work import Automation, Orchestration, Workflow


@dataclass(frozen=True, slots=True)
class Branch:
    """One thing that a rule can do."""

    kind: str  # detection recovery workflow automation orchestration adaptation maintenance alert derive
    rule: str
    what: str  # "" the rule itself: it did anything at all
    file: str
    line: int


def branches_of(program: Program, files: Iterable[str]) -> list[Branch]:
    """Those of the rules in these files that are not off, in the order in which they are written."""
    named = set(files)
    found = [
        Branch(kind, head.name, what, head.place.file, head.place.line)
        for kind, head, whats in _rules(program)
        if head.place.file in named and not head.off
        for what in whats
    ]
    return sorted(found, key=lambda one: (one.file, one.line))


def reached(branches: Sequence[Branch], rows: Rows) -> set[Branch]:
    """The branches that one rehearsal went through."""
    seen = set(_seen(rows))
    return {one for one in branches if (one.kind, one.rule, one.what) in seen}


# --- what rules can do ------------------------------------------------------------------------------------------------


def _rules(program: Program) -> Iterator[tuple[str, RuleHead, list[str]]]:
    yield from (("detection", one.head, _of_detection(one)) for one in program.detections)
    yield from (("recovery", one.head, _of_recovery(one)) for one in program.recoveries)
    yield from (("workflow", one.head, _of_workflow(one)) for one in program.workflows)
    yield from (("automation", one.head, _of_automation(one)) for one in program.automations)
    yield from (("orchestration", one.head, _of_orchestration(one)) for one in program.orchestrations)
    yield from (("adaptation", one.head, ["applied"]) for one in program.adaptations)
    yield from (("maintenance", one.head, ["began"]) for one in program.maintenances)
    yield from (("alert", one.head, _of_alert(one)) for one in program.alerts)


def _of_detection(rule: Detection) -> list[str]:
    tiers = [f"severity {tier.severity}" for tier in rule.tiers]
    suppressed = ["suppressed"] if rule.unless is not None else []
    return ["raised", *tiers, "cleared", *suppressed]


def _of_recovery(rule: Recovery) -> list[str]:
    tries = [f"try {step.name}" for step in rule.tries]
    return [*tries, "succeeded", *(["otherwise"] if rule.otherwise else [])]


def _of_workflow(rule: Workflow) -> list[str]:
    undone = [f"undo {step.name}" for step in rule.steps if step.undo]
    return [*(f"step {step.name}" for step in rule.steps), "succeeded", *undone]


def _of_automation(rule: Automation) -> list[str]:
    return ["ran", *(["skipped"] if rule.only_if is not None or rule.unless is not None else [])]


def _of_orchestration(rule: Orchestration) -> list[str]:
    guarded = rule.only_if is not None or rule.unless is not None or rule.limits or rule.keeps
    afterwards = ["afterwards"] if rule.afterwards else []
    return ["acted", *afterwards, *(["skipped"] if guarded else [])]


def _of_alert(rule: Alert) -> list[str]:
    return [*(f"notify {channel}" for channel in dict.fromkeys(step.channel for step in rule.steps))]


# --- what was seen ----------------------------------------------------------------------------------------------------


def _seen(rows: Rows) -> Iterator[tuple[str, str, str]]:
    for fault in rows.all("fault"):
        yield "detection", fault["rule"], "raised"
        yield from (("detection", fault["rule"], f"severity {severity}") for severity in fault["severities"])
        if fault["outcome"] is not None:
            yield "detection", fault["rule"], fault["outcome"]
    yield from (("recovery", row["rule"], f"try {row['step']}") for row in rows.all("attempt"))
    yield from (("recovery", row["rule"], row["outcome"]) for row in rows.all("recovery") if row["outcome"])
    yield from _otherwise(rows)
    yield from _work(rows)
    yield from (("alert", row.get("rule") or "", f"notify {row['channel']}") for row in rows.told(None, None))


def _otherwise(rows: Rows) -> Iterator[tuple[str, str, str]]:
    """Actions of a recovery for a fault that belong to none of its attempts."""
    recoveries = {row["rule"] for row in rows.all("recovery")}
    for action in rows.all("action"):
        tried = action.get("fault_id") is None or action.get("attempt_id") is not None
        if not tried and action["rule"] in recoveries:
            yield "recovery", action["rule"], "otherwise"


def _work(rows: Rows) -> Iterator[tuple[str, str, str]]:
    runs = {row["id"]: row for row in rows.all("workflow_run")}
    yield from (("workflow", row["workflow"], row["status"]) for row in runs.values())
    for step in rows.all("step_run"):
        run = runs.get(step["run_id"])
        if run is not None and step.get("started_at") is not None:
            yield "workflow", run["workflow"], f"step {step['step']}"
            if step.get("undone_at") is not None or step.get("status") == "undone":
                yield "workflow", run["workflow"], f"undo {step['step']}"
    for row in rows.all("automation_run"):
        yield from _run(row)
    yield from (("adaptation", row["rule"], row["outcome"]) for row in rows.all("adaptation"))
    yield from (
        ("maintenance", row["maintenance"], "began")
        for row in rows.all("maintenance_run")
        if row["outcome"] != "skipped"
    )
    yield from (("orchestration", rule, "afterwards") for rule in _taken_back(rows))


def _run(row: Row) -> Iterator[tuple[str, str, str]]:
    """A run of an automation or of an orchestration: their rows are alike."""
    skipped = row.get("status") == "skipped"
    yield "automation", row["automation"], "skipped" if skipped else "ran"
    yield "orchestration", row["automation"], "skipped" if skipped else "acted"


def _taken_back(rows: Rows) -> set[str]:
    said = {row["subject_id"] for row in rows.all("derivation") if str(row["line"]).startswith("afterwards:")}
    return {row["automation"] for row in rows.all("automation_run") if row["id"] in said}


# --- for people and programs ------------------------------------------------------------------------------------------


def as_text(branches: Sequence[Branch], seen: set[Branch]) -> str:
    """A line a rule: how much of it was reached, and what was not."""
    rules = list(dict.fromkeys((one.file, one.line, one.kind, one.rule) for one in branches))
    lines = ["Coverage, by rule"]
    width = max((len(f"{kind} {rule}") for _, _, kind, rule in rules), default=0)
    for file, line, kind, rule in rules:
        own = [one for one in branches if (one.file, one.line, one.kind) == (file, line, kind)]
        missing = ", ".join(one.what for one in own if one not in seen)
        count = f"{sum(one in seen for one in own)}/{len(own)}"
        said = f"not: {missing}  ({file}:{line})" if missing else ""
        lines.append(f"  {f'{kind} {rule}':<{width}}  {count:>5}  {said}".rstrip())
    return "\n".join([*lines, _summary(branches, seen)]) + "\n"


def _summary(branches: Sequence[Branch], seen: set[Branch]) -> str:
    reached_rules = {(one.kind, one.rule, one.file) for one in seen}
    rules = {(one.kind, one.rule, one.file) for one in branches}
    part = f" ({100 * len(seen) / len(branches):.0f}%)" if branches else ""
    return f"{len(seen)} of {len(branches)} branches{part}, in {len(reached_rules)} of {len(rules)} rules"


def as_data(branches: Sequence[Branch], seen: set[Branch]) -> dict[str, object]:
    """The same as it stands in JSON; rates are from 0 to 1, and 0 of nothing."""
    found = [
        {"kind": one.kind, "rule": one.rule, "branch": one.what, "file": one.file, "line": one.line, "reached": one in seen}
        for one in branches
    ]  # fmt: skip
    rate = len(seen) / len(branches) if branches else 0.0
    return json.loads(json.dumps({"branches": found, "rate": rate}))  # type: ignore[no-any-return]
