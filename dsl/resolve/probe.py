"""`probe`: a source that becomes facts."""

from __future__ import annotations

import math

from dsl.program import Probe
from dsl.resolve import constants
from dsl.resolve.check import read_kind, resolve_check
from dsl.resolve.clauses import Body, Said, read_body, unknown
from dsl.resolve.known import Declared
from dsl.resolve.site import Site
from dsl.syntax import Path, Word
from dsl.vocabulary.word import ProbeWord

_STALE_INTERVALS = 3


def resolve_probe(site: Site, declared: Declared) -> Probe | None:
    body = read_body(site, declared.clause, ("probe",))
    said = _kind(site, declared, body)
    if said is None:
        return None
    check = resolve_check(site, said, _with_braces(site, said, body))
    target = _target(site, said, body)
    if not _scrapes_alone(site, said, target):
        return None
    into = _into(site, target, said)
    from_path = _from(site, target, said)
    if check is None or into is None or from_path is None:
        return None
    stale = _stale_after(site, body, check.every)
    if stale is None or not body.sound:
        return None
    return Probe(declared.name, check, into or None, from_path, stale, site.place(declared.clause))


def _kind(site: Site, declared: Declared, body: Body) -> Said | None:
    """The one clause that says what is asked."""
    kinds = [said for said in body.said if isinstance(said.word, ProbeWord)]
    if len(kinds) == 1:
        return kinds[0]
    if len(kinds) > 1:
        site.report(
            "V114", "a probe asks one source", site.head(kinds[1].clause), help="declare another probe"
        )
    elif body.sound:
        known = ", ".join(sorted(site.known.lexicon.probes))
        message = "this probe does not say what it asks"
        site.report("V113", message, site.head(declared.clause), help=f"write one of {known}")
    return None


def _with_braces(site: Site, said: Said, outer: Body) -> Body:
    """What stands beside the kind, and what stands in its own braces."""
    if said.clause.body is None:
        return outer
    inner = read_kind(site, said)
    return Body(outer.clause, (*outer.said, *inner.said), outer.sound and inner.sound)


def _target(site: Site, kind: Said, body: Body) -> Said | None:
    """Where it is said what the reply becomes: in a clause of its own, or beside the kind."""
    into = body.one("into")
    if kind.match.node("type") is None:
        return into
    if into is not None:
        site.report("V114", "`into` stands twice", site.head(into.clause), help="one of them has to go")
    return kind


def _scrapes_alone(site: Site, kind: Said, target: Said | None) -> bool:
    """Series become facts by what these say."""
    if kind.word.name != "prometheus" or target is None:
        return True
    help_ = "write `fact NAME from prometheus PROBE`: it says which series its fields are"
    site.report("V201", "scraped series say nothing by themselves", site.head(target.clause), help=help_)
    return False


def _into(site: Site, said: Said | None, kind: Said) -> str | None:
    """The type, "" where none is written; None when it was reported."""
    node = said.match.node("type") if said else None
    if not isinstance(node, Word):
        return ""
    name = node.name
    if name in site.known.unclear:
        return None
    if name in site.known.events:
        return name if _tells_of_events(site, node, kind) else None
    if name not in site.known.types:
        known = [*site.known.types, *site.known.events]
        unknown(site, "V206", f"there is no type of facts or events `{name}`", name, node, known)
        return None
    if site.known.types[name].series_of or name in site.known.of("derive"):
        made = "made of scraped series" if site.known.types[name].series_of else "derived from others"
        site.report("V206", f"the facts `{name}` are {made}", node, help="declare a type with `fact`")
        return None
    if site.known.types[name].builtin:
        site.report("V206", f"the facts `{name}` are volexd's own", node, help="declare a type with `fact`")
        return None
    return name


def _tells_of_events(site: Site, node: Word, kind: Said) -> bool:
    """What is asked again and again says how things are, not what happened."""
    if isinstance(kind.word, ProbeWord) and kind.word.pushes:
        return True
    pushing = ", ".join(sorted(name for name, word in site.known.lexicon.probes.items() if word.pushes))
    message = f"a `{kind.word.name}` probe is asked again and again, and does not say what happened since"
    site.report("V304", message, node, help=f"declare it with `fact`, or let it be told by {pushing}")
    return False


def _from(site: Site, said: Said | None, kind: Said) -> tuple[str | int, ...] | None:
    """The path into the reply, its body where nothing is written; None when it was reported."""
    node = said.match.node("from") if said else None
    if node is None:
        return ("body",) if isinstance(kind.word, ProbeWord) and "body" in kind.word.reply else ()
    parts = node.parts if isinstance(node, Path) else (node.name,) if isinstance(node, Word) else ()
    if not parts or parts[0] != "reply":
        site.report("V203", "this path does not begin with `reply`", node, help="write `from reply.body`")
        return None
    return parts[1:]


def _stale_after(site: Site, body: Body, every: float) -> float | None:
    said = body.one("stale")
    node = said.match.node("stale") if said else None
    if node is None:
        return every * _STALE_INTERVALS if every else math.inf
    stale = constants.duration(site, node)
    if stale is not None and stale < every:
        site.report(
            "V309", "values would be stale before the next sample", node, help="at least the probe's interval"
        )
        return None
    return stale
