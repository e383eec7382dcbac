"""`count(event deploy where … over 2m)`, `sum(order.size over 1h)`, `count(fault NAME of agent over 1h)`: what happened over time."""

from __future__ import annotations

from dsl import types
from dsl.expressions import Occurrences
from dsl.resolve.calls.asked import Asked, roots
from dsl.resolve.clauses import is_declared, unknown
from dsl.resolve.known import Group, Thing
from dsl.resolve.scope import event_thing, thing_named
from dsl.resolve.subjects import bound_by
from dsl.resolve.typed import Typed, deepest
from dsl.syntax import Word


def is_meant(asked: Asked) -> bool:
    """Whether the call is about events: it says so, or its value is a field of one."""
    node = asked.match.node("value")
    return node is None or bool(_of_events(asked))


def resolve(asked: Asked) -> Typed | None:
    node = asked.match.node("type")
    if isinstance(node, Word):
        if not _is_event(asked, node):
            return None
        return _counted(asked, node.name, asked.match.word("name") or node.name)
    names = _of_events(asked)
    if len(names) > 1:
        value = asked.match.node("value")
        assert value is not None
        message = f"`{asked.form.name}` is about events of one type, and this reads {' and '.join(names)}"
        asked.site.report("V209", message, value, help="ask for each of them")
        return None
    return _counted(asked, names[0], names[0])


def _of_events(asked: Asked) -> list[str]:
    node = asked.match.node("value")
    return [] if node is None else [name for name in roots(node) if name in asked.site.known.of("event")]


def _is_event(asked: Asked, node: Word) -> bool:
    known = asked.site.known
    if node.name in known.of("event"):
        return True
    if node.name not in known.unclear and node.name not in known.lost:
        unknown(
            asked.site, "V206", f"there is no event `{node.name}`", node.name, node, list(known.of("event"))
        )
    return False


def _counted(asked: Asked, kind: str, name: str) -> Typed | None:
    event = asked.site.known.events.get(kind)
    over, ending = asked.seconds("over"), asked.seconds("ending", zero=True)
    if (
        event is None or over is None or ending is None
    ):  # an event that could not be read was reported where it stands
        return None
    inner = asked.scope.with_variable(name, event_thing(event))
    where = asked.condition(inner, "where")
    value = asked.value(inner) if asked.match.node("value") is not None else None
    if asked.lacks("where", where) or asked.lacks("value", value):
        return None
    found = Occurrences(
        kind="event",
        type=kind,
        name=name,
        where=where.expression if where else None,
        over=over,
        ending=ending,
        function=asked.form.name,
        value=value.expression if value else None,
    )
    depth = deepest([one for one in (where, value) if one]) + 1
    return Typed(found, asked.result(value.type if value else types.NUMBER), depth)


# --- faults -----------------------------------------------------------------------------------------------------------


def resolve_faults(asked: Asked) -> Typed | None:
    site, detection = asked.site, asked.match.node("detection")
    name = detection.name if isinstance(detection, Word) else ""
    if isinstance(detection, Word) and not is_declared(site, detection, "detection"):
        return None
    over, ending = asked.seconds("over"), asked.seconds("ending", zero=True)
    called = asked.match.word("name") or "fault"
    where = asked.condition(asked.scope.with_variable(called, thing_named(site.known, "fault")), "where")
    if over is None or ending is None or asked.lacks("where", where) or not _subject_fits(asked, name):
        return None
    found = Occurrences(
        kind="fault",
        type=name,
        name=called,
        where=where.expression if where else None,
        over=over,
        ending=ending,
        of=asked.match.word("subject"),
    )
    return Typed(found, types.NUMBER, (where.depth if where else 0) + 1)


def _subject_fits(asked: Asked, detection: str) -> bool:
    """Whether what stands behind `of` is bound, and something that such faults are about."""
    node = asked.match.node("subject")
    if not isinstance(node, Word):
        return True
    what = asked.scope.variables.get(node.name)
    if not isinstance(what, (Thing, Group)):
        if not asked.scope.unclear:
            known = [name for name, one in asked.scope.variables.items() if isinstance(one, (Thing, Group))]
            unknown(asked.site, "V203", f"`{node.name}` is not bound here", node.name, node, known)
        return False
    about = bound_by(asked.site.known, detection) if detection else None
    kinds = None if about is None else [one.type for one in about.values() if isinstance(one, (Thing, Group))]
    if kinds is None or what.type in (kinds or ["host"]):
        return True
    message = f"`{detection}` is about {' and '.join(kinds) or 'the host'}, never about {what.type}"
    asked.site.report("V304", message, node)
    return False
