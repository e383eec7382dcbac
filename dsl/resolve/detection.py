"""`detection`: what counts as a fault."""

from __future__ import annotations

from typing import Literal

from dsl import types
from dsl.expressions import Expression
from dsl.program import Binding, Condition, Detection, Notice, Selector
from dsl.resolve import constants
from dsl.resolve.binding import may_be_lost, resolve_binding
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.expression import of_type
from dsl.resolve.intervals import Intervals, subjects_read
from dsl.resolve.known import Declared, Known
from dsl.resolve.rule import resolve_head, resolve_state, word_of
from dsl.resolve.scope import Scope
from dsl.resolve.scope import binding as scope_of
from dsl.resolve.selector import resolve_selector
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.syntax import Word


def bound_type(known: Known, declared: Declared) -> str | None:
    """The type after `for each`, "" without one, None where that cannot be read. Nothing is reported here."""
    clauses = declared.clause.body or ()
    for clause in clauses:
        words = [item.name for item in clause.items if isinstance(item, Word)]
        if clause.word == "for" and words[:1] == ["each"] and len(words) > 1:
            return words[1] if words[1] in known.types or words[1] in known.of("fact") else None
    return None if may_be_lost(known, declared.clause, ("detection",)) else ""


def resolve_detection(site: Site, declared: Declared, intervals: Intervals) -> Detection | None:
    body = read_body(site, declared.clause, ("detection",))
    head = resolve_head(site, declared, body)
    bound = resolve_binding(site, scope_of(site.known, {}), body, ("detection",))
    scope = bound.scope
    when, until, unless = (_state(site, scope, body, word) for word in ("when", "until", "unless"))
    message = _message(site, scope, body)
    notices = _notices(site, scope, body)
    causes = _causes(site, scope, body)
    if (
        head is None
        or not isinstance(when, Condition)
        or until is False
        or unless is False
        or message is False
    ):
        return None
    if notices is None or causes is None or not body.sound or not bound.sound:
        return None
    return Detection(
        head=head,
        binding=bound.binding,
        severity=word_of(body, "severity", "warning"),
        category=word_of(body, "category", "agent"),
        when=when,
        until=until if isinstance(until, Condition) else None,
        unless=unless if isinstance(unless, Condition) else None,
        message=message,
        notices=notices,
        inhibited_by=causes,
        settle=intervals.longest(_types_read(when, bound.binding)),
    )


def _types_read(when: Condition, binding: Binding | None) -> set[str]:
    names = {binding.name: binding.type} if binding else {}
    return {names.get(subject, subject) for subject in subjects_read(when.expression)}


def _state(site: Site, scope: Scope, body: Body, word: str) -> Condition | Literal[False] | None:
    said = body.one(word)
    return None if said is None else resolve_state(site, scope, said) or False


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
