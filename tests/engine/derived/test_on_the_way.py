"""What is counted anew passes through values that were never true: no hold ends for them. And who cannot count leaves nothing open."""

from __future__ import annotations

import pytest

from tests.dsl.checking import program
from tests.engine.world import World

_GROUND = """\
fact item { key name; field tier: text, x: number }
fact other { key name; field tier: text, x: number }
"""
_TIERS = """\
derive made { for each item; field value = sum(other.x where other.tier == item.tier) }
detection loaded {
    for each made
    category agent
    severity warning  when made.value > 100
    severity critical when made.value > 1 for 10s
}
"""


def _detection(condition: str) -> str:
    return f"detection d {{ for each item; category agent; when {condition} }}\n"


def test_the_hold_of_a_tier_goes_on_over_a_reload() -> None:
    rules = program(_GROUND + _TIERS, all_runs=True)
    world = World(rules)
    world.report("item", "i", name="i", tier="a")
    world.report("other", "o", name="o", tier="a", x=2.0)
    world.report("other", "p", name="p", tier="a", x=2.0)
    world.at(6.0)
    world.load(rules)
    world.at(9.5)
    assert not world.faults()
    world.at(10.0)
    assert [(row["raised_at"], row["severity"]) for row in world.faults()] == [(10.0, "critical")]


@pytest.mark.parametrize(
    "condition",
    [
        "count(other where other.tier == item.tier and other.x > 5) == 0",
        "no(other where other.tier == item.tier and other.x > 5)",
        "all(other where other.tier == item.tier satisfy other.x < 5)",
    ],
)
def test_whoever_it_is_compared_with_nobody_is_against_it(condition: str) -> None:
    world = World(program(_GROUND + _detection(condition), all_runs=True))
    world.report("other", "o", name="o", tier="a", x=1.0)
    world.report("other", "p", name="p", x=2.0)  # of a tier that is not known
    world.report("item", "i", name="i")  # as its own
    assert [row["unconfirmed"] for row in world.faults()] == [False]
