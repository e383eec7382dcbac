"""A counter that appears after its source was asked before began at 0 (meaning 8)."""

from __future__ import annotations

from dsl.expressions import Compare, Constant, Window
from tests.engine.programs import detection, field, program
from tests.engine.world import World

GREW = detection(
    "grew",
    Compare(">=", Window("increase", field("metric.errors"), "metric", over=60.0), Constant(5.0)),
    of="metric",
)


def scrape(world: World, at: float, **errors: float) -> None:
    """A look of the probe `m`: its facts, then how it went."""
    world.at(at)
    for name, value in errors.items():
        world.report("metric", name, source="m", fresh_for=45.0, name=name, errors=value)
    world.report("probe", "m", source="m", fresh_for=45.0, ok=True, last_success=at)


def test_what_was_there_at_the_first_look_counted_long_before() -> None:
    world = World(program(GREW))
    scrape(world, 0.0, a=7.0)
    scrape(world, 15.0, a=7.0)
    assert world.open_faults() == set()


def test_what_came_later_began_at_nothing() -> None:
    world = World(program(GREW))
    scrape(world, 0.0, a=7.0)
    scrape(world, 15.0, a=7.0, b=6.0)
    assert world.open_faults() == {("grew", "b")}


def test_without_a_probe_nobody_knows() -> None:
    world = World(program(GREW))
    world.report("metric", "b", name="b", errors=6.0)
    assert world.open_faults() == set()
