"""Whether what a test expects is so, judged from what the engine recorded; if not, what was found instead."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from daemon.rehearsal import work
from daemon.rehearsal.rows import Row, Rows
from dsl.program import ExpectAction, ExpectAlert, ExpectCount, ExpectFault, ExpectRecovery, ExpectWork
from engine.analysis.written import duration, plain

Expectation = ExpectFault | ExpectAction | ExpectAlert | ExpectRecovery | ExpectWork | ExpectCount

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


def found_instead(expected: Expectation, rows: Rows) -> str | None:
    """None: it is so. Else what is so instead, in words."""
    match expected:
        case ExpectFault():
            return _fault(expected, rows)
        case ExpectAction():
            return _action(expected, rows)
        case ExpectAlert():
            return _told(expected, rows)
        case ExpectRecovery():
            return _recovery(expected, rows)
        case ExpectWork():
            return work.found_instead(expected, rows)
        case ExpectCount():
            return _count(expected, rows)


def _fault(expected: ExpectFault, rows: Rows) -> str | None:
    faults = rows.faults(expected.name, expected.subject)
    is_open = [row for row in faults if row["outcome"] is None]
    graver = [row for row in is_open if expected.severity in ("", row["severity"])]
    if is_open and not graver:
        if not expected.present:
            return None
        return "; ".join(f"the severity of {_name(row)} is {row['severity']}" for row in is_open)
    if bool(is_open) is expected.present:
        return None
    if is_open:
        return "; ".join(f"{_name(row)} is open since {duration(row['raised_at'])}" for row in is_open)
    if faults:
        return "; ".join(_closed(row) for row in faults)
    others = [_name(row) for row in rows.all("fault") if row["outcome"] is None]
    return f"no such fault was raised; open: {', '.join(others) or 'none'}"


def _closed(row: Row) -> str:
    return f"{_name(row)} was open from {duration(row['raised_at'])} to {duration(row['closed_at'])} ({row['outcome']})"


def _name(fault: Row) -> str:
    return f"{fault['rule']} on {fault['subject_type']} {fault['subject']}"


def _action(expected: ExpectAction, rows: Rows) -> str | None:
    begun = rows.actions(expected.kind, expected.subject)
    so = [row for row in begun if _has(row, expected.arguments)]
    if bool(so) is expected.present:
        return None
    if begun and expected.arguments:
        return "; ".join(f"{row['kind']}{_on(row)} with {_arguments(row)}" for row in begun)
    return _list_of_actions(begun or rows.all("action"))


def _has(action: Row, wanted: Sequence[tuple[str, object]]) -> bool:
    """Whether it was begun with these arguments; what is whole and what is written as 1.0 is the same number."""
    given = _arguments(action)
    return all(name in given and given[name] == json.loads(json.dumps(value)) for name, value in wanted)


def _arguments(action: Row) -> dict[str, Any]:
    found = json.loads(action.get("arguments") or "{}")
    return found if isinstance(found, dict) else {}


def _told(expected: ExpectAlert, rows: Rows) -> str | None:
    told = rows.told(expected.channel, expected.rule)
    if bool(told) is expected.present:
        return None
    everybody = told or rows.told(None, None)
    said = ", ".join(f"{row['channel']} by {row.get('rule')} at {duration(row['at'])}" for row in everybody)
    return f"told: {said}" if said else "nobody was told of anything"


def _list_of_actions(actions: Sequence[Row]) -> str:
    lines = [f"{row['kind']}{_on(row)} at {duration(row['intended_at'])}" for row in actions]
    return f"actions begun: {', '.join(lines)}" if lines else "no action was begun"


def _on(action: Row) -> str:
    return f" on {action['target']}" if action["target"] else ""


def _recovery(expected: ExpectRecovery, rows: Rows) -> str | None:
    runs = rows.recoveries(expected.name)
    if any(_is_that(expected, run, rows) for run in runs):
        return None
    if not runs:
        others = Counter(run["rule"] for run in rows.recoveries(None))
        return f"no such recovery began; begun: {', '.join(sorted(others)) or 'none'}"
    return "; ".join(_how_it_went(run, rows) for run in runs)


def _is_that(expected: ExpectRecovery, run: Row, rows: Rows) -> bool:
    attempt = rows.last_attempt(run)
    step = attempt["step"] if attempt else None
    return run["outcome"] == expected.outcome and expected.step in (None, step)


def _how_it_went(run: Row, rows: Rows) -> str:
    attempt = rows.last_attempt(run)
    tried = f"tried {attempt['step']}" if attempt else "tried nothing"
    if run["outcome"] is None:
        return f"{run['rule']} for {run['subject']} goes on since {duration(run['started_at'])} ({tried})"
    return f"{run['rule']} for {run['subject']} {run['outcome']} at {duration(run['ended_at'])} ({tried}): {run['reason']}"


def _count(expected: ExpectCount, rows: Rows) -> str | None:
    counted = _counted(expected, rows)
    if _OPERATORS[expected.operator](len(counted), expected.number):
        return None
    details = f" ({_list_of_actions(counted)})" if expected.what == "action" and counted else ""
    return f"there were {plain(len(counted))}{details}"


def _counted(expected: ExpectCount, rows: Rows) -> Sequence[Row]:
    if expected.what == "action":
        return rows.actions(expected.name, None) if expected.name else rows.all("action")
    if expected.what == "step" and expected.name:
        workflow, step = expected.name.split("/")
        return [row for row in work.runs("step", step, workflow, rows) if row.get("started_at") is not None]
    if expected.what in work.KINDS:
        return work.runs(expected.what, expected.name, None, rows)
    if expected.what in ("alert", "notify"):
        of_alert = expected.what == "alert"
        return rows.told(None if of_alert else expected.name, expected.name if of_alert else None)
    if expected.what == "event":
        return [{"type": kind} for kind in rows.happened if expected.name in (None, kind)]
    return rows.faults(expected.name, None) if expected.what == "fault" else rows.recoveries(expected.name)
