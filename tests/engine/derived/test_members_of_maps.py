"""Groups and joins by a member of a map: `for each service by labels.tier`."""

from __future__ import annotations

from tests.dsl.checking import program
from tests.engine.world import World

_GROUND = """\
fact service { key name; field up: flag, labels: map }
fact zone { key name; field labels: map, load: number }
channel c { url "log:" }
"""
_GROUPED = """\
detection few {
    for each service by labels.tier
    category agent
    when count(service where service.up) < 2 and service.labels.tier != "spare"
    message "{service.labels.tier}: {count(service)}"
    notify c
}
"""
_JOINED = """\
detection loaded {
    for each service, zone matching labels.tier
    category agent
    when service.up and zone.load > 3
    notify c
}
"""


def _world(rules: str) -> World:
    return World(program(_GROUND + rules, all_runs=True))


def _report(world: World, name: str, tier: str, *, up: bool) -> None:
    world.report("service", name, name=name, up=up, labels={"tier": tier})


def test_a_group() -> None:
    world = _world(_GROUPED)
    for name, tier, up in (
        ("a", "front", True),
        ("b", "front", True),
        ("c", "back", True),
        ("d", "spare", False),
    ):
        _report(world, name, tier, up=up)
    assert world.open_faults() == {("few", "back")}
    assert world.fault("few")["message"] == "back: 1"


def test_a_member_that_goes_over_to_another_group() -> None:
    world = _world(_GROUPED)
    for name, tier in (("a", "front"), ("b", "front"), ("c", "back"), ("d", "back")):
        _report(world, name, tier, up=True)
    assert world.open_faults() == set()
    _report(world, "b", "back", up=True)
    assert world.open_faults() == {("few", "front")}


def test_a_join() -> None:
    world = _world(_JOINED)
    _report(world, "a", "front", up=True)
    _report(world, "b", "back", up=True)
    world.report("zone", "z", name="z", labels={"tier": "front"}, load=5.0)
    assert world.open_faults() == {("loaded", "a, z")}
    world.report("zone", "z", name="z", labels={"tier": "back"}, load=5.0)
    assert world.open_faults() == {("loaded", "b, z")}
