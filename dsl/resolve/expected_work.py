"""Work in tests: what is run by hand, and what must have become of it."""

from __future__ import annotations

from dsl.match import Match
from dsl.program import ExpectWork, RunWork
from dsl.resolve.called import resolve_called
from dsl.resolve.clauses import Said
from dsl.resolve.constants import plain
from dsl.resolve.scope import EMPTY
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.step import is_step
from dsl.resolve.target import written_steps
from dsl.syntax import Word

_KINDS = ("step", "workflow", "automation", "adaptation", "maintenance")


def run_work(site: Site, said: Said) -> RunWork | None:
    called = resolve_called(site, EMPTY, said.match.node("called"), ("workflow", "automation"))
    if called is None:
        return None
    return RunWork(called.name, tuple((name, plain(value)) for name, value in called.arguments.members))


def is_about_work(match: Match) -> bool:
    return any(match.has(kind) for kind in _KINDS)


def expect_work(site: Site, match: Match) -> ExpectWork | None:
    kind = next(kind for kind in _KINDS if match.has(kind))
    node = match.node(kind)
    if not isinstance(node, Word) or (kind != "step" and not is_declared(site, node, kind)):
        return None
    workflow = match.node("workflow") if kind == "step" else None
    if isinstance(workflow, Word) and not is_step_of(site, node, workflow):
        return None
    of = workflow.name if isinstance(workflow, Word) else None
    return ExpectWork(kind, node.name, of, match.word("outcome") or "", not match.has("no"))


def is_step_of(site: Site, step: Word, workflow: Word) -> bool:
    """Whether the workflow has such a step; says so where not."""
    if not is_declared(site, workflow, "workflow"):
        return False
    declared = site.known.of("workflow").get(workflow.name)
    if declared is None or declared.broken:
        return True
    known = written_steps(site.known, workflow.name)
    return is_step(site, step, known, f"the workflow `{workflow.name}`")
