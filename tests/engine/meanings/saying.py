"""Rules as text and a world around them: what the tests of the meanings have in common."""

from __future__ import annotations

from typing import Any

from engine.events import Happened
from tests.dsl.checking import program
from tests.engine.work.work_world import Goes, WorkWorld

GROUND = """\
channel c { url "log:" }
channel d { url "log:" }
fact item { key name; field tier: text, x: number, on: flag, since: time, note: text }
fact other { key id: text; field tier: text, y: number }
event deploy { field item: text, size: number }
event rollback { field item: text }
"""


def world(rules: str, at: float = 0.0, **goes: Goes) -> WorkWorld:
    """These rules, beside the types of `GROUND`."""
    return WorkWorld(said(rules), at=at, **goes)


def said(rules: str) -> Any:
    return program(GROUND + rules, all_runs=True)


def watch(condition: str, *, each: str = "for each item", **more: str) -> str:
    """A detection `d` with that condition; `more` are clauses by their words, `_` for a space."""
    clauses = "; ".join(f"{word.replace('_', ' ')} {value}" for word, value in more.items())
    return (
        f"detection d {{ {each}; severity error; category agent; when {condition}; {clauses}; notify c }}\n"
    )


def item(found: WorkWorld, name: str = "p", *, fresh_for: float | None = None, **values: Any) -> None:
    found.report("item", name, fresh_for=fresh_for, name=name, **values)


def happen(found: WorkWorld, kind: str, *, at: float | None = None, **values: Any) -> None:
    found.send(Happened(found.now, kind, values, found.now if at is None else at))


def subjects(found: WorkWorld, rule: str = "d") -> set[str]:
    return {subject for name, subject in found.open_faults() if name == rule}


def outcomes(found: WorkWorld, rule: str = "d") -> list[str | None]:
    return [row.get("outcome") for row in found.faults(rule=rule)]


def kinds(found: WorkWorld) -> list[tuple[float, str]]:
    """When which action began, notices left out."""
    return [(round(at, 3), kind) for at, kind, _ in found.did() if kind != "notify"]


def told(found: WorkWorld) -> list[tuple[float, str]]:
    """When which channel was notified."""
    notices = [do for do in found.done if do.kind == "notify"]
    return [(round(found.began[do.action], 3), str(do.arguments["channel"])) for do in notices]
