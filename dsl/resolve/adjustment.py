"""The changes that an adaptation makes to a running workflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from dsl import types
from dsl.expressions import Constant, Expression
from dsl.parts import NO_RETRY
from dsl.program import PRIORITIES
from dsl.resolve.clauses import Body, Said, read_body, unknown
from dsl.resolve.expression import of_type
from dsl.resolve.run_scope import STEP, before, readable, run_scope
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.step import NO_RESERVE, is_step, named_steps, one_action, resolve_step
from dsl.resolve.target import Target
from dsl.syntax import Node, Path, Word
from dsl.types import Type, one_of
from dsl.work import Adjustment, Step

_SETTABLE: dict[str, Type] = {
    "timeout": types.DURATION,
    "retry": types.NUMBER,
    "priority": one_of(PRIORITIES),
}


class _Setting(msgspec.Struct, frozen=True):
    """Where a change stands: whose steps, and whether the condition is about a step, so that it need not be named."""

    site: Site
    target: Target
    about_a_step: bool


def resolve_adjustments(
    site: Site, target: Target, body: Body, *, about_a_step: bool
) -> tuple[Adjustment, ...] | None:
    """None when something was reported."""
    said, inner = body.one("then"), read_changes(site, body)
    if said is None or inner is None:
        return None
    setting = _Setting(site, target, about_a_step)
    found = [_RESOLVERS[one.word.name](setting, one) for one in inner.said]
    if not found and inner.sound:
        help_ = "write, for example, `skip step NAME` or `retry step`"
        site.report("V113", "this `then` changes nothing", site.head(said.clause), help=help_)
    whole = tuple(one for one in found if one is not None)
    return whole if whole and len(whole) == len(found) and inner.sound else None


def read_changes(site: Site, body: Body) -> Body | None:
    """What stands in the braces of `then`."""
    said = body.one("then")
    return None if said is None else read_body(site, said.clause, ("changes",))


# --- which step -------------------------------------------------------------------------------------------------------


def _step(setting: _Setting, said: Said) -> str | Literal[False] | None:
    """The step that is named; None: the one that the condition is about; False: it was reported."""
    site, node = setting.site, said.match.node("step")
    if isinstance(node, Word):
        return node.name if is_step(site, node, setting.target.steps, setting.target.phrase) else False
    return None if _is_clear(setting, said) else False


def _is_clear(setting: _Setting, said: Said) -> bool:
    """Whether the condition says which step is meant."""
    if setting.about_a_step:
        return True
    message = "which step? The condition is about none (`step.status == …`)"
    setting.site.report(
        "V209", message, setting.site.head(said.clause), help=f"write `{said.word.name} step NAME`"
    )
    return False


def _skip(setting: _Setting, said: Said) -> Adjustment | None:
    site, step, reason = setting.site, _step(setting, said), _reason(setting, said)
    if step is False or reason is None:
        return None
    if step is not None and not setting.target.steps[step]:
        message = f"`{step}` is not optional, so that it cannot be skipped"
        site.report(
            "V421",
            message,
            said.match.node("step") or site.head(said.clause),
            help="write `optional` in the step",
        )
        return None
    return Adjustment("skip", step, because=reason, place=site.place(said.clause))


def _reason(setting: _Setting, said: Said) -> str | None:
    """Behind `because`, "" where none is written; None when it was reported."""
    site, node = setting.site, said.match.node("because")
    if node is None:
        return ""
    reason = of_type(site, _what_is_read(setting), node, types.TEXT)
    if reason is None or isinstance(reason, Constant):
        return None if reason is None else str(reason.value)
    site.report("V306", "a reason is a plain text", node, help="the values of the moment are recorded anyway")
    return None


def _retry(setting: _Setting, said: Said) -> Adjustment | None:
    step = _step(setting, said)
    return None if step is False else Adjustment("retry", step, place=setting.site.place(said.clause))


def _order(setting: _Setting, said: Said) -> Adjustment:
    return Adjustment("order", by=said.match.word("by") or "", place=setting.site.place(said.clause))


# --- new steps --------------------------------------------------------------------------------------------------------


def _add(setting: _Setting, said: Said) -> Adjustment | None:
    site, target = setting.site, setting.target
    body = read_body(site, said.clause, ("added step",))
    known = [name for name in target.steps if name != said.match.word("name")]
    after = named_steps(site, body, "after", known, target.phrase)
    later = named_steps(site, body, "before", known, target.phrase)
    if after is None or later is None or not _can_stand(setting, said, body, after, later):
        return None
    name = said.match.word("name") or ""
    at_beginning = said.match.word("at") == "beginning"
    earlier = target.earlier(after, later, at_beginning=at_beginning) - {name}
    scope = run_scope(site.known, target.parameters, before(name, earlier, target.steps), target.workflow)
    new = resolve_step(site, scope, said, body, name, after)
    if new is None:
        return None
    place = site.place(said.clause)
    return Adjustment("add", name, new=new, after=after, before=later, at_beginning=at_beginning, place=place)


def _can_stand(
    setting: _Setting, said: Said, body: Body, after: tuple[str, ...], later: tuple[str, ...]
) -> bool:
    """Whether the name is free, the place is said once, and there is such a place."""
    site, target, name = setting.site, setting.target, said.match.word("name") or ""
    if name in target.graph:
        where = said.match.node("name") or site.head(said.clause)
        site.report(
            "V207", f"{target.phrase} has a step `{name}`", where, help="give the new one another name"
        )
    elif said.match.word("at") and (after or later):
        where = said.match.node("at") or site.head(said.clause)
        site.report(
            "V114",
            "the place of the new step is said twice",
            where,
            help="write `at …`, or `after` and `before`",
        )
    elif not target.has_room(after, later):
        clause = (body.one("before") or said).clause
        message = f"no step can come after {', '.join(after)} and before {', '.join(later)}"
        site.report(
            "V211",
            message,
            (clause.start, clause.line_end),
            help="these are done before those, or are the same",
        )
    else:
        return True
    return False


def _replace(setting: _Setting, said: Said) -> Adjustment | None:
    site, step = setting.site, _step(setting, said)
    body = read_body(site, said.clause, ("replacement",))
    action = one_action(site, _of_replaced(setting, step), body, "the replacement")
    if step is False or action is None or not body.sound:
        return None
    new = Step(
        name=step or "",
        after=(),
        action=action,
        timeout=action.timeout,
        retry=NO_RETRY,
        reserve=NO_RESERVE,
        optional=False,
        priority="medium",
        undo=(),
        passes=None,
        binding=None,
        place=site.place(said.clause),
    )
    return Adjustment("replace", step, new=new, place=site.place(said.clause))


def _of_replaced(setting: _Setting, step: str | Literal[False] | None) -> Scope:
    """What the new action reads: what the old one did, and the step that it stands for as `step`."""
    target = setting.target
    if step and step in target.graph:
        steps = before(step, target.earlier(target.graph[step], (), at_beginning=True), target.steps)
    else:
        steps = readable(target.steps)
    return run_scope(setting.site.known, target.parameters, steps, target.workflow).with_variable(
        "step", STEP
    )


# --- another place ----------------------------------------------------------------------------------------------------


def _move(setting: _Setting, said: Said) -> Adjustment | None:
    site, target, step = setting.site, setting.target, _step(setting, said)
    after, later = (_places(setting, said, label) for label in ("after", "before"))
    if step is False or after is None or later is None:
        return None
    clause = said.clause
    if not after and not later:
        help_ = "write, for example, `move step report after vote before orders`"
        site.report("V113", "it is not said where the step goes", site.head(clause), help=help_)
    elif step in (*after, *later):
        site.report("V211", f"`{step}` cannot come after or before itself", (clause.start, clause.line_end))
    elif not target.without(step).has_room(after, later):
        message = f"no step can come after {', '.join(after)} and before {', '.join(later)}"
        help_ = "these are done before those, or are the same"
        site.report("V211", message, (clause.start, clause.line_end), help=help_)
    else:
        return Adjustment("move", step, after=after, before=later, place=site.place(clause))
    return None


def _places(setting: _Setting, said: Said, label: str) -> tuple[str, ...] | None:
    """The steps behind `after` or `before`; None when it was reported."""
    site, target = setting.site, setting.target
    nodes = [node for node in said.match.nodes(label) if isinstance(node, Word)]
    known = [is_step(site, node, target.steps, target.phrase) for node in nodes]
    return tuple(dict.fromkeys(node.name for node in nodes)) if all(known) else None


# --- settings ---------------------------------------------------------------------------------------------------------


def _set(setting: _Setting, said: Said) -> Adjustment | None:
    site, path, value = setting.site, said.match.node("path"), said.match.node("value")
    named = _path(setting, said, path)
    if named is None or value is None:
        return None
    step, what = named
    expression = _value(setting, value, what)
    if expression is None:
        return None
    return Adjustment("set", step, what=what, value=expression, place=site.place(said.clause))


def _path(setting: _Setting, said: Said, path: Node | None) -> tuple[str | None, str] | None:
    """Step and setting of `steps.prices.timeout` and `step.timeout`; None when it was reported."""
    site = setting.site
    parts = [str(part) for part in path.parts] if isinstance(path, Path) else []
    if path is None or not parts or (parts[0], len(parts)) not in (("steps", 3), ("step", 2)):
        help_ = "write, for example, `set steps.prices.timeout = 60s`"
        site.report(
            "V304",
            "expected the timeout, retry or priority of a step",
            path or site.head(said.clause),
            help=help_,
        )
        return None
    if parts[-1] not in _SETTABLE:
        where = (path.end - len(parts[-1]), path.end)
        unknown(site, "V204", f"`{parts[-1]}` of a step cannot be set", parts[-1], where, list(_SETTABLE))
        return None
    if parts[0] == "step":
        return (None, parts[-1]) if _is_clear(setting, said) else None
    start = path.start + len("steps.")
    node = Word(start, start + len(parts[1]), parts[1])
    return (parts[1], parts[-1]) if is_step(site, node, setting.target.steps, setting.target.phrase) else None


def _what_is_read(setting: _Setting) -> Scope:
    """In the moment in which the change is made."""
    target = setting.target
    scope = run_scope(setting.site.known, target.parameters, readable(target.steps), target.workflow)
    return scope.with_variable("step", STEP)


def _value(setting: _Setting, node: Node, what: str) -> Expression | None:
    """It is calculated when the change is made."""
    site = setting.site
    expression = of_type(site, _what_is_read(setting), node, _SETTABLE[what])
    known = expression.value if isinstance(expression, Constant) else None
    if isinstance(known, float) and (known < 0 or (what == "timeout" and known == 0)):
        site.report("V309", f"`{site.text(node.start, node.end)}` makes no sense here", node)
        return None
    if what == "retry" and isinstance(known, float) and not known.is_integer():
        site.report("V309", "expected a whole number from 0 on", node)
        return None
    return expression


_RESOLVERS: dict[str, Callable[[_Setting, Said], Adjustment | None]] = {
    "skip": _skip,
    "add": _add,
    "replace": _replace,
    "move": _move,
    "retry": _retry,
    "order": _order,
    "set": _set,
}
