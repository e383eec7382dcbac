"""Calls of functions that range over members, over time or over what happened: which form is meant, and what comes of it.

The forms are data (`dsl.vocabulary.functions`); there is a file here for each thing that they range over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dsl.match import Match, Mismatch, match_clause
from dsl.resolve.calls import calendars, events, members, series, steps, time
from dsl.resolve.calls.asked import Asked, Infer, roots
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed
from dsl.shape import readable
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
        _report(site, node, forms)
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


# --- messages ---------------------------------------------------------------------------------------------------------


def _report(site: Site, node: Call, forms: tuple[FunctionForm, ...]) -> None:
    read = {name for argument in node.arguments for item in argument for name in roots(item)}
    if read & (site.known.unclear | site.known.lost):  # which form is meant depends on what could not be read
        return
    if {"where", "over"} <= read and len(node.arguments) == 1:
        _report_both(site, node)
        return
    shown = [form for form in forms if form.over != "events"] or list(forms)
    ways = " or ".join(f"`{node.name}({readable(form.shape)})`" for form in shown)
    help_ = f"it reads {ways}, for example `{shown[0].example}`"
    site.report("V212", f"`{node.name}` is not given what it takes", node, help=help_)


def _report_both(site: Site, node: Call) -> None:
    value = node.arguments[0][0]
    written = site.text(value.start, value.end)
    message = f"this `{node.name}` would range over members and over time at once"
    help_ = f"one call for each, as in `{node.name}({node.name}({written} over …) where …)`"
    site.report("V213", message, node, help=help_)
