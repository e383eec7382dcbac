"""Calls of functions that range over members, over time or over what happened: which form is meant, and what comes of it.

The forms are data (`dsl.vocabulary.functions`); there is a file here for each thing that they range over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dsl.match import Match, Mismatch, match_clause
from dsl.resolve.calls import calendars, events, members, misfit, series, steps, time
from dsl.resolve.calls.asked import Asked, Infer
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed
from dsl.syntax import Call, Clause, Node
from dsl.vocabulary.word import FunctionForm

_RESOLVERS: Mapping[str, Callable[[Asked], Typed | None]] = {
    "members": members.resolve,
    "time": time.resolve,
    "events": events.resolve,
    "faults": events.resolve_faults,
    "series": series.resolve,
    "calendars": calendars.resolve,
    "steps": steps.resolve,
}


def resolve_call(site: Site, scope: Scope, node: Call, infer: Infer) -> Typed | None:
    """A call of a function that has forms."""
    forms = site.known.lexicon.calls[node.name]
    found = ((form, _match(form, node)) for form in forms)
    meant = [Asked(site, scope, node, form, match, infer) for form, match in found if match]
    asked = next((one for one in meant if one.form.over != "events" or events.is_meant(one)), None)
    if asked is None:
        misfit.report(site, node, forms)
        return None
    if not scope.facts:
        message = f"`{node.name}(…)` asks for facts, and none can be asked for here"
        site.report("V216", message, asked.name, help="in rules it can be asked")
        return None
    typed = _RESOLVERS[asked.form.over](asked)
    what = site.known.lexicon.later.get(f"{asked.form.name} over {asked.form.over}")
    if typed is not None and what is not None:
        site.report_later(f"{node.name}(…)", what, asked.name)
    return typed


def _match(form: FunctionForm, node: Call) -> Match | None:
    """The arguments against the shape of the form; None where they do not fit."""
    shapes = form.shape.split(", ")
    if len(shapes) != len(node.arguments):
        return None
    bound: dict[str, tuple[Node | Match, ...]] = {}
    for shape, items in zip(shapes, node.arguments, strict=True):
        match = match_clause(shape, Clause(node.start, node.end, node.name, items, None))
        if isinstance(match, Mismatch):
            return None
        bound.update(match.bound)
    return Match(node.start, node.end, bound)
