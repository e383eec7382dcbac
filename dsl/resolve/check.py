"""Ways to look at the world: the kind of a probe with its settings, interval and expectation."""

from __future__ import annotations

from typing import Literal

from dsl.expressions import Expression
from dsl.program import Check
from dsl.resolve import constants
from dsl.resolve.clauses import Body, Said, fit, read_body, unknown
from dsl.resolve.expression import condition
from dsl.resolve.scope import Scope, reply
from dsl.resolve.settings import settings_of
from dsl.resolve.site import Site
from dsl.syntax import Clause
from dsl.vocabulary.word import ProbeWord

EVERY = 5.0  # seconds, where nothing is written
LONGEST_TIMEOUT = 5.0

_SETTINGS = Scope(secrets=True)


def resolve_line(site: Site, clause: Clause, purpose: str) -> Check | None:
    """`health http "…" { every 5s }`: the clause is what follows `health`, with its braces."""
    forms = site.known.lexicon.forms(clause.word, ("probe kind",))
    if not forms:
        _report_kind(site, clause)
        return None
    said = fit(site, clause, forms)
    if said is None or not isinstance(said.word, ProbeWord):
        return None
    if not said.word.health:
        site.report("V201", f"`{clause.word}` says nothing about {purpose}", site.head(clause))
        return None
    return resolve_check(site, said, read_kind(site, said))


def read_kind(site: Site, said: Said) -> Body:
    """What stands in the braces of `http "…" { … }`."""
    extra = said.word.body
    return read_body(site, said.clause, ("check", extra) if extra and extra != "check" else ("check",))


def resolve_check(site: Site, said: Said, body: Body) -> Check | None:
    """The kind that was said, with what stands in the braces around or behind it."""
    word = said.word
    assert isinstance(word, ProbeWord)
    extra = tuple(one for one in body.said if word.body != "check" and word.body in one.word.inside)
    settings = settings_of(site, _SETTINGS, (said, *extra), leave_out=("type", "from"))
    if word.pushes:
        pushed = Check(word.name, settings or (), 0.0, 0.0)
        return pushed if settings is not None and _comes_by_itself(site, body) and body.sound else None
    every = _duration(site, body, "every", EVERY)
    timeout = _duration(site, body, "timeout", min(every or EVERY, LONGEST_TIMEOUT))
    expect = _expect(site, body, word)
    if settings is None or every is None or timeout is None or expect is False or not body.sound:
        return None
    return Check(word.name, settings, every, timeout, expect)


def _comes_by_itself(site: Site, body: Body) -> bool:
    """Whether nothing is said of asking."""
    for one in body.said:
        if one.word.name in ("every", "timeout", "expect"):
            help_ = "take it away: this source tells by itself, nobody asks it"
            site.report("V201", f"`{one.word.name}` says nothing here", site.head(one.clause), help=help_)
            return False
    return True


def _duration(site: Site, body: Body, word: str, default: float) -> float | None:
    said = body.one(word)
    node = said.match.node(word) if said else None
    return default if node is None else constants.duration(site, node)


def _expect(site: Site, body: Body, word: ProbeWord) -> Expression | Literal[False] | None:
    """None where nothing is expected, False when it was reported."""
    said = body.one("expect")
    node = said.match.node("expect") if said else None
    if node is None:
        return None
    return condition(site, reply(word.reply), node) or False


def _report_kind(site: Site, clause: Clause) -> None:
    known = site.known.lexicon.names(("probe kind",))
    node = (clause.start, clause.word_end)
    unknown(site, "V201", f"`{clause.word}` is no kind of probe", clause.word, node, known)
