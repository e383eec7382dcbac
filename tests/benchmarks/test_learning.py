"""What the suite holds `order learned` against can be broken: the checks see it."""

from __future__ import annotations

from benchmarks.learning import WORLDS, Step, Told, World, beyond, chances, faults_of, moved, played

MIXED = World(
    "mixed",
    (Step("a", "log"), Step("b"), Step("c")),
    chances(lambda n: (0.0, 0.0, 1.0)),
    limit=2,
    per_s=100.0,
)


def test_one_more_than_the_limit_is_counted() -> None:
    assert beyond(MIXED, Told(attempts=[(0.0, 1, "b"), (50.0, 1, "c"), (100.0, 2, "b")])) == 0
    assert beyond(MIXED, Told(attempts=[(0.0, 1, "b"), (50.0, 1, "c"), (99.0, 2, "b")])) == 1


def test_a_step_in_the_place_of_another_class_is_counted() -> None:
    assert moved(MIXED, Told(attempts=[(0.0, 1, "a"), (1.0, 1, "c"), (2.0, 2, "a"), (3.0, 2, "b")])) == 0
    assert moved(MIXED, Told(attempts=[(0.0, 1, "b"), (1.0, 1, "a")])) == 1


def test_only_orders_that_the_classes_allow_are_compared() -> None:
    orders = [[step.name for step in order] for order in MIXED.orders()]
    assert orders == [["a", "b", "c"], ["a", "c", "b"]]


def test_every_order_meets_the_same_faults_and_the_same_outcome_follows() -> None:
    world = WORLDS[0]
    faults = faults_of(world, 1)[:40]
    assert faults == faults_of(world, 1)[:40] != faults_of(world, 2)[:40]
    told = [played(world, world.steps, "learned", faults) for _ in range(2)]
    assert told[0] == told[1]
    assert told[0].seconds < played(world, world.steps[::-1], "written", faults).seconds
