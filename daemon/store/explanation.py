"""Why something came to be, with everything that it follows from: the lines of its id, and below them those of what set it in motion."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.store.query import Found, Reader, subject, why

_DEEPEST = 8
# By table, the columns that name what a row follows from: the first that is there counts.
_FROM = {
    "recovery": (("fault", "fault_id"),),
    "attempt": (("recovery", "recovery_id"),),
    "action": (("attempt", "attempt_id"), ("fault", "fault_id")),
    "alert": (("fault", "fault_id"),),
    "shadow_action": (("fault", "fault_id"), ("shadow_action", "shadow_id")),
    "step_run": (("workflow_run", "run_id"),),
    "adaptation": (("workflow_run", "run_id"),),
    "workflow_run": (("automation_run", "automation_run_id"),),
    "automation_run": (("automation_run", "caused_by"), ("fault", "fault_id")),
}


def explanation(reader: Reader, number: int) -> list[Found]:
    """Depth and line, in order. UnknownIdError."""
    return list(_tree(reader, number, 0))


def _tree(reader: Reader, number: int, depth: int) -> Iterator[Found]:
    table, row = subject(reader, number)
    lines = why(reader, number)
    for line in lines:
        yield {**line, "depth": int(str(line["depth"])) + depth}
    origin = _origin(reader, table, row)
    if origin is None or depth >= _DEEPEST:
        return
    kind, identity = origin
    at = lines[0]["at"] if lines else None
    said = f"follows from {kind.replace('_', ' ')} {identity}:"
    yield {"subject_id": number, "depth": depth + 1, "line": said, "at": at}
    yield from _tree(reader, identity, depth + 2)


def _origin(reader: Reader, table: str, row: Found) -> tuple[str, int] | None:
    """What it follows from, if that is still in the database."""
    for kind, column in _FROM.get(table, ()):
        if row[column] is not None and reader.rows(f"SELECT id FROM {kind} WHERE id = :id", id=row[column]):
            return kind, int(str(row[column]))
    step = (
        reader.rows("SELECT id FROM step_run WHERE action_id = :id", id=row["id"])
        if table == "action"
        else []
    )
    return ("step_run", int(str(step[0]["id"]))) if step else None
