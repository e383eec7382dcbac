"""The table says the most that can be done; a storm of faults on the virtual clock never does more."""

from __future__ import annotations

from itertools import permutations
from math import inf
from random import Random
from textwrap import dedent
from typing import Any

import pytest

from dsl.program import Program
from dsl.proofs.blast import Row, radius
from tests.dsl.checking import program
from tests.engine.world import Behaviour, World

SWARM = """
agent a { health tcp "127.0.0.1:1"; labels tier: "base" }
agent b { health tcp "127.0.0.1:2"; labels tier: "base" }
agent c { health tcp "127.0.0.1:3"; labels tier: "edge" }
agent d { health tcp "127.0.0.1:4" }
detection down { for each agent; category agent; when agent.status == "down" }
detection slow { for each agent; category performance; when agent.latency > 2s }
"""
CONTRACTS = {
    "one action": """
        recovery r { on fault down; try x { restart agent; verify within 5s }; limit 3 per 1m by agent; limit 1 at once overall }
    """,
    "an action that is done again": """
        recovery r {
            on fault down
            try x { restart agent { retry 2 backoff 3s }; verify within 5s }
            limit 2 per 20s by agent; limit 3 per 1m overall
        }
    """,
    "by label and over all": """
        recovery r {
            on fault down
            try x { restart agent; verify within 2s }
            try y { exec ["x"]; restart agent; verify within 2s }
            limit 2 per 30s by agent.labels.tier
            limit 5 per 1m overall
            limit 1 at once by agent.labels.tier
        }
    """,
    "an order that is learned": """
        recovery r {
            on fault down
            order learned
            try x { restart agent; verify within 2s }
            try y { stop agent; start agent; verify within 3s }
            try z { restart agent { retry 1 backoff 1s }; start agent; verify within 2s }
            limit 4 per 30s by agent
            limit 9 per 1m overall
        }
    """,
    "long attempts under a short limit": """
        recovery r {
            on fault down
            try x {
                exec ["a"] { timeout 20s; affects agent.status }
                exec ["b"] { timeout 20s; affects agent.status }
                restart agent
                restart agent
                verify within 1s
            }
            limit 2 per 10s overall
        }
    """,
    "two recoveries of one fault": """
        recovery r { on fault down; priority high; try x { restart agent; verify within 1s }; limit 2 per 20s by agent }
        recovery s { on fault down; try x { stop agent; verify within 1s }; limit 1 per 40s overall }
    """,
    "orchestrations": """
        recovery r { on fault down; try x { restart agent; verify within 5s }; limit 3 per 1m by agent }
        orchestration o {
            for each agent
            when agent.latency > 2s
            then { exec ["x"] { timeout 15s; affects agent.latency }; restart agent where agent.labels.tier == "base" }
            limit 2 per 20s overall
            limit 1 at once by agent
        }
        orchestration p {
            on fault slow
            then { exec ["y"] { affects agent.latency } }
            limit 1 per 30s by agent
        }
    """,
}


def swarm(text: str) -> Program:
    return program(SWARM + dedent(text))


def storm(rules: Program, seed: int, seconds: int) -> World:
    """Agents fall and rise as they like; actions take as long as they like, and fail."""
    random, world = Random(seed), World(rules)
    for _ in range(seconds):
        world.at(world.now + random.choice((0.0, 0.3, 1.0, 2.0)))
        name = random.choice("abcd")
        if random.random() < 0.7:
            world.status(name, random.choice(("down", "down", "up")))
        else:
            world.report("agent", name, latency=random.choice((0.5, 3.0)))
        for kind in ("restart", "exec", "stop"):
            world.behaves[kind] = Behaviour(
                random.choice((0.0, 0.5, 3.0, 14.0)), random.choice(("succeeded", "succeeded", "failed"))
            )
        if random.random() < 0.05:
            world.command("resume", name)
            world.command("start", name)
    return world


def done(world: World, row: Row) -> dict[str, list[float]]:
    """When the actions of a row were begun, by what its limit counts them for."""
    _, name = row.rule.split(" ")
    subjects = {one["id"]: one["subject"] for one in world.table("attempt")}
    found: dict[str, list[float]] = {}
    for action in world.table("action", rule=name, kind=row.action):
        subject = subjects.get(action["attempt_id"])
        found.setdefault(bucket(world, row.scope, subject), []).append(action["intended_at"])
    return found


def bucket(world: World, scope: str, subject: str | None) -> str:
    labels = {"a": "base", "b": "base", "c": "edge"}
    if scope == "overall":
        return ""
    assert subject is not None
    return subject if scope == "each agent" else labels.get(subject, "")


def most_in_a_window(instants: list[float], per: float) -> int:
    return max(sum(1 for other in instants if one <= other < one + per) for one in instants)


