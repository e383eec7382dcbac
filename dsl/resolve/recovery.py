"""`recovery`: what is done about faults, how often at most, and how it is seen that it helped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from dsl.program import Action, Cooldown, Detection, Keep, Recovery, Try, Verify
from dsl.resolve import constants, raised
from dsl.resolve.action import resolve_actions
from dsl.resolve.clauses import Body, Said, read_body, unknown
from dsl.resolve.expression import condition
from dsl.resolve.known import Declared
from dsl.resolve.limits import resolve_limits
from dsl.resolve.rule import resolve_head, word_of
from dsl.resolve.scope import Scope, thing_named
from dsl.resolve.site import Site
from dsl.syntax import Word

VERIFY_WITHIN = 60.0  # seconds, where nothing is written


def resolve_recovery(site: Site, declared: Declared, detections: Collection[Detection]) -> Recovery | None:
    body = read_body(site, declared.clause, ("recovery",))
    head = resolve_head(site, declared, body)
    on = body.one("on")
    names = None if on is None else raised.names(site, on)
    where = None if on is None else raised.condition_over_fault(site, on)
    scope = raised.scope(site, names or (), where or None, detections)
    if names is None:  # nobody knows what is bound; the rest is looked at all the same
        scope = raised.unclear(scope)
    tries = _tries(site, scope, body)
    otherwise = _otherwise(site, scope, body)
    cooldown = _cooldown(site, body)
    limits = resolve_limits(site, scope, body.all("limit"))
    keeps = _keeps(site, scope, body)
    if head is None or names is None or tries is None or otherwise is None or limits is None or keeps is None:
        return None
    if where is False or cooldown is False or not body.sound:
        return None
    order = word_of(body, "order", "written")
    return Recovery(head, names, where, tries, otherwise, cooldown, limits, keeps, order)


# --- what is tried ------------------------------------------------------------------------------------------------------


def _tries(site: Site, scope: Scope, body: Body) -> tuple[Try, ...] | None:
    found = [_try(site, scope, said) for said in body.all("try")]
    whole = tuple(one for one in found if one is not None)
    names = [one.name for one in whole]
    for said, name in zip(body.all("try"), names, strict=False):
        if len(whole) == len(found) and names.count(name) > 1:
            site.report(
                "V207",
                f"two steps are called `{name}`",
                site.head(said.clause),
                help="each needs a name of its own",
            )
            return None
    return whole if len(whole) == len(found) else None


def _try(site: Site, scope: Scope, said: Said) -> Try | None:
    inner = read_body(site, said.clause, ("try",))
    actions = resolve_actions(site, scope, inner)
    verify = _verify(site, scope, inner)
    if actions is None or verify is None:
        return None
    name = said.match.word("name") or ""
    if not actions:
        site.report(
            "V113",
            f"the step `{name}` does nothing",
            site.head(said.clause),
            help="write in braces what it does",
        )
        return None
    return Try(name, actions, verify)


def _verify(site: Site, scope: Scope, inner: Body) -> Verify | None:
    said = inner.one("verify")
    if said is None:
        return Verify(None, VERIFY_WITHIN)
    node, within = said.match.node("condition"), said.match.node("within")
    seconds = VERIFY_WITHIN if within is None else constants.duration(site, within)
    chosen = None if node is None else condition(site, scope, node)
    if seconds is None or (node is not None and chosen is None):
        return None
    return Verify(chosen, seconds, "" if node is None else site.text(node.start, node.end))


def _otherwise(site: Site, scope: Scope, body: Body) -> tuple[Action, ...] | None:
    said = body.one("otherwise")
    if said is None:
        return ()
    return resolve_actions(site, scope, read_body(site, said.clause, ("otherwise",)))


# --- how often at most --------------------------------------------------------------------------------------------------


def _cooldown(site: Site, body: Body) -> Cooldown | Literal[False] | None:
    """None where none is written, False when it was reported."""
    said = body.one("cooldown")
    first = said.match.node("base") if said else None
    if said is None or first is None:
        return None
    most = said.match.node("most")
    base = constants.duration(site, first)
    longest = None if most is None else constants.duration(site, most)
    if base is None or (most is not None and longest is None):
        return False
    if longest is not None and longest < base and most is not None:
        site.report("V309", "it doubles to less than it begins with", most)
        return False
    return Cooldown(base, longest)


def _keeps(site: Site, scope: Scope, body: Body) -> tuple[Keep, ...] | None:
    found = [_keep(site, scope, said) for said in body.all("keep")]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) else None


def _keep(site: Site, scope: Scope, said: Said) -> Keep | None:
    part, number = said.match.part("members"), said.match.node("count")
    kind = part.node("kind") if part else None
    if part is None or number is None or not isinstance(kind, Word):
        return None
    least = constants.count(site, number)
    if kind.name not in site.known.types:
        unknown(site, "V206", f"there is no fact type `{kind.name}`", kind.name, kind, list(site.known.types))
        return None
    where = part.node("where")
    inner = scope.with_variable(kind.name, thing_named(site.known, kind.name))
    chosen = None if where is None else condition(site, inner, where)
    if least is None or (where is not None and chosen is None):
        return None
    return Keep(least, kind.name, chosen)
