"""`retry 3 backoff 2s doubling to 1m`."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.expressions import Constant
from dsl.parts import NO_RETRY, Action, Retry
from dsl.resolve import constants
from dsl.resolve.clauses import Body, Said
from dsl.resolve.site import Site


def resolve_retry(site: Site, body: Body) -> Retry | None:
    """None when it was reported."""
    said = body.one("retry")
    number = said.match.node("count") if said else None
    if said is None or number is None:
        return NO_RETRY
    first, most = said.match.node("backoff"), said.match.node("most")
    count = constants.count(site, number)
    backoff = 0.0 if first is None else constants.duration(site, first)
    longest = None if most is None else constants.duration(site, most)
    if count is None or backoff is None or (most is not None and longest is None):
        return None
    if most is not None and longest is not None and longest < backoff:
        site.report("V309", "it doubles to less than it begins with", most)
        return None
    return Retry(count, backoff, longest)


def may_be_repeated(site: Site, said: Said | None, actions: Iterable[Action]) -> bool:
    """A post that failed may have been done all the same. Says so where it is to be done again."""
    posts = [action for action in actions if ("method", Constant("post")) in action.arguments]
    if said is None or all(action.repeatable for action in posts):
        return True
    message = "an `http post` that failed may have been done, and is done again"
    site.report(
        "V423", message, site.head(said.clause), help="if that does no harm, say so: `{ repeatable }`"
    )
    return False
