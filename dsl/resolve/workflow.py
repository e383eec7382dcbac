"""`workflow`: steps, and which of them come after which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from dsl.circle import around, circle, reached
from dsl.resolve import parameters
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.known import Declared
from dsl.resolve.rule import resolve_head, word_of
from dsl.resolve.run_scope import RESERVED, before, readable, run_scope
from dsl.resolve.site import Site
from dsl.resolve.step import named_steps, resolve_step
from dsl.syntax import Call, Word
from dsl.work import Step, Workflow

_EXAMPLE = "workflow rebalance(symbols: list) { … }"
_TYPE = "workflow_management"
_SHOWN = 8  # names of steps that a message has room for


class _Written(msgspec.Struct, frozen=True):
    """A step as it stands in the text."""

    name: str
    said: Said
    body: Body


def resolve_workflow(site: Site, declared: Declared) -> Workflow | None:
    body = read_body(site, declared.clause, ("workflow",))
    head = resolve_head(site, declared, body)
    given = _parameters(site, declared)
    if given is None:
        return None
    written = [
        _Written(one.match.word("name") or "", one, read_body(site, one.clause, ("step",)))
        for one in body.all("step")
    ]
    steps = _steps(site, given, written, _lost(body))
    if head is None or steps is None or not body.sound:
        return None
    return Workflow(
        head=head,
        parameters=given,
        steps=steps,
        learning=word_of(body, "learning", "on") == "on",
        type=word_of(body, "type", _TYPE),
        strategy=word_of(body, "strategy", "adaptive"),
    )


def _parameters(site: Site, declared: Declared) -> tuple[tuple[str, str], ...] | None:
    signature = declared.match.node("signature") if declared.match else None
    if not isinstance(signature, (Call, Word)):
        return None
    found = parameters.checked(site, signature, _EXAMPLE)
    taken = next((name for name, _ in found or () if name in RESERVED), None)
    if taken is not None:
        site.report(
            "V207",
            f"inside a workflow, `{taken}` is something else",
            signature,
            help="give the parameter another name",
        )
        return None
    return found


def _lost(body: Body) -> frozenset[str]:
    """Names behind words that nobody knows here: of steps, perhaps, so that nothing is said of who waits for them."""
    read = {id(one.clause) for one in body.said}
    firsts = [one.items[0] for one in body.clause.body or () if id(one) not in read and one.items]
    return frozenset(first.name for first in firsts if isinstance(first, Word))


def _steps(
    site: Site,
    given: tuple[tuple[str, str], ...],
    written: Sequence[_Written],
    lost: frozenset[str],
) -> tuple[Step, ...] | None:
    graph = _graph(site, written, lost)
    names = {one.name for one in written}
    found = []
    for one in written:
        after = () if graph is None else graph[one.name]
        if graph is None or lost:
            steps = readable(names | lost)
        else:
            steps = before(one.name, reached(graph, after), names)
        scope = run_scope(site.known, given, steps)
        found.append(resolve_step(site, scope, one.said, one.body, one.name, after))
    whole = tuple(step for step in found if step is not None)
    return whole if len(whole) == len(found) and graph is not None else None


# --- the graph --------------------------------------------------------------------------------------------------------


def _graph(
    site: Site, written: Sequence[_Written], lost: frozenset[str]
) -> dict[str, tuple[str, ...]] | None:
    """Step to the steps it comes after; None where it cannot be done, which was reported."""
    if not _all_different(site, written):
        return None
    names = {one.name for one in written}
    found = {one.name: named_steps(site, one.body, "after", names | lost, "this workflow") for one in written}
    graph = {
        name: tuple(one for one in after if one in names)
        for name, after in found.items()
        if after is not None
    }
    if len(graph) != len(written):
        return None
    return None if _in_a_circle(site, graph, written) else graph


def _all_different(site: Site, written: Sequence[_Written]) -> bool:
    seen: set[str] = set()
    for one in written:
        if one.name in seen:
            where = one.said.match.node("name") or site.head(one.said.clause)
            site.report(
                "V207", f"two steps are called `{one.name}`", where, help="each needs a name of its own"
            )
            return False
        seen.add(one.name)
    return True


def _in_a_circle(site: Site, graph: Mapping[str, Sequence[str]], written: Sequence[_Written]) -> bool:
    found = circle(graph)
    if not found:
        return False
    body = next(one.body for one in written if one.name == found[0])
    after = body.one("after")
    assert after is not None
    if len(found) == 1:
        message = f"`{found[0]}` comes after itself"
    else:
        message = f"steps wait for each other in a circle: {around(found, ' after ')}"
    clause = after.clause
    site.report("V211", message, (clause.start, clause.line_end), help=_unreachable(graph, found))
    return True


def _unreachable(graph: Mapping[str, Sequence[str]], circle: Sequence[str]) -> str:
    """The steps of the circle, and those that come after one of them."""
    behind = [name for name in graph if name not in circle and reached(graph, [name]).intersection(circle)]
    nobody = "it could never begin" if len(circle) == 1 else "none of them could ever begin"
    shown = [f"`{name}`" for name in behind[:_SHOWN]] + ["…"] * (len(behind) > _SHOWN)
    return nobody + (f", nor {', '.join(shown)} after that" if behind else "")
