"""The words for a call that fits none of the forms of its function: what was probably meant, else how the forms read."""

from __future__ import annotations

from collections.abc import Callable

from dsl.resolve.calls.asked import roots
from dsl.resolve.site import Site
from dsl.shape import readable
from dsl.syntax import And, Call, Compare, Node, Not, Or, Quantity, Word
from dsl.vocabulary.word import FunctionForm

Forms = tuple[FunctionForm, ...]
Said = tuple[str, str, str]  # code, message, help

_CONDITIONS = (Compare, And, Or, Not)
_WORDS_FOR_OVER = ("for", "in", "within", "last", "during", "since")


def report(site: Site, node: Call, forms: Forms) -> None:
    """One finding for a call that fits no form."""
    read = {name for argument in node.arguments for item in argument for name in roots(item)}
    if read & (site.known.unclear | site.known.lost):  # which form is meant depends on what could not be read
        return
    code, message, help_ = next(
        (said for guess in _GUESSES if (said := guess(site, node, forms))), _in_general(node, forms)
    )
    site.report(code, message, node, help=help_)


def _in_general(node: Call, forms: Forms) -> Said:
    shown = [form for form in forms if form.over != "events"] or list(forms)
    ways = " or ".join(f"`{node.name}({readable(form.shape)})`" for form in shown)
    example = shown[0].example
    example = example[example.index(node.name) :]
    return "V212", f"`{node.name}` is not given what it takes", f"it reads {ways}, for example `{example}`"


# --- what was probably meant --------------------------------------------------------------------------------------------


def _both(site: Site, node: Call, forms: Forms) -> Said | None:
    """`avg(agent.cpu where agent.paused over 5m)`"""
    if not {"where", "over"} <= _words(node) or len(node.arguments) != 1:
        return None
    written = _text(site, node.arguments[0][0])
    message = f"this `{node.name}` would range over members and over time at once"
    return "V213", message, f"one call for each, as in `{node.name}({node.name}({written} over …) where …)`"


def _condition_alone(site: Site, node: Call, forms: Forms) -> Said | None:
    """`any(agent.status == "down")`"""
    one = _only(node)
    known = [name for name in roots(one) if name in site.known.types] if isinstance(one, _CONDITIONS) else []
    if one is None or not known or not any("type:TYPE" in form.shape for form in forms):
        return None
    before = "satisfy" if node.name == "all" else "where"
    help_ = f"write `{node.name}({known[0]} {before} {_text(site, one)})`"
    return "V212", f"`{node.name}` ranges over the things of a type, and is given a condition alone", help_


def _nothing_for_each(site: Site, node: Call, forms: Forms) -> Said | None:
    """`all(agent where agent.paused)`"""
    if node.name != "all" or "satisfy" in _words(node) or len(node.arguments) != 1:
        return None
    help_ = "write `all(TYPE where CONDITION satisfy CONDITION)`; the part with `where` may be left out"
    return "V212", "`all` is not told what has to be true of each", help_


def _no_window(site: Site, node: Call, forms: Forms) -> Said | None:
    """`rate(http.value)`"""
    one = _only(node)
    if one is None or not all("over over:DURATION" in form.shape for form in forms) or len(forms) != 1:
        return None
    if "after" in forms[0].shape or "," in forms[0].shape:
        return None
    message = f"`{node.name}` looks back over time, and is not told how far"
    usual = "1d" if forms[0].over == "series" else "5m"
    return "V212", message, f"write `{node.name}({_text(site, one)} over {usual})`"


def _happened_when(site: Site, node: Call, forms: Forms) -> Said | None:
    """`count(event deploy)`"""
    words = [item.name for item in node.arguments[0] if isinstance(item, Word)] if node.arguments else []
    if words[:1] not in (["event"], ["fault"]) or "over" in words or len(node.arguments) != 1:
        return None
    written = " ".join(_text(site, item) for item in node.arguments[0])
    return "V212", "what happened is counted over a time", f"write `{node.name}({written} over 5m)`"


def _written_otherwise(site: Site, node: Call, forms: Forms) -> Said | None:
    """`avg(agent.cpu, 5m)`, `avg(agent.cpu for 5m)`, `past(agent.cpu over 15m)`"""
    items = [item for argument in node.arguments for item in argument]
    between = items[1].name if len(items) == 3 and isinstance(items[1], Word) else ""
    if len(items) not in (2, 3) or not isinstance(items[-1], Quantity):
        return None
    value, length = _text(site, items[0]), _text(site, items[-1])
    if node.name == "past" and between:
        return "V212", "how long ago it was stands behind a comma", f"write `past({value}, {length})`"
    by_comma = len(items) == 2 and len(node.arguments) == 2
    if not (by_comma or between in _WORDS_FOR_OVER) or not any(form.over == "time" for form in forms):
        return None
    return "V212", "a window is written with `over`", f"write `{node.name}({value} over {length})`"


_GUESSES: tuple[Callable[[Site, Call, Forms], Said | None], ...] = (
    _both,
    _condition_alone,
    _nothing_for_each,
    _no_window,
    _happened_when,
    _written_otherwise,
)


def _words(node: Call) -> set[str]:
    return {item.name for argument in node.arguments for item in argument if isinstance(item, Word)}


def _only(node: Call) -> Node | None:
    """The one value that stands there alone."""
    return node.arguments[0][0] if len(node.arguments) == 1 and len(node.arguments[0]) == 1 else None


def _text(site: Site, node: Node) -> str:
    return site.text(node.start, node.end)
