"""`recovery`: what is done about faults, how often at most, and how it is seen that it helped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from dsl.expressions import Expression
from dsl.program import Action, Cooldown, Recovery, Try, Verify
from dsl.resolve import constants, raised
from dsl.resolve.action import resolve_actions
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.expression import condition
from dsl.resolve.keep import resolve_keeps
from dsl.resolve.known import Declared
from dsl.resolve.limits import resolve_limits
from dsl.resolve.moment import exhausted
from dsl.resolve.possible import Detections
from dsl.resolve.retry import may_be_repeated, resolve_retry
from dsl.resolve.rule import resolve_block, resolve_guard, resolve_head, word_of
from dsl.resolve.scope import Scope, binding
from dsl.resolve.site import Site
from dsl.resolve.work import resolve_done
from dsl.syntax import Clause, Path, Word

VERIFY_WITHIN = 60.0  # seconds, where nothing is written


def resolve_recovery(
    site: Site,
    declared: Declared,
    detections: Detections,
    recoveries: Mapping[str, Recovery] = raised.NO_RECOVERIES,
) -> Recovery | None:
    """`recoveries` are those whose faults it may take over (`on exhausted …`)."""
    body = read_body(site, _without_other_moments(site, declared.clause), ("recovery",))
    head = resolve_head(site, declared, body)
    meant = _meant(site, body, detections, recoveries)
    scope = meant.scope
    only_if = resolve_guard(site, scope, body)
    unless = resolve_block(site, scope, body)
    tries = _tries(site, scope, body)
    otherwise = _otherwise(site, scope, body)
    cooldown = _cooldown(site, body)
    limits = resolve_limits(site, scope, body.all("limit"))
    keeps = resolve_keeps(site, scope, body)
    if head is None or tries is None or otherwise is None or limits is None or keeps is None:
        return None
    if cooldown is False or only_if is False or unless is False or not meant.sound or not body.sound:
        return None
    return Recovery(
        head=head,
        detections=meant.detections,
        where=meant.where,
        tries=tries,
        otherwise=otherwise,
        cooldown=cooldown,
        limits=limits,
        keeps=keeps,
        order=word_of(body, "order", "written"),
        exhausted=meant.exhausted,
        only_if=only_if,
        unless=unless,
    )


# --- which faults it is for -------------------------------------------------------------------------------------------


class _Meant(msgspec.Struct, frozen=True):
    """The faults that a recovery is for. Not `sound`: something was wrong and reported."""

    scope: Scope
    detections: tuple[str, ...] = ()
    where: Expression | None = None
    exhausted: tuple[str, ...] = ()
    sound: bool = True


def _meant(site: Site, body: Body, detections: Detections, recoveries: Mapping[str, Recovery]) -> _Meant:
    on = body.one("on")
    if on is not None and on.match.has("exhausted"):
        return _given_up(site, on, detections, recoveries)
    names = None if on is None else raised.names(site, on)
    where = None if on is None else raised.condition_over_fault(site, on)
    scope = raised.scope(site, names or (), where or None, detections)
    if names is None or where is False:  # nobody knows what is bound; the rest is looked at all the same
        return _Meant(raised.unclear(scope), sound=False)
    return _Meant(scope, names, where)


def _given_up(site: Site, on: Said, detections: Detections, recoveries: Mapping[str, Recovery]) -> _Meant:
    names = exhausted(site, on)
    scope = None if names is None else raised.scope_of_recoveries(site, names, recoveries, detections)
    if names is None or scope is None:  # one of them was reported
        nothing = binding(site.known, {"fault": "fault", "recovery": "recovery"})
        return _Meant(raised.unclear(nothing), sound=False)
    return _Meant(scope, exhausted=names)


def _without_other_moments(site: Site, clause: Clause) -> Clause:
    """The clause without what begins other rules and no recovery, which is told in words of its own."""
    others = [inner for inner in clause.body or () if _begins_otherwise(inner)]
    for inner in others:
        message = f"a recovery is a contract about a fault, so it cannot begin with `{_form(inner)}`"
        help_ = "write `on fault NAME`, and a detection that raises it; or an `orchestration`, which knows states and all moments"
        site.report("V201", message, site.head(inner), help=help_)
    if not others:
        return clause
    kept = tuple(one for one in clause.body or () if one not in others)
    return msgspec.structs.replace(clause, body=kept, incomplete=True)


def _begins_otherwise(clause: Clause) -> bool:
    first = clause.items[0] if clause.items else None
    if clause.word != "on" or clause.broken:
        return clause.word in ("when", "every", "cron")
    return isinstance(first, Path) or (isinstance(first, Word) and first.name in ("event", "change"))


def _form(clause: Clause) -> str:
    first = clause.items[0] if clause.word == "on" else None
    return f"on {first.name}" if isinstance(first, Word) else clause.word


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
    undo = resolve_done(site, scope, inner, "undo")
    retry = resolve_retry(site, inner)
    if actions is None or verify is None or undo is None or retry is None:
        return None
    if not may_be_repeated(site, inner.one("retry"), actions):
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
    return Try(name, actions, verify, undo, retry)


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