@pytest.mark.parametrize("name", CONTRACTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_storm_does_no_more_than_the_table_says(name: str, seed: int) -> None:
    rules = swarm(CONTRACTS[name])
    rows = [row for row in radius(rules).rows if row.per and row.most < inf]
    world = storm(rules, seed, 400)
    assert rows
    reached = 0
    for row in rows:
        counted = done(world, row) if row.rule.startswith("recovery") or row.scope == "overall" else {}
        for instants in counted.values():
            reached = max(reached, len(instants))
            assert row.per is not None
            assert most_in_a_window(instants, row.per) <= row.most, row
    assert reached >= 5, "the storm was none"


def test_the_figures_are_those_of_any_order() -> None:
    """So what `order learned` makes of it is in the table too."""
    steps = [
        "try x { restart agent; verify within 2s }",
        'try y { exec ["x"] { timeout 20s }; stop agent }',
        "try z { restart agent { retry 2 backoff 3s } }",
    ]
    limits = "limit 2 per 20s by agent.labels.tier; limit 5 per 1m overall; limit 1 at once overall"
    tables = {
        radius(swarm(f"recovery r {{ on fault down; order {how}; {'; '.join(order)}; {limits} }}"))
        for how in ("written", "learned")
        for order in permutations(steps)
    }
    assert len(tables) == 1


def test_a_learned_order_is_another_one_in_the_storm() -> None:
    """Else that a storm holds the limits would say nothing of it."""
    world = storm(swarm(CONTRACTS["an order that is learned"]), 1, 400)
    orders = {row["step_order"] for row in world.table("recovery") if "step_order" in row}
    assert len(orders) > 1


def test_a_limit_is_reached_and_not_exceeded() -> None:
    """The figure is no idle bound: as many are done, and not one more."""
    rules = swarm(CONTRACTS["one action"])
    (row,) = [row for row in radius(rules).rows if row.per]
    world = storm(rules, 1, 600)
    assert max(most_in_a_window(instants, 60.0) for instants in done(world, row).values()) == row.most == 3


def test_actions_at_once() -> None:
    rules = swarm(CONTRACTS["one action"])
    (row,) = [row for row in radius(rules).rows if row.per is None]
    assert row.most == 1
    world = storm(rules, 4, 600)
    spans = [(one["intended_at"], one.get("ended_at", inf)) for one in world.table("action", kind="restart")]
    assert all(sum(1 for start, end in spans if start < one[0] < end) <= row.most for one in spans)


def labels_of(text: str) -> dict[tuple[str, str], float]:
    return {(one.label, one.action): one.most for one in radius(swarm(text)).labels}


def test_by_label() -> None:
    found = labels_of("recovery r { on fault down; try x { restart agent }; limit 3 per 1h by agent }")
    assert found == {('tier "base"', "restart"): 6, ('tier "edge"', "restart"): 3}


def test_by_label_what_is_done_to_one_agent() -> None:
    text = "detection hot { category resource; when host.cpu > 90% }"
    found = labels_of(text + "\nrecovery r { on fault hot; try x { stop agent c }; limit 2 per 10m overall }")
    assert found == {('tier "edge"', "stop"): 12}


def test_by_label_without_a_limit() -> None:
    found = labels_of("orchestration o { for each agent; when agent.latency > 9s; then { restart agent } }")
    assert set(found.values()) == {inf}


@pytest.mark.parametrize(
    ("clause", "most"),
    [
        ("limit 3 per 1h by agent", [3]),
        ("limit 3 per 1h by agent; limit 2 at once overall", [3, 2]),
        ("limit 2 at once overall", [2, inf]),
    ],
)
def test_what_bounds_nothing_is_said(clause: str, most: list[float]) -> None:
    rules = swarm(f"recovery r {{ on fault down; try x {{ restart agent }}; {clause} }}")
    assert [row.most for row in radius(rules).rows] == most


def test_what_is_done_when_a_recovery_gives_up_is_bounded_by_nothing() -> None:
    text = 'recovery r { on fault down; try x { restart agent }; otherwise { exec ["x"] }; limit 1 per 1h by agent }'
    rows: list[Any] = [(row.action, row.most) for row in radius(swarm(text)).rows]
    assert rows == [("restart", 1), ("exec", inf)]


def test_a_run_of_a_workflow_with_all_its_tries() -> None:
    text = """
        workflow w {
            step s { exec ["x"]; retry 2; undo { exec ["y"] } }
            step t { after s; for each agent; http get "{agent.url}/x" }
        }
        automation m { every 1h; run w }
    """
    rows = [(row.action, row.most, row.by) for row in radius(swarm(text)).rows]
    assert rows == [("exec", 4, "every 1h"), ("http", 4, "every 1h")]


def test_an_agent_s_own_limit() -> None:
    text = SWARM.replace(
        'agent c { health tcp "127.0.0.1:3";', 'agent c { limit 2 per 10m by agent; health tcp "127.0.0.1:3";'
    )
    rules = program(
        text + "orchestration o { for each agent; when agent.latency > 9s; then { restart agent } }"
    )
    found = radius(rules)
    assert [(row.action, row.most, row.per) for row in found.rows if row.rule == "agent c"] == [
        ("all", 2, 600.0)
    ]
    assert {one.label: one.most for one in found.labels} == {'tier "base"': inf, 'tier "edge"': 12}
    world = World(rules)
    for _ in range(200):
        world.at(world.now + 5.0).report("agent", "c", latency=10.0)
        world.at(world.now + 5.0).report("agent", "c", latency=1.0)
    instants = [at for at, _, target in world.did("restart") if target == "c"]
    assert most_in_a_window(instants, 600.0) == 2
