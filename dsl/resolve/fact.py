"""`fact`: a type of fact."""

from __future__ import annotations

from dsl.program import FactType
from dsl.resolve import constants
from dsl.resolve.clauses import read_body
from dsl.resolve.fields import all_different, resolve_fields
from dsl.resolve.known import Declared
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.syntax import Word


def resolve_fact(site: Site, declared: Declared) -> FactType | None:
    body = read_body(site, declared.clause, ("fact",))
    if declared.match is None:
        return None
    title = constants.title(site, declared.match.node("title"))
    series_of = _scraped_by(site, declared.match.node("probe"))
    keys = resolve_fields(site, body, "key")
    fields = resolve_fields(site, body, "field")
    if not body.sound or title is None or keys is None or fields is None or series_of is None:
        return None
    if not all_different(site, body):
        return None
    return FactType(declared.name, title, keys, fields, series_of=series_of)


def _scraped_by(site: Site, node: object) -> str | None:
    """The probe whose series its fields are made of, "" where none is named; None when it was reported."""
    if not isinstance(node, Word):
        return ""
    if not is_declared(site, node, "probe"):
        return None
    probe = site.known.of("probe").get(node.name)
    if probe is None or probe.broken or any(one.word == "prometheus" for one in probe.clause.body or ()):
        return node.name
    message = f"the probe `{node.name}` scrapes no series"
    site.report("V304", message, node, help="a fact is made of series that a `prometheus` probe scrapes")
    return None
