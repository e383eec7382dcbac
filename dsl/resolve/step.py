"""A step: of a workflow, or one that an adaptation puts into its run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from msgspec.structs import replace

from dsl import types
from dsl.program import Action, Condition
from dsl.resolve import constants
from dsl.resolve.action import resolve_actions
from dsl.resolve.binding import resolve_binding
from dsl.resolve.clauses import Body, Said, unknown
from dsl.resolve.known import Listed, Thing, Things
from dsl.resolve.retry import may_be_repeated, resolve_retry
from dsl.resolve.rule import resolve_state, word_of
from dsl.resolve.run_scope import STEP
from dsl.resolve.scope import Scope
from dsl.resolve.site import Site
from dsl.resolve.work import resolve_done, resolve_reserve
from dsl.syntax import Word
from dsl.vocabulary.word import ActionWord
from dsl.work import Reserve, Step

NO_RESERVE = Reserve()


def resolve_step(
    site: Site, scope: Scope, said: Said, body: Body, name: str, after: tuple[str, ...]
) -> Step | None:
    bound = resolve_binding(site, scope, body, ("added step",))  # which has all the words that a step has
    action = one_action(site, bound.scope, body, f"the step `{name}`")
    timeout = _timeout(site, body)
    retry = resolve_retry(site, body)
    repeated = may_be_repeated(site, body.one("retry"), (action,) if action else ())
    reserve = resolve_reserve(site, body)
    undo = resolve_done(site, _with_itself(scope, name), body, "undo")
    passes = _passes(site, scope, body, action, several=bound.binding is not None)
    if (
        action is None
        or timeout is None
        or retry is None
        or reserve is None
        or undo is None
        or passes is False
    ):
        return None
    if not bound.sound or not body.sound or not repeated:
        return None
    lasts = timeout or action.timeout
    return Step(
        name=name,
        after=after,
        action=replace(action, timeout=lasts),
        timeout=lasts,
        retry=retry,
        reserve=reserve,
        optional=body.has("optional"),
        priority=word_of(body, "priority", "medium"),
        undo=undo,
        passes=passes,
        binding=bound.binding,
        place=site.place(said.clause),
    )


def named_steps(site: Site, body: Body, word: str, known: Collection[str], of: str) -> tuple[str, ...] | None:
    """The steps behind `after` or `before`; None when it was reported. `of` says whose steps they are."""
    said = body.one(word)
    nodes = [node for node in said.match.nodes("steps") if isinstance(node, Word)] if said else []
    found = [is_step(site, node, known, of) for node in nodes]
    return tuple(dict.fromkeys(node.name for node in nodes)) if all(found) else None


def is_step(site: Site, node: Word, known: Collection[str], of: str) -> bool:
    if node.name in known:
        return True
    unknown(site, "V206", f"{of} has no step `{node.name}`", node.name, node, sorted(known))
    return False


def one_action(site: Site, scope: Scope, body: Body, what: str) -> Action | None:
    """The one action of the body."""
    said = [one for one in body.said if isinstance(one.word, ActionWord)]
    found = resolve_actions(site, scope, body)
    if len(said) > 1:
        help_ = "write another step; what does not wait for each other runs at the same time"
        site.report("V114", f"{what} does two things", site.head(said[1].clause), help=help_)
    elif not said and body.sound:
        help_ = 'write, for example, `exec ["bin/prices"]` or `http get "http://127.0.0.1:8026/quality"`'
        site.report("V113", f"{what} does nothing", site.head(body.clause), help=help_)
    return found[0] if found and len(found) == 1 else None


# --- how long, how often ----------------------------------------------------------------------------------------------


def _timeout(site: Site, body: Body) -> float | None:
    """0 where none is written; None when it was reported."""
    said = body.one("timeout")
    node = said.match.node("timeout") if said else None
    return 0.0 if node is None else constants.duration(site, node)


# --- what is read -----------------------------------------------------------------------------------------------------


def _with_itself(scope: Scope, name: str) -> Scope:
    """What takes a step back reads what it did."""
    steps = scope.variables["steps"]
    assert isinstance(steps, Things)
    return scope.with_variable("steps", replace(steps, by_name={**steps.by_name, name: STEP}))


def _passes(
    site: Site, scope: Scope, body: Body, action: Action | None, *, several: bool
) -> Condition | Literal[False] | None:
    """None where none is written, False when it was reported."""
    said = body.one("pass")
    if said is None:
        return None
    if action is None:
        return False
    reply = {**site.known.lexicon.actions[action.kind].reply, **({"agent": "text"} if several else {})}
    answer = Thing("answer", {name: types.named(kind) for name, kind in reply.items()})
    scope = scope.with_variable("answer", answer)
    if several:
        scope = scope.with_variable("answers", Listed(answer))
    return resolve_state(site, scope, said) or False
