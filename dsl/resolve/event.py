"""`event`: a type of event."""

from __future__ import annotations

from dsl.program import EventType
from dsl.resolve import constants
from dsl.resolve.clauses import read_body, unknown
from dsl.resolve.fields import all_different, resolve_fields
from dsl.resolve.known import Declared
from dsl.resolve.site import Site
from dsl.syntax import Node, Word


def resolve_event(site: Site, declared: Declared) -> EventType | None:
    body = read_body(site, declared.clause, ("event",))
    title = constants.title(site, declared.match.node("title") if declared.match else None)
    fields = resolve_fields(site, body, "field")
    if not body.sound or title is None or fields is None or not all_different(site, body):
        return None
    return EventType(declared.name, title, fields)


def event_type(site: Site, node: Node | None) -> EventType | None:
    """The event type of that name; None when it was reported, here or where it is declared."""
    if not isinstance(node, Word) or node.name in site.known.unclear:
        return None
    found = site.known.events.get(node.name)
    if found is None:
        known = list(site.known.events)
        unknown(site, "V206", f"there is no event type `{node.name}`", node.name, node, known)
    return found
