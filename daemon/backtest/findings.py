"""What a backtest says: by rule what would have been detected and done, where the record is too thin to tell, and what another
rule set would have done otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from daemon.backtest.play import Played
from daemon.backtest.record import Record
from daemon.rehearsal.rows import Row
from daemon.store.instants import as_text
from dsl.expressions import Aggregate, Expression, Field, Window, nodes_of
from dsl.program import Detection, Program

Document = dict[str, Any]
_TOGETHER = 1.0  # seconds within which an action of two rule sets is the same one


def document(program: Program, record: Record, played: Played) -> Document:
    """Plain JSON values; instants as text, durations in seconds."""
    return {
        "record": {
            "from": as_text(record.began),
            "until": as_text(record.ended),
            "seconds": round(played.seconds, 3),
            "samples": played.samples,
            "series": record.series,
        },
        "rules": _rules(program, played),
        "done": _done(program, played),
        "faults": [_fault(row) for row in played.faults()],
        "actions": [_action(row) for row in played.actions()],
        "too_sparse": too_sparse(program, record),
    }


def _rules(program: Program, played: Played) -> list[Document]:
    faults, actions = _by("rule", played.faults()), _by("fault_id", played.actions())
    return [
        _rule(one, faults.get(one.head.name, ()), actions) for one in program.detections if not one.head.off
    ]


def _by(column: str, rows: Iterable[Row]) -> dict[object, list[Row]]:
    found: dict[object, list[Row]] = {}
    for row in rows:
        found.setdefault(row.get(column), []).append(row)
    return found


def _rule(rule: Detection, faults: Sequence[Row], actions_of: Mapping[object, Sequence[Row]]) -> Document:
    actions = Counter(action["kind"] for row in faults for action in actions_of.get(row["id"], ()))
    lasted = [row["closed_at"] - row["raised_at"] for row in faults if row["outcome"] == "cleared"]
    return {
        "rule": rule.head.name,
        "shadow": rule.head.shadow,
        "faults": len(faults),
        "open": sum(row["outcome"] is None for row in faults),
        "lasted": round(sum(lasted) / len(lasted), 3) if lasted else None,
        "actions": dict(sorted(actions.items())),
    }


def _done(program: Program, played: Played) -> list[Document]:
    """Whatever acted, by rule: recoveries and what else follows from a fault, orchestrations, automations."""
    shadows = {rule.head.name for _, rule in program.rules() if rule.head.shadow}
    actions: dict[str, list[Row]] = {}
    for row in played.actions():
        actions.setdefault(row["rule"] or "", []).append(row)
    return [
        {
            "rule": rule,
            "shadow": rule in shadows,
            "actions": dict(sorted(Counter(row["kind"] for row in rows).items())),
            "first_at": as_text(rows[0]["intended_at"]),
            "last_at": as_text(rows[-1]["intended_at"]),
        }
        for rule, rows in sorted(actions.items())
    ]


def _fault(row: Row) -> Document:
    return {
        "rule": row["rule"],
        "subject": row["subject"],
        "severity": row["severity"],
        "raised_at": as_text(row["raised_at"]),
        "closed_at": None if row["outcome"] is None else as_text(row["closed_at"]),
        "outcome": row["outcome"],
        "message": row["message"],
    }


def _action(row: Row) -> Document:
    return {
        "rule": row["rule"],
        "kind": row["kind"],
        "target": row["target"],
        "at": as_text(row["intended_at"]),
        "reason": row["reason"],
    }


# --- where the record does not say enough -----------------------------------------------------------------------------


def too_sparse(program: Program, record: Record) -> list[Document]:
    """The fields that a detection reads and of which nothing was recorded: what it would have found nobody knows."""
    found = []
    for rule in program.detections:
        missing = [
            f"{kind}.{name}"
            for kind, name in sorted(_read(rule, program))
            if name not in record.fields.get(kind, ()) and not _is_key(program, kind, name)
        ]
        if missing and not rule.head.off:
            found.append({"rule": rule.head.name, "nothing_recorded_of": missing})
    return found


def _is_key(program: Program, kind: str, name: str) -> bool:
    declared = program.fact_types.get(kind)
    return declared is None or any(key.name == name for key in declared.keys)


def _read(rule: Detection, program: Program) -> set[tuple[str, str]]:
    """Type and field of everything in its conditions, as far as types of facts are read."""
    binding = rule.binding
    names = {binding.name: binding.type, **{name: kind for kind, name in binding.joined}} if binding else {}
    parts = [rule.when, rule.unless, rule.until, *(tier.when for tier in rule.tiers)]
    expressions: list[Expression] = [part.expression for part in parts if part is not None]
    derived = {one.head.name for one in program.derives}
    found: set[tuple[str, str]] = set()
    for expression in expressions:
        for node in nodes_of(expression):
            if isinstance(node, Aggregate):
                names = {**names, node.members.name: node.members.type}
            if isinstance(node, Window) or not isinstance(node, Field) or not node.path:
                continue
            kind = names.get(node.subject, node.subject)
            if kind in program.fact_types and kind not in derived:
                found.add((kind, str(node.path[0])))
    return found


# --- two rule sets ----------------------------------------------------------------------------------------------------


def difference(before: Played, after: Played) -> Document:
    """What the second would have found and done that the first did not, and the other way about."""
    faults = _compared(before.faults(), after.faults(), _same_fault)
    actions = _compared(before.actions(), after.actions(), _same_action)
    return {
        "faults": {"gained": [_fault(row) for row in faults[0]], "lost": [_fault(row) for row in faults[1]]},
        "actions": {
            "gained": [_action(row) for row in actions[0]],
            "lost": [_action(row) for row in actions[1]],
        },
    }


def _compared(before: Sequence[Row], after: Sequence[Row], same: Any) -> tuple[list[Row], list[Row]]:
    """Those of `after` without a match in `before`, and those of `before` that matched nothing."""
    left: dict[object, list[Row]] = {}
    for row in before:
        left.setdefault(_about(row), []).append(row)
    gained = []
    for row in after:
        candidates = left.get(_about(row), [])
        match = next((one for one in candidates if same(one, row)), None)
        if match is None:
            gained.append(row)
        else:
            candidates.remove(match)
    return gained, [row for rows in left.values() for row in rows]


def _about(row: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(row.get(name) for name in ("rule", "subject", "kind", "target"))


def _same_fault(one: Row, other: Row) -> bool:
    """Their times overlap."""
    return _end(one) >= float(other["raised_at"]) and _end(other) >= float(one["raised_at"])


def _end(row: Row) -> float:
    return float("inf") if row["outcome"] is None else float(row["closed_at"])


def _same_action(one: Row, other: Row) -> bool:
    return abs(float(one["intended_at"]) - float(other["intended_at"])) <= _TOGETHER


# --- for people -------------------------------------------------------------------------------------------------------


def as_text_report(found: Document, width: int) -> str:
    from daemon.reports.text import duration, instant, table

    record = found["record"]
    head = (
        f"{_many(record['samples'], 'sample')} of {record['series']} series from {instant(record['from'])} "
        f"until {instant(record['until'])} ({duration(record['seconds'])})\n\n"
    )
    rows = [
        (_named(one), str(one["faults"]), str(one["open"]), duration(one["lasted"]), _counts(one["actions"]))
        for one in found["rules"]
    ]
    parts = [
        head,
        table(
            "What would have been detected", ("rule", ">faults", ">open", "lasted", "actions"), rows, width
        ),
    ]
    parts += [_by_rule(found["done"], width)] if found["done"] else []
    parts += [_faults("Faults", found["faults"], width)] if found["faults"] else []
    for change, name in (("gained", "Gained by the other rules"), ("lost", "Lost by the other rules")):
        if "difference" in found:
            parts.append(_faults(name, found["difference"]["faults"][change], width))
            parts.append(_actions(f"Actions {change}", found["difference"]["actions"][change], width))
    for one in found["too_sparse"]:
        missing = ", ".join(one["nothing_recorded_of"])
        parts.append(f"{one['rule']}: the record is too thin to tell, it holds nothing of {missing}\n")
    return "".join(parts)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _counts(actions: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in actions.items()) or "–"


def _named(one: Document) -> str:
    return f"{one['rule']} (in the shadow)" if one["shadow"] else str(one["rule"])


def _by_rule(done: Iterable[Document], width: int) -> str:
    from daemon.reports.text import instant, table

    rows = [
        (_named(one), _counts(one["actions"]), instant(one["first_at"]), instant(one["last_at"]))
        for one in done
    ]
    return "\n" + table("What would have been done", ("rule", "actions", "first (UTC)", "last"), rows, width)


def _faults(title: str, rows: Iterable[Document], width: int) -> str:
    from daemon.reports.text import instant, plain, table

    cells = [
        (instant(row["raised_at"]), instant(row["closed_at"]), f"{row['rule']} on {plain(row['subject'])}", row["severity"],
         row["outcome"] or "open")
        for row in rows
    ]  # fmt: skip
    return "\n" + (
        table(title, ("raised (UTC)", "closed", "fault", "severity", "outcome"), cells, width)
        if cells
        else f"{title}: none\n"
    )


def _actions(title: str, rows: Iterable[Document], width: int) -> str:
    from daemon.reports.text import instant, plain, table

    cells = [(instant(row["at"]), row["rule"] or "", row["kind"], plain(row["target"])) for row in rows]
    return "\n" + (
        table(title, ("at (UTC)", "rule", "action", "on"), cells, width) if cells else f"{title}: none\n"
    )
