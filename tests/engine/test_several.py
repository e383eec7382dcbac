"""`restart each agent where … ordered by needs, 2 at once`: what a clause chooses, so many at the same time, in order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dsl.checking import program
from tests.engine.work.work_world import Goes, WorkWorld

GROUND = """
agent front { health tcp "127.0.0.1:1"; needs api; labels tier: "x" }
agent api { health tcp "127.0.0.1:2"; needs store; labels tier: "x" }
agent store { health tcp "127.0.0.1:3"; labels tier: "x" }
agent side { health tcp "127.0.0.1:4"; labels tier: "x" }
agent other { health tcp "127.0.0.1:5" }
detection down { for each agent; severity error; category agent; when agent.status == "down" }
"""
X = 'where agent.labels.tier == "x"'


def world(rules: str, **goes: Any) -> WorkWorld:
    return WorkWorld(program(GROUND + rules), **goes)


def automation(*actions: str, **goes: Any) -> WorkWorld:
    found = world(f"automation roll {{ every 1h; do {{ {'; '.join(actions)} }} }}", **goes)
    found.run("roll")
    return found


def recovery(*actions: str, **goes: Any) -> WorkWorld:
    body = "; ".join(actions)
    found = world(
        f"recovery r {{ on fault down; try x {{ {body}; verify within 5s }}; limit 9 per 1h overall }}",
        **goes,
    )
    found.status("other", "down")
    return found


BOTH = pytest.mark.parametrize("asked", [automation, recovery])


def began(found: WorkWorld) -> list[tuple[float, str | None]]:
    return [(round(at, 6), target) for at, _, target in found.did()]


@BOTH
def test_all_at_the_same_time(asked: Any) -> None:
    found = asked(f"restart each agent {X}").at(10)
    assert sorted(began(found)) == [(1, "api"), (1, "front"), (1, "side"), (1, "store")]


@BOTH
def test_so_many_at_once(asked: Any) -> None:
    found = asked(f"restart each agent {X}, 3 at once").at(10)
    assert [at for at, _ in began(found)] == [1, 1, 1, 2]


@BOTH
def test_each_after_those_that_it_needs(asked: Any) -> None:
    found = asked(f"restart each agent {X} ordered by needs").at(10)
    assert sorted(began(found)) == [(1, "side"), (1, "store"), (2, "api"), (3, "front")]


@BOTH
def test_stopped_before_what_they_need(asked: Any) -> None:
    found = asked(f"stop each agent {X} ordered by needs").at(10)
    assert sorted(began(found)) == [(1, "front"), (1, "side"), (2, "api"), (3, "store")]


@BOTH
def test_ordered_and_one_at_once(asked: Any) -> None:
    found = asked(f"start each agent {X} ordered by needs, 1 at once").at(10)
    assert [at for at, _ in began(found)] == [1, 2, 3, 4]
    order = [target for _, target in began(found)]
    assert order.index("store") < order.index("api") < order.index("front")


@BOTH
def test_what_stands_after_it_waits_for_all(asked: Any) -> None:
    found = asked(f"restart each agent {X}, 2 at once", 'exec ["/bin/x"]').at(10)
    assert [(round(at, 6), kind) for at, kind, _ in found.did()][-2:] == [(2, "restart"), (3, "exec")]


@BOTH
def test_after_a_failure_nothing_more_begins_and_what_runs_is_waited_for(asked: Any) -> None:
    goes = iter([Goes(1.0, "failed", "no"), Goes(5.0)])
    found = asked(f"restart each agent {X}, 2 at once", restart=lambda do: next(goes)).at(5)
    assert [at for at, _ in began(found)] == [1, 1]
    table, ended = ("attempt", "outcome") if asked is recovery else ("automation_run", "status")
    assert found.table(table)[0].get(ended) != "failed"
    found.at(6)
    assert found.table(table)[0][ended] == "failed"
    assert found.table(table)[0]["ended_at"] == 6


def test_a_need_of_a_need_that_was_not_chosen_still_orders() -> None:
    chosen = 'where agent.name == "front" or agent.name == "store"'
    found = automation(f"restart each agent {chosen} ordered by needs").at(10)
    assert began(found) == [(1, "store"), (2, "front")]


def test_cancelled_in_the_middle() -> None:
    found = automation(f"restart each agent {X}, 1 at once", restart=Goes(10.0)).at(15)
    found.command("cancel", "roll")
    found.at(100)
    assert [at for at, _ in began(found)] == [1, 11]
    assert found.automation_runs("roll") == [("hand", "cancelled")]


def test_an_agent_that_a_recovery_takes_meanwhile_is_left_alone() -> None:
    chosen = 'where agent.name == "store" or agent.name == "other"'
    rules = f"""
recovery r {{ on fault down; try x {{ restart agent; verify within 60s }}; limit 9 per 1h overall }}
automation roll {{ every 1h; do {{ restart each agent {chosen}, 1 at once }} }}
"""
    found = world(rules, restart=Goes(5.0))
    found.run("roll")
    (first,) = [target for _, target in began(found)]
    found.status("other" if first == "store" else "store", "down")
    found.at(20)
    assert [at for at, target in began(found) if target != first] == [1]
    assert found.automation_runs("roll") == [("hand", "failed")]
