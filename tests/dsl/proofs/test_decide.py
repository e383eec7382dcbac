"""The decision procedure against the engine's slow evaluator: *never* is never said wrongly, and every example is one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.expressions import Expression, Field, nodes_of
from dsl.proofs.decide import Goal, Wanted, never, plainly_open
from dsl.proofs.example import NOW, example
from dsl.proofs.meaning import value_of
from engine.analysis.evaluate import evaluate
from tests.dsl.proofs.small_worlds import WORLD, all_facts, conditions

_settings = settings(deadline=None, max_examples=120)
_goals = st.lists(st.tuples(conditions, st.sampled_from(list(Wanted))), min_size=1, max_size=3)


def comes_out(goal: Goal, facts: dict[str, object]) -> bool:
    verdict = evaluate(goal[0], {"thing": facts}, NOW)
    return {
        Wanted.TRUE: verdict is True,
        Wanted.FALSE: verdict is False,
        Wanted.NOT_TRUE: verdict is not True,
        Wanted.NOT_FALSE: verdict is not False,
    }[goal[1]]


def fields_of(goals: list[Goal]) -> set[str]:
    nodes = (node for expression, _ in goals for node in nodes_of(expression))
    return {str(node.path[0]) for node in nodes if isinstance(node, Field)}


@_settings
@given(_goals)
def test_what_can_never_be_is_true_of_no_facts(goals: list[Goal]) -> None:
    if never(goals, WORLD):
        for facts in all_facts(fields_of(goals)):
            assert not all(comes_out(goal, facts) for goal in goals), facts


@_settings
@given(_goals)
def test_an_example_is_one(goals: list[Goal]) -> None:
    found = example(goals, WORLD)
    if found is not None:
        assert found.certain
        assert not never(goals, WORLD)
        for expression, wanted in goals:
            assert comes_out((expression, wanted), dict(found.facts.get("thing", {})))


@_settings
@given(conditions, st.data())
def test_the_meaning_is_the_engine_s(condition: Expression, data: st.DataObject) -> None:
    facts = data.draw(st.sampled_from(list(all_facts(fields_of([(condition, Wanted.TRUE)])))))
    assert value_of(condition, {"thing": facts}, NOW) == evaluate(condition, {"thing": facts}, NOW)


@_settings
@given(st.lists(conditions, min_size=1, max_size=2))
def test_what_is_plainly_open_may_be_true_and_may_be_false(several: list[Expression]) -> None:
    if plainly_open(several, WORLD):
        assert example([(one, Wanted.TRUE) for one in several], WORLD) is not None
        *given_so, last = several
        assert example([*((one, Wanted.TRUE) for one in given_so), (last, Wanted.FALSE)], WORLD) is not None
