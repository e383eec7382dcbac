"""Conflicts: shown with facts of which both conditions are true, and never where no facts make them so."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings

from dsl.expressions import Constant, Expression, Field, MapOf, nodes_of
from dsl.parts import Action, Binding, Condition, Place, RuleHead
from dsl.program import Program
from dsl.proofs.acting import Rules
from dsl.proofs.conflict import Conflicts, conflicts
from dsl.proofs.example import NOW
from dsl.proofs.wording import in_words
from dsl.work import Orchestration
from engine.analysis.evaluate import evaluate
from tests.dsl.proofs.proving import rules
from tests.dsl.proofs.small_worlds import THING, all_facts, conditions

AGENTS = """
agent a { health tcp "127.0.0.1:1"; labels tier: "base" }
agent b { health tcp "127.0.0.1:2"; labels tier: "edge" }
automation m { every 1h; do { log "x" } }
fact switch { key name: text; field on: flag, level: number }
"""


def pair(one: str, other: str) -> Conflicts:
    """Two orchestrations: when they act, and what they do."""
    first, second = (text.split(" -> ") for text in (one, other))
    return conflicts(
        rules(
            AGENTS + f"orchestration one {{ {first[0]}; then {{ {first[1]} }} }}\n"
            f"orchestration two {{ {second[0]}; then {{ {second[1]} }} }}\n"
        )
    )


HOT, FULL = "when host.cpu > 90%", "when host.memory > 90%"
EACH_UP = 'for each agent; when agent.status == "up"'


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (f"{HOT} -> stop agent a", f"{FULL} -> start agent a", 1),
        (f"{HOT} -> stop agent a", f"{FULL} -> start agent b", 0),
        (f"{HOT} -> stop agent a", "when host.cpu < 90% -> start agent a", 0),
        (f"{HOT} -> stop agent a", "when host.cpu <= 95% -> start agent a", 1),
        (f"{HOT} -> restart agent a", f"{FULL} -> start agent a", 0),
        (f"{HOT} -> restart agent a", f"{FULL} -> stop agent a", 1),
        (f"{HOT} -> restart agent a", f"{EACH_UP} -> stop agent", 1),
        (f"{HOT} -> restart agent a", 'for each agent where agent.name == "b"; when agent.status == "up" -> stop agent', 0),
        (f"{HOT} -> restart agent a", 'for each agent where agent.name == "a"; when agent.status == "up" -> stop agent', 1),
        (f"{EACH_UP} -> restart agent", 'for each agent; when agent.status == "down" -> stop agent', 0),
        (f"{EACH_UP} -> restart agent", 'for each agent; when agent.status != "down" -> stop agent', 1),
        (f"{HOT} -> pause automation m", f"{FULL} -> resume automation m", 1),
        (f"{HOT} -> pause automation m", f"{FULL} -> resume automation", 0),
        (f"{HOT} -> pause automation m", f"{FULL} -> pause automation m", 0),
        (f'{HOT} -> pause automation where automation.priority < "high"', f"{FULL} -> resume automation m", 1),
        (f"{HOT} -> run m", f"{FULL} -> cancel automation m", 1),
        (f'{HOT} -> set switch "a" on: true', f'{FULL} -> set switch "a" on: false', 1),
        (f'{HOT} -> set switch "a" on: true', f'{FULL} -> set switch "a" on: true', 0),
        (f'{HOT} -> set switch "a" on: true', f'{FULL} -> set switch "b" on: false', 0),
        (f'{HOT} -> set switch "a" on: true', f'{FULL} -> set switch "a" level: 3', 0),
        (f"{HOT}; only if host.memory < 50% -> stop agent a", f"{FULL} -> start agent a", 0),
        (f"{HOT}; unless host.memory > 90% -> stop agent a", f"{FULL} -> start agent a", 0),
        (f"{HOT}; unless host.memory > 95% -> stop agent a", f"{FULL} -> start agent a", 1),
    ],
)  # fmt: skip
def test_pairs(one: str, other: str, shown: int) -> None:
    found = pair(one, other)
    assert (len(found.shown), found.open, found.whole) == (shown, (), True)


def test_the_facts_are_shown() -> None:
    (found,) = pair(
        f"{HOT} -> restart agent a", "for each agent; when agent.latency > 2s -> stop agent"
    ).shown
    assert found.facts is not None
    assert in_words(found.facts, found.world) == 'agent.name is "a", agent.latency is 2.1s, host.cpu is 95%'


def test_what_nobody_can_show_is_open() -> None:
    """Two things that no instant says may exclude each other: nobody knows."""
    found = pair(
        "for each agent; when avg(agent.latency over 5m) > 2s -> stop agent",
        "for each agent; when max(agent.latency over 5m) < 1s -> restart agent",
    )
    assert (found.shown, len(found.open)) == ((), 1)


def test_one_window_may_have_any_value() -> None:
    found = pair(
        "for each agent; when avg(agent.latency over 5m) > 2s -> stop agent", f"{HOT} -> restart agent a"
    )
    assert len(found.shown) == 1


RECOVERY = "on fault down; limit 1 per 1h overall"
DOWN = 'detection down { for each agent; category agent; when agent.status == "down" }\n'
SLOW = "detection slow { for each agent; category agent; when agent.latency > 2s }\n"


@pytest.mark.parametrize(
    ("one", "other", "shown", "rivals"),
    [
        (f"{RECOVERY}; try x {{ restart agent }}", f"{RECOVERY}; try x {{ stop agent }}", 1, 1),
        (f"{RECOVERY}; try x {{ restart agent }}", f"{RECOVERY}; try x {{ signal HUP agent }}", 0, 1),
        (f"{RECOVERY}; priority high; try x {{ restart agent }}", f"{RECOVERY}; try x {{ stop agent }}", 0, 0),
        (f"{RECOVERY}; try x {{ restart agent }}", 'on fault where fault.category == "agent"; limit 1 per 1h overall; try x { stop agent }', 1, 0),
        (f"{RECOVERY}; try x {{ restart agent }}", "on fault slow; limit 1 per 1h overall; try x { stop agent }", 1, 0),
        ('on fault down where fault.subject == "a"; limit 1 per 1h overall; try x { restart agent }',
         'on fault down where fault.subject == "b"; limit 1 per 1h overall; try x { stop agent }', 0, 0),
    ],
)  # fmt: skip
def test_recoveries(one: str, other: str, shown: int, rivals: int) -> None:
    found = conflicts(rules(AGENTS + DOWN + SLOW + f"recovery one {{ {one} }}\nrecovery two {{ {other} }}\n"))
    assert (len(found.shown), len(found.rivals)) == (shown, rivals)


# --- whatever the conditions are -------------------------------------------------------------------------------------------


def orchestration(name: str, when: Expression, level: str) -> Orchestration:
    arguments = (
        ("type", Constant("thing")),
        ("key", Field("thing", ("name",))),
        ("values", MapOf((("level", Constant(level)),))),
    )
    action = Action("set", None, arguments, 60.0, None, True, "none", Place("x.rules", 1))
    head = RuleHead(name, "", Place("x.rules", 1))
    return Orchestration(
        head, Binding("thing", "thing"), Condition(when), None, None, None, (action,), (), None, ()
    )


@settings(deadline=None, max_examples=60)
@given(conditions, conditions)
def test_a_conflict_is_one_and_none_is_none(one: Expression, other: Expression) -> None:
    program = Program(
        fact_types={"thing": THING},
        orchestrations=(orchestration("one", one, "low"), orchestration("two", other, "high")),
    )
    found = conflicts(Rules(program))
    for conflict in found.shown:
        assert conflict.facts is not None
        facts = {"thing": conflict.facts.facts.get("thing", {})}
        assert evaluate(one, facts, NOW) is True
        assert evaluate(other, facts, NOW) is True
    if not found.shown and not found.open:
        names = {str(n.path[0]) for e in (one, other) for n in nodes_of(e) if isinstance(n, Field)}
        for values in all_facts(names):
            facts = {"thing": values}
            assert not (evaluate(one, facts, NOW) is True and evaluate(other, facts, NOW) is True)


def test_what_takes_over_acts_on_the_faults_that_were_given_up_and_on_no_others() -> None:
    text = (
        AGENTS
        + DOWN
        + SLOW
        + "recovery one { on fault down; try x { restart agent }; limit 1 per 1h overall }\n"
        + "recovery two { on exhausted one; try x { stop agent }; limit 1 per 1h overall }\n"
        + "orchestration three { for each agent; when agent.latency > 5s; then { start agent } }\n"
    )
    (found,) = conflicts(rules(text)).shown
    assert (found.one.name, found.other.name) == ("two", "three")
    assert found.facts is not None
    assert found.facts.facts["agent"]["status"] == "down"


def test_each_of_several() -> None:
    found = pair(f"{HOT} -> restart each agent", f"{FULL} -> stop agent a")
    assert len(found.shown) == 1


def test_what_waits_for_a_moment_may_act_at_the_same_time() -> None:
    """A schedule, an event, a fault that follows another: nobody can show that they come together with something else."""
    text = """
        event deploy { field agent: text }
        orchestration three { on event deploy; then { stop agent a } }
    """
    found = conflicts(
        rules(AGENTS + f"orchestration one {{ {HOT}; then {{ start agent a }} }}\n" + dedent(text))
    )
    assert (found.shown, len(found.open)) == ((), 1)


def test_times_of_the_clock() -> None:
    text = """
        fact certificate { key name: text; field expires: time }
        orchestration one { for each certificate; when certificate.expires < now + 14d; then { stop agent a } }
        orchestration two { for each certificate; when certificate.expires > now; then { start agent a } }
    """
    assert len(conflicts(rules(AGENTS + dedent(text))).shown) == 1
