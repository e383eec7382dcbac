"""Actions that steer work and agents: `run`, `pause`, `resume`, `cancel`."""

from __future__ import annotations

from dsl.expressions import Constant, Expression
from dsl.match import Match
from dsl.program import Action, Selector
from dsl.resolve.called import resolve_called
from dsl.resolve.clauses import Said, unknown
from dsl.resolve.scope import Scope
from dsl.resolve.selector import resolve_selector
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.syntax import Word
from dsl.vocabulary.word import ActionWord

_TARGETS = {
    "pause": ("automation", "agent"),
    "resume": ("automation", "agent"),
    "cancel": ("automation", "workflow"),
}
_WORK = ("automation", "workflow")


def resolve_steering(site: Site, scope: Scope, said: Said) -> Action | None:
    if said.clause.body is not None:
        word = said.word.name
        site.report("V115", f"`{word}` takes no braces", site.head(said.clause), help="take them away")
        return None
    return _run(site, scope, said) if said.word.name == "run" else _steer(site, scope, said)


def _run(site: Site, scope: Scope, said: Said) -> Action | None:
    called = resolve_called(site, scope, said.match.node("called"), ("workflow", "automation"))
    if called is None:
        return None
    return _action(site, said, None, (("name", Constant(called.name)), ("arguments", called.arguments)))


def _steer(site: Site, scope: Scope, said: Said) -> Action | None:
    part = said.match.part("selector")
    target = None if part is None else _target(site, scope, said, part)
    return None if target is None else _action(site, said, target, ())


def _target(site: Site, scope: Scope, said: Said, part: Match) -> Selector | None:
    word, kind, name = said.word.name, part.node("kind"), part.node("name")
    if not isinstance(kind, Word):
        return None
    possible = _TARGETS[word]
    if kind.name not in possible:
        what = f"`{word}` is for {' and '.join(f'{one}s' for one in possible)}, not for `{kind.name}`"
        unknown(site, "V304", what, kind.name, kind, list(possible))
        return None
    if word == "resume" and name is None and part.node("where") is None:
        return Selector(kind.name)  # what this rule paused
    if kind.name in _WORK and isinstance(name, Word) and name.name not in scope.variables:
        return Selector(kind.name, Constant(name.name)) if _is_one(site, name, kind.name, part) else None
    return resolve_selector(site, scope, part, kind=kind.name, bound=True)


def _is_one(site: Site, name: Word, kind: str, part: Match) -> bool:
    if not is_declared(site, name, kind):
        return False
    where = part.node("where")
    if where is not None:
        site.report(
            "V112", f"a name says already which {kind} is meant", where, help="take the condition away"
        )
    return where is None


def _action(
    site: Site, said: Said, target: Selector | None, arguments: tuple[tuple[str, Expression], ...]
) -> Action:
    word, clause = said.word, said.clause
    assert isinstance(word, ActionWord)
    return Action(
        kind=word.name,
        target=target,
        arguments=arguments,
        timeout=word.timeout,
        affects=word.affects,
        repeatable=word.repeatable,
        risk=word.risk,
        place=site.place(clause),
        text=site.text(clause.start, clause.line_end),
    )
