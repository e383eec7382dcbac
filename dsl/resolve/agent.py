"""`agent`: a supervised thing."""

from __future__ import annotations

import re
from typing import Literal

from dsl.expressions import Constant, MapOf
from dsl.program import Agent, AgentAction, Check, Unit
from dsl.resolve import constants
from dsl.resolve.action import affects, resolve_actions
from dsl.resolve.check import resolve_line
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.known import Declared, OwnAction, Parameter
from dsl.resolve.limits import resolve_limits
from dsl.resolve.parameters import checked as checked_parameters
from dsl.resolve.parameters import read as read_parameters
from dsl.resolve.scope import EMPTY, Scope, parameters
from dsl.resolve.settings import is_declared, settings_of
from dsl.resolve.site import Site
from dsl.syntax import Call, Clause, Named, Word

STARTS_WITHIN = 10.0  # seconds, where nothing is written
_EXAMPLE = "action reconnect(stream: text) { … }"

_ENVIRONMENT = Scope(secrets=True)
_NAMES = {
    "systemd": re.compile(r"[A-Za-z0-9:_.\\@-]+\.(service|socket|timer|target|mount|path|slice|scope)"),
    "docker": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*"),
}


def own_actions(declared: Declared) -> list[OwnAction]:
    """The heads of the agent's own actions. Nothing is reported here: `resolve_agent` does that."""
    found = []
    for clause in declared.clause.body or ():
        signature = clause.items[0] if clause.word == "action" and clause.items else None
        if isinstance(signature, (Call, Word)):
            given = read_parameters(signature)
            found.append(
                OwnAction(declared.name, signature.name, tuple(Parameter(*one) for one in given or ()))
            )
    return found


def label_names(declared: Declared) -> list[str]:
    clauses = [clause for clause in declared.clause.body or () if clause.word == "labels"]
    return [item.name for clause in clauses for item in clause.items if isinstance(item, Named)]


def resolve_agent(site: Site, declared: Declared) -> Agent | None:
    body = read_body(site, declared.clause, ("agent",))
    title = constants.title(site, declared.match.node("title") if declared.match else None)
    unit = _unit(site, body)
    health, ready = _check(site, body, "health"), _check(site, body, "ready")
    starts = _starts_within(site, body)
    needs = _needs(site, body, declared.name)
    labels = _labels(site, body)
    actions = _actions(site, body)
    limits = resolve_limits(site, parameters(site.known, ()), body.all("limit"))
    if (
        not body.sound
        or title is None
        or unit is False
        or health is False
        or ready is False
        or starts is None
    ):
        return None
    if needs is None or labels is None or actions is None or limits is None:
        return None
    place = site.place(declared.clause)
    return Agent(declared.name, title, unit, health, ready, starts, needs, labels, actions, limits, place)


def _unit(site: Site, body: Body) -> Unit | Literal[False] | None:
    """None where none is written, False when it was reported."""
    said = body.one("unit")
    if said is None:
        return None
    kind = said.match.word("kind") or "process"
    family = said.word.body
    inner = read_body(site, said.clause, (family,)) if family else Body(said.clause, (), sound=True)
    settings = settings_of(site, _ENVIRONMENT, (said, *inner.said), leave_out=("kind",))
    if settings is None or not inner.sound or not _environment_is_text(site, inner):
        return False
    return Unit(kind, settings) if _name_is_possible(site, kind, said) else False


def _name_is_possible(site: Site, kind: str, said: Said) -> bool:
    """Whether a unit of systemd, or a container, can be called so."""
    node = said.match.node("name")
    if node is None:
        return True
    name = constants.text(site, node)
    if name is None or _NAMES[kind].fullmatch(name):
        return name is not None
    example = f"`{name}.service`" if kind == "systemd" and _NAMES["docker"].fullmatch(name) else ""
    what = "unit of systemd" if kind == "systemd" else "container"
    site.report("V309", f"no {what} is called `{name}`", node, help=example and f"did you mean {example}?")
    return False


def _environment_is_text(site: Site, inner: Body) -> bool:
    said = inner.one("environment")
    nodes = [node for node in said.match.nodes("environment") if isinstance(node, Named)] if said else []
    for node in nodes:
        if not node.name or "=" in node.name:
            site.report("V309", f"`{node.name}` is no name of a variable", (node.start, node.name_end))
            return False
    return True


def _check(site: Site, body: Body, word: str) -> Check | Literal[False] | None:
    said = body.one(word)
    clause: Clause | None = said.match.clause() if said else None
    if clause is None:
        return None
    return resolve_line(site, clause, "an agent's health") or False


def _starts_within(site: Site, body: Body) -> float | None:
    said = body.one("starts")
    node = said.match.node("within") if said else None
    return STARTS_WITHIN if node is None else constants.duration(site, node)


def _needs(site: Site, body: Body, name: str) -> tuple[str, ...] | None:
    said = body.one("needs")
    nodes = [node for node in said.match.nodes("needs") if isinstance(node, Word)] if said else []
    known = [is_declared(site, node, "agent") for node in nodes]
    if not all(known):
        return None
    for node in nodes:
        if node.name == name:
            site.report("V211", f"{name} needs itself", node, help="take it away")
            return None
    return tuple(dict.fromkeys(node.name for node in nodes))


def _labels(site: Site, body: Body) -> tuple[tuple[str, object], ...] | None:
    said = body.one("labels")
    if said is None:
        return ()
    values = constants.named(site, EMPTY, said.match.nodes("labels"))
    if not isinstance(values, MapOf):
        return None
    found: list[tuple[str, object]] = []
    for (name, value), node in zip(values.members, said.match.nodes("labels"), strict=True):
        if not isinstance(value, Constant):
            site.report("V306", "a label is a value that is known when the rules are loaded", node)
            return None
        found.append((name, value.value))
    return tuple(found)


# --- what an agent can do for itself ----------------------------------------------------------------------------------


def _actions(site: Site, body: Body) -> tuple[AgentAction, ...] | None:
    found = [_own(site, said) for said in body.all("action")]
    whole = tuple(one for one in found if one is not None)
    return whole if len(whole) == len(found) else None


def _own(site: Site, said: Said) -> AgentAction | None:
    signature = said.match.node("signature")
    if not isinstance(signature, (Call, Word)) or not _name_is_free(site, signature):
        return None
    given = checked_parameters(site, signature, _EXAMPLE)
    if given is None:
        return None
    inner = read_body(site, said.clause, ("agent action",))
    scope = parameters(site.known, given)
    actions = resolve_actions(site, scope, inner)
    if actions is None:
        return None
    if not actions:
        site.report(
            "V113",
            f"the action `{signature.name}` does nothing",
            site.head(said.clause),
            help="write in braces what it does",
        )
        return None
    return AgentAction(signature.name, given, actions, affects(site, scope, inner.all("affects")))


def _name_is_free(site: Site, signature: Call | Word) -> bool:
    if signature.name not in site.known.lexicon.actions:
        return True
    site.report(
        "V207",
        f"`{signature.name}` is an action of the language",
        (signature.start, signature.start + len(signature.name)),
    )
    return False
