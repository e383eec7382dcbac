"""Random walks through everything: the engine never crashes, and what must always be true is true at every step."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from dsl.program import Limit, Recovery
from engine.effects import Do, Record
from tests.engine.swarm import swarm, walk
from tests.engine.world import World

SIZE = 6
SHARED = ("fault", "recovery", "attempt", "action", "alert", "shadow_action")
ENDS = {"fault": "closed_at", "recovery": "ended_at", "attempt": "ended_at", "action": "ended_at"}
BEGINS = {"fault": "raised_at", "recovery": "started_at", "attempt": "started_at", "action": "intended_at"}


def believe(world: World) -> None:
    unique_ids(world)
    what_ends_began(world)
    one_fault_a_subject(world)
    one_owner_a_fault(world)
    nothing_acts_on_one_thing_twice(world)
    within_limits(world, {rule.head.name: rule for rule in swarm(SIZE).recoveries})


def unique_ids(world: World) -> None:
    ids = Counter(identity for table in SHARED for identity in world.rows.get(table, {}))
    assert max(ids.values(), default=1) == 1


def what_ends_began(world: World) -> None:
    for table, ended in ENDS.items():
        for row in world.table(table):
            assert BEGINS[table] in row, f"{table} {row}"
            assert (ended in row) == (row.get("outcome") is not None)
            assert row.get(ended, row[BEGINS[table]]) >= row[BEGINS[table]]
    first: dict[tuple[str, int], Record] = {}
    for effect in world.effects:
        if isinstance(effect, Record) and effect.table in BEGINS:
            first.setdefault((effect.table, effect.id), effect)
    assert all(BEGINS[table] in record.values for (table, _), record in first.items())


def spans(rows: list[Any], begins: str, ends: str) -> list[tuple[float, float]]:
    return [(row[begins], row.get(ends, float("inf"))) for row in rows]


def follow_each_other(found: list[tuple[float, float]]) -> bool:
    return all(first[1] <= second[0] for first, second in pairwise(sorted(found)))


def one_fault_a_subject(world: World) -> None:
    subjects = {(row["rule"], row["subject_type"], row["subject"]) for row in world.faults()}
    for rule, kind, subject in subjects:
        same = world.faults(rule=rule, subject_type=kind, subject=subject)
        assert follow_each_other(spans(same, "raised_at", "closed_at"))


def one_owner_a_fault(world: World) -> None:
    for fault in world.faults():
        assert follow_each_other(
            spans(world.table("recovery", fault_id=fault["id"]), "started_at", "ended_at")
        )


def nothing_acts_on_one_thing_twice(world: World) -> None:
    """Attempts on the same fault's subject, or whose actions have the same target, are never under way together."""
    touched: dict[tuple[str, str], dict[int, Any]] = {}
    faults = world.rows.get("fault", {})
    attempts = world.rows.get("attempt", {})
    for attempt in attempts.values():
        fault = faults[attempt["fault_id"]]
        touched.setdefault((fault["subject_type"], fault["subject"]), {})[attempt["id"]] = attempt
    for action in world.table("action"):
        if action["attempt_id"] is not None and action["target"] is not None:
            touched.setdefault(("agent", action["target"]), {})[action["attempt_id"]] = attempts[
                action["attempt_id"]
            ]
    for rows in touched.values():
        assert follow_each_other(spans(list(rows.values()), "started_at", "ended_at"))


def within_limits(world: World, rules: dict[str, Recovery]) -> None:
    for rule in rules.values():
        rows = world.table("attempt", rule=rule.head.name)
        for limit in rule.limits:
            buckets: dict[str, list[Any]] = {}
            for row in rows:
                buckets.setdefault(json.loads(row["scope"]).get(scope_of(limit)), []).append(row)
            for found in buckets.values():
                assert most(found, limit) <= limit.count, f"{limit} of {rule.head.name}"


def scope_of(limit: Limit) -> str:
    return ".".join(limit.scope) if limit.scope else "overall"


def most(rows: list[Any], limit: Limit) -> int:
    """The most attempts in any window, or at once."""
    if limit.per is None:
        alive = [(row["started_at"], row.get("ended_at", float("inf"))) for row in rows]
        return max((sum(1 for b, e in alive if b <= at < e) for at, _ in alive), default=0)
    starts = [row["started_at"] for row in rows]
    return max((sum(1 for other in starts if at <= other < at + limit.per) for at in starts), default=0)


@pytest.mark.parametrize("seed", range(12))
def test_an_orderly_walk(seed: int) -> None:
    world = World(swarm(SIZE))
    walk(world, Random(seed), SIZE, 250)
    believe(world)
    assert not [row for row in world.table("derivation") if "the chaining was rebuilt" in row["line"]]


@pytest.mark.parametrize("seed", range(100, 125))
def test_a_walk_through_anything(seed: int) -> None:
    """Events from the past, about nobody, with values of any kind, answers nobody waits for."""
    world = World(swarm(SIZE))
    walk(world, Random(seed), SIZE, 250, orderly=False)
    believe(world)


def test_the_walks_go_everywhere() -> None:
    """A walk that meets nothing would prove nothing."""
    outcomes: Counter[tuple[str, Any]] = Counter()
    for seed in range(12):
        world = World(swarm(SIZE))
        walk(world, Random(seed), SIZE, 250)
        outcomes += Counter((table, row.get("outcome")) for table in SHARED for row in world.table(table))
    for table, wanted in {
        "fault": ("cleared", "suppressed", None),
        "recovery": ("succeeded", "failed", "unneeded", "exhausted"),
        "attempt": ("succeeded", "failed", "unneeded"),
        "action": ("succeeded", "failed", "timed_out"),
        "alert": ("sent", "failed", "inhibited", "withdrawn"),
    }.items():
        for outcome in wanted:
            assert outcomes[table, outcome], f"no {table} was ever {outcome}"


def test_the_alarm_is_the_earliest_due() -> None:
    """Whatever happens next by itself happens at the instant of the last `Wake`, and nothing before it."""
    random = Random(7)
    world = World(swarm(SIZE))
    for _ in range(300):
        walk(world, random, SIZE, 1, reloads=False)
        assert world.wake_at == world.engine.alarms.earliest()


def test_nothing_is_done_that_was_not_stored_durably() -> None:
    world = World(swarm(SIZE))
    walk(world, Random(3), SIZE, 400)
    stored: set[int] = set()
    for effect in world.effects:
        if isinstance(effect, Record) and effect.table == "action" and effect.durable:
            stored.add(effect.id)
        elif isinstance(effect, Do):
            assert effect.action in stored
    assert len([effect for effect in world.effects if isinstance(effect, Do)]) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_a_long_walk_through_anything(seed: int) -> None:
    world = World(swarm(SIZE))
    walk(world, Random(seed), SIZE, 1500, orderly=seed % 2 == 0)
    believe(world)
    world.close()
