"""`detection`: what counts as a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from dsl import types
from dsl.expressions import Expression
from dsl.program import Detection, Notice, Recovery, Selector
from dsl.resolve import constants
from dsl.resolve.binding import may_be_lost, resolve_binding
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.expression import of_type
from dsl.resolve.intervals import Intervals, names_bound, types_read
from dsl.resolve.known import Declared, Known
from dsl.resolve.moment import one_subject, resolve_moment
from dsl.resolve.possible import NO_DETECTIONS, Detections
from dsl.resolve.raised import NO_RECOVERIES, subject_of, subjects_of, written
from dsl.resolve.rule import resolve_guard, resolve_head, resolve_state_of, word_of
from dsl.resolve.scope import Scope
from dsl.resolve.scope import binding as scope_of
from dsl.resolve.selector import resolve_selector
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.tiers import resolve_raised
from dsl.syntax import Word


def bound_type(known: Known, declared: Declared) -> str | None:
    """The type after `for each`, "" without one, None where that cannot be read. Nothing is reported here."""
    clauses = declared.clause.body or ()
    for clause in clauses:
        words = [item.name for item in clause.items if isinstance(item, Word)]
        if clause.word == "for" and words[:1] == ["each"] and len(words) > 1:
            kinds = (known.types, known.of("fact"), known.of("derive"))
            return words[1] if any(words[1] in one for one in kinds) else None
    if is_chained(declared):
        return None  # that of the fault; known when it is resolved
    return None if may_be_lost(known, declared.clause, ("detection",)) else ""


def is_chained(declared: Declared) -> bool:
    """Whether it waits for faults of others (`on fault …`, `on exhausted …`), so that these have to be resolved before it."""
    return written(declared)[0] != ""


def resolve_detection(
    site: Site,
    declared: Declared,
    intervals: Intervals,
    detections: Detections = NO_DETECTIONS,
    recoveries: Mapping[str, Recovery] = NO_RECOVERIES,
) -> Detection | None:
    """`detections` and `recoveries` are those whose faults it may wait for."""
    body = read_body(site, declared.clause, ("detection",))
    head = resolve_head(site, declared, body)
    bound = resolve_binding(site, scope_of(site.known, {}), body, ("detection",))
    moment = resolve_moment(site, bound.scope, body, detections, recoveries)
    raised = resolve_raised(site, bound.scope, body, moment)
    until, unless = (resolve_state_of(site, moment.lasting, body, word) for word in ("until", "unless"))
    only_if = resolve_guard(site, moment.scope, body)
    message = _message(site, moment.scope, body)
    notices = _notices(site, moment.scope, body)
    causes = _causes(site, moment.lasting, body)
    sound = body.sound and bound.sound and moment.sound and one_subject(site, body, moment)
    if head is None or raised is None or until is False or unless is False or message is False:
        return None
    if only_if is False or notices is None or causes is None or not sound:
        return None
    if moment.brings_its_subject:
        site.known.subjects[declared.name] = subject_of(moment.lasting)
        site.known.bound[declared.name] = subjects_of(moment.lasting)
    return Detection(
        head=head,
        binding=bound.binding,
        severity=raised.severity,
        category=word_of(body, "category", "agent"),
        when=raised.when,
        until=until,
        unless=unless,
        message=message,
        notices=notices,
        inhibited_by=causes,
        settle=0.0
        if moment.moment
        else intervals.longest(types_read(raised.when.expression, names_bound(bound.binding))),
        tiers=raised.tiers,
        on=moment.moment,
        only_if=only_if,
    )


def _message(site: Site, scope: Scope, body: Body) -> Expression | Literal[False] | None:
    said = body.one("message")
    node = said.match.node("message") if said else None
    return None if node is None else of_type(site, scope, node, types.TEXT) or False


def _notices(site: Site, scope: Scope, body: Body) -> tuple[Notice, ...] | None:
    found = [_notice(site, scope, said) for said in body.all("notify")]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) else None


def _notice(site: Site, scope: Scope, said: Said) -> Notice | None:
    channel, after, text = said.match.node("channel"), said.match.node("after"), said.match.node("text")
    known = isinstance(channel, Word) and is_declared(site, channel, "channel")
    seconds = 0.0 if after is None else constants.duration(site, after, zero=True)
    written = None if text is None else of_type(site, scope, text, types.TEXT)
    if not known or seconds is None or (text is not None and written is None):
        return None
    assert isinstance(channel, Word)
    return Notice(channel.name, seconds, written)


def _causes(site: Site, scope: Scope, body: Body) -> tuple[Selector, ...] | None:
    found = [_cause(site, scope, said) for said in body.all("inhibited")]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) else None


def _cause(site: Site, scope: Scope, said: Said) -> Selector | None:
    part = said.match.part("cause")
    name = part.node("name") if part else None
    if part is None or (isinstance(name, Word) and not is_declared(site, name, "detection")):
        return None
    return resolve_selector(site, scope, part, kind="fault", bound=False)
