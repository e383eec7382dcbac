"""`orchestration`: what is set in motion, when, and what is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from dsl import types
from dsl.expressions import Constant
from dsl.program import Recovery
from dsl.resolve import constants
from dsl.resolve.binding import resolve_binding
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.expression import infer
from dsl.resolve.keep import resolve_keeps
from dsl.resolve.known import Declared
from dsl.resolve.limits import resolve_limits
from dsl.resolve.moment import Found, one_subject, resolve_moment
from dsl.resolve.possible import Detections
from dsl.resolve.reading import path as read_path
from dsl.resolve.rule import resolve_guard, resolve_head, resolve_state_of, word_of
from dsl.resolve.scope import Scope, binding
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, fits
from dsl.resolve.work import SEVERAL, resolve_done
from dsl.syntax import Node, Path
from dsl.work import Measure, Orchestration


def resolve_orchestration(
    site: Site, declared: Declared, detections: Detections, recoveries: Mapping[str, Recovery]
) -> Orchestration | None:
    body = read_body(site, declared.clause, ("orchestration",))
    head = resolve_head(site, declared, body)
    bound = resolve_binding(site, binding(site.known, {}), body, ("orchestration",))
    moment = resolve_moment(site, bound.scope, body, detections, recoveries)
    scope = moment.scope
    when, unless = (
        resolve_state_of(site, scope, body, "when"),
        resolve_state_of(site, moment.lasting, body, "unless"),
    )
    only_if = resolve_guard(site, scope, body)
    then = resolve_done(site, scope, body, "then", SEVERAL)
    afterwards = resolve_done(site, scope, body, "afterwards", SEVERAL)
    measure = _measure(site, scope, body)
    limits = resolve_limits(site, scope, body.all("limit"))
    keeps = resolve_keeps(site, scope, body)
    whole = body.sound and bound.sound and moment.sound and _hangs_together(site, body, moment)
    if head is None or when is False or unless is False or only_if is False or not whole:
        return None
    if then is None or afterwards is None or measure is False or limits is None or keeps is None:
        return None
    return Orchestration(
        head=head,
        binding=bound.binding,
        when=when,
        on=moment.moment,
        only_if=only_if,
        unless=unless,
        then=then,
        afterwards=afterwards,
        measure=measure,
        limits=limits,
        type=word_of(body, "type", "workflow_management"),
        keeps=keeps,
    )


# --- what belongs together --------------------------------------------------------------------------------------------


def _hangs_together(site: Site, body: Body, moment: Found) -> bool:
    return (
        _one_beginning(site, body, moment)
        and one_subject(site, body, moment)
        and _an_end(site, body)
        and _a_way_back(site, body)
    )


def _one_beginning(site: Site, body: Body, moment: Found) -> bool:
    when = body.one("when")
    if when is not None and moment.said is not None:
        message = f"`when` and `{moment.said.word.name}` stand side by side"
        help_ = "a state has `when`, a moment has `on` or a schedule: one of them has to go"
        site.report("V114", message, site.head(moment.said.clause), help=help_)
    elif when is None and moment.said is None:
        help_ = "write `when CONDITION`, `on fault NAME`, `on change of PATH` or `every 1h`"
        site.report(
            "V113", "this orchestration does not say when it acts", site.head(body.clause), help=help_
        )
    else:
        return True
    return False


def _an_end(site: Site, body: Body) -> bool:
    said = body.one("afterwards")
    if said is None or body.has("when") or body.has("measure"):
        return True
    help_ = "a moment has no end: write `when` with a state, or `measure` what it is for"
    site.report("V201", "`afterwards` would never be done", site.head(said.clause), help=help_)
    return False


def _a_way_back(site: Site, body: Body) -> bool:
    said = body.one("measure")
    if said is None or body.has("afterwards"):
        return True
    help_ = "write `afterwards { … }` with what takes it back where it did not help"
    site.report("V113", "`measure` needs `afterwards`", site.head(said.clause), help=help_)
    return False


# --- measuring --------------------------------------------------------------------------------------------------------


def _measure(site: Site, scope: Scope, body: Body) -> Measure | Literal[False] | None:
    """None where none is written, False when it was reported."""
    said = body.one("measure")
    if said is None:
        return None
    path, settle = said.match.node("path"), said.match.node("settle")
    read = _measured(site, scope, path)
    seconds = None if settle is None else constants.duration(site, settle)
    least = None if read is None else _least(site, scope, said, read)
    if not isinstance(path, Path) or seconds is None or least is None:
        return False
    return Measure(tuple(str(part) for part in path.parts), least, seconds)


def _measured(site: Site, scope: Scope, node: Node | None) -> Typed | None:
    if not isinstance(node, Path):
        help_ = "write, for example, `measure host.cpu falls by 10% after 30s`"
        site.report("V304", "expected a field of a fact", node or (0, 0), help=help_)
        return None
    read = read_path(site, scope, node)
    if read is None or types.is_numeric(read.type):
        return read
    site.report("V304", f"expected something that can fall, and this is {read.type}", node)
    return None


def _least(site: Site, scope: Scope, said: Said, read: Typed) -> float | None:
    node = said.match.node("least")
    typed = None if node is None else infer(site, scope, node)
    if node is None or typed is None or not fits(site, node, typed, read.type):
        return None
    value = typed.expression.value if isinstance(typed.expression, Constant) else None
    if isinstance(value, float) and value > 0:
        return value
    site.report("V309", "expected an amount by which it has to fall", node)
    return None
