"""`alert`: how faults reach people."""

from __future__ import annotations

from dsl import types
from dsl.program import Alert
from dsl.resolve import constants, raised
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.expression import of_type
from dsl.resolve.known import Declared
from dsl.resolve.possible import Detections
from dsl.resolve.reading import path as read_path
from dsl.resolve.rule import resolve_block, resolve_guard, resolve_head
from dsl.resolve.scope import Scope
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.routing import AlertStep
from dsl.syntax import Node, Path, Word

Paths = tuple[tuple[str, ...], ...]


def resolve_alert(site: Site, declared: Declared, detections: Detections) -> Alert | None:
    body = read_body(site, declared.clause, ("alert",))
    head = resolve_head(site, declared, body)
    on = body.one("on")
    names = None if on is None else raised.names(site, on)
    where = None if on is None else raised.condition_over_fault(site, on)
    scope = raised.scope(site, names or (), where or None, detections)
    if names is None:
        scope = raised.unclear(scope)
    only_if = resolve_guard(site, scope, body)
    unless = resolve_block(site, scope, body)
    group_by, within = _grouped(site, scope, body)
    steps = _steps(site, scope, body)
    cleared = _channels(site, body)
    if head is None or names is None or where is False or only_if is False or unless is False:
        return None
    if group_by is None or within is None or steps is None or cleared is None or not body.sound:
        return None
    return Alert(head, names, where, group_by, within, steps, cleared, only_if, unless)


def _grouped(site: Site, scope: Scope, body: Body) -> tuple[Paths | None, float | None]:
    """What faults that are told together have in common, and how long is waited for others. None was reported."""
    said = body.one("group")
    if said is None:
        return (), 0.0
    paths = [_path(site, scope, node) for node in said.match.nodes("paths")]
    whole = tuple(dict.fromkeys(path for path in paths if path is not None))
    within = said.match.node("within")
    seconds = 0.0 if within is None else constants.duration(site, within, zero=True)
    return (whole if None not in paths else None), seconds


def _path(site: Site, scope: Scope, node: Node) -> tuple[str, ...] | None:
    if isinstance(node, Path):
        return None if read_path(site, scope, node) is None else tuple(str(part) for part in node.parts)
    help_ = "write, for example, `group by fault.category`"
    site.report("V304", "expected a field of the fault, or of what it is about", node, help=help_)
    return None


# --- who is told ------------------------------------------------------------------------------------------------------


def _steps(site: Site, scope: Scope, body: Body) -> tuple[AlertStep, ...] | None:
    """Who is told first, then who is told later, the earlier before the later."""
    found = [_step(site, scope, said) for said in (*body.all("notify"), *body.all("then"))]
    whole = [one for one in found if one is not None]
    return tuple(sorted(whole, key=lambda step: step.after)) if len(whole) == len(found) else None


def _step(site: Site, scope: Scope, said: Said) -> AlertStep | None:
    channel, text = said.match.node("channel"), said.match.node("text")
    after, again = said.match.node("after"), said.match.node("repeat")
    known = isinstance(channel, Word) and is_declared(site, channel, "channel")
    written = None if text is None else of_type(site, scope, text, types.TEXT)
    seconds = 0.0 if after is None else constants.duration(site, after)
    repeat = None if again is None else constants.duration(site, again)
    if not known or (text is not None and written is None) or seconds is None:
        return None
    if again is not None and repeat is None:
        return None
    if again is None and said.match.has("until"):
        message, help_ = "nothing is repeated until then", "write `repeat every 30m until acknowledged`"
        site.report("V113", message, site.head(said.clause), help=help_)
        return None
    assert isinstance(channel, Word)
    return AlertStep(channel.name, written, seconds, repeat)


def _channels(site: Site, body: Body) -> tuple[str, ...] | None:
    said = body.one("cleared")
    nodes = [node for node in said.match.nodes("channels") if isinstance(node, Word)] if said else []
    known = [is_declared(site, node, "channel") for node in nodes]
    return tuple(dict.fromkeys(node.name for node in nodes)) if all(known) else None
