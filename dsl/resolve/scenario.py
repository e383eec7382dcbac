"""`test`: a scenario on the virtual clock."""

from __future__ import annotations

from dsl import types
from dsl.program import ActionBehaves, HappenEvent, LoseFact, Scene, SetFact, TestCase, TestStep
from dsl.resolve import constants
from dsl.resolve.clauses import Said, read_body, read_clause
from dsl.resolve.event import event_type
from dsl.resolve.expectation import is_action, resolve_expectation
from dsl.resolve.expected_work import run_work
from dsl.resolve.given import given_values, name_of
from dsl.resolve.known import Declared
from dsl.resolve.setting_facts import fact_type
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.syntax import Word
from dsl.vocabulary.facts import SINGLE


def resolve_test(site: Site, declared: Declared) -> TestCase | None:
    body = read_body(site, declared.clause, ("test",))
    steps = [_step(site, said) for said in body.said]
    whole = tuple(step for step in steps if step is not None)
    if len(whole) != len(steps) or not body.sound:
        return None
    return TestCase(declared.name, whole, site.place(declared.clause))


def _step(site: Site, said: Said) -> TestStep | None:
    if said.word.name == "at":
        return _at(site, said)
    if said.word.name == "every":
        return _every(site, said)
    return _made(site, said, said, 0.0)


def _at(site: Site, said: Said) -> TestStep | None:
    node, clause = said.match.node("at"), said.match.clause()
    at = None if node is None else constants.duration(site, node, zero=True)
    moment = None if clause is None else read_clause(site, clause, ("moment",))
    if moment is None or (node is not None and at is None):
        return None
    return _made(site, said, moment, at)


def _every(site: Site, said: Said) -> TestStep | None:
    node, clause = said.match.node("every"), said.match.clause()
    every = None if node is None else constants.duration(site, node)
    moment = None if clause is None else read_clause(site, clause, ("moment",))
    if moment is None or every is None:
        return None
    return _made(site, said, moment, 0.0, every)


def _made(
    site: Site, said: Said, moment: Said, at: float | None, repeat: float | None = None
) -> TestStep | None:
    what = _moment(site, moment)
    if what is None:
        return None
    clause = said.clause
    return TestStep(at, what, site.place(clause), site.text(clause.start, clause.line_end), repeat)


def _moment(site: Site, said: Said) -> Scene | None:
    match said.word.name:
        case "given" | "set" if said.match.node("event") is None:
            return _set(site, said)
        case "given" | "event":
            return _happen(site, said)
        case "lose":
            return _lose(site, said)
        case "action":
            kind = said.match.node("action")
            outcome = "fails" if said.match.word("outcome") == "fails" else "succeeds"
            return (
                ActionBehaves(kind.name, outcome)
                if isinstance(kind, Word) and is_action(site, kind)
                else None
            )
        case "run":
            return run_work(site, said)
        case _:
            return resolve_expectation(site, said.match)


# --- what is seen -------------------------------------------------------------------------------------------------------


def _set(site: Site, said: Said) -> SetFact | None:
    kind = fact_type(site, said.match.node("type"))
    if kind is None:
        return None
    key = _key(site, said, kind.name)
    keys = kind.keys if len(kind.keys) > 1 else ()  # one key is the name itself
    fields = {field.name: types.named(field.type) for field in (*keys, *kind.fields)}
    values = given_values(site, said.match.nodes("values"), fields, kind.name)
    return None if key is None or values is None else SetFact(kind.name, key, values)


def _happen(site: Site, said: Said) -> HappenEvent | None:
    kind = event_type(site, said.match.node("event"))
    if kind is None:
        return None
    fields = {field.name: types.named(field.type) for field in kind.fields}
    values = given_values(site, said.match.nodes("values"), fields, kind.name)
    return None if values is None else HappenEvent(kind.name, values)


def _lose(site: Site, said: Said) -> LoseFact | None:
    kind = fact_type(site, said.match.node("type"))
    key = None if kind is None else _key(site, said, kind.name)
    return None if kind is None or key is None else LoseFact(kind.name, key)


def _key(site: Site, said: Said, kind: str) -> str | None:
    """Which one; of the single things there is one."""
    node = said.match.node("key")
    if node is None:
        if kind in SINGLE:
            return kind
        site.report(
            "V209",
            f"which {kind}?",
            said.match.node("type") or site.head(said.clause),
            help=f"write `{kind} NAME`",
        )
        return None
    if kind == "agent" and isinstance(node, Word) and not is_declared(site, node, "agent"):
        return None
    return name_of(site, node)
