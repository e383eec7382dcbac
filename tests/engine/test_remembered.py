"""What goes on after a restart beside the rows of tables: holds, windows, events, agents that are not to run."""

from __future__ import annotations

import msgspec
import pytest

from dsl.program import Program
from engine.engine import Engine
from engine.events import Happened, Restored, TimePassed
from engine.knowledge.remembered import Conditions, Windows
from tests.dsl.checking import program
from tests.engine.world import World

GROUND = """\
fact item { key name; field x: number, y: number }
event deploy { field item: text }
channel c { url "log:" }
agent worker { unit process ["/bin/worker"]; health http "http://localhost:1/" }
"""


def rules(*conditions: str) -> Program:
    """Detections `d0`, `d1`, … of these conditions on each item."""
    texts = [
        f"detection d{number} {{ for each item; category agent; when {condition}; notify c }}\n"
        for number, condition in enumerate(conditions)
    ]
    return program(GROUND + "".join(texts), all_runs=True)


def ended(world: World) -> tuple[bytes, bytes]:
    """What the shell stored of it last."""
    world.send(TimePassed(world.now))
    return msgspec.json.encode(world.engine.conditions()), msgspec.json.encode(world.engine.windows())


def begun_again(kept: tuple[bytes, bytes], program: Program, at: float) -> World:
    """Another life, which knows nothing else."""
    world = World(at=at)
    world.engine = Engine()
    world.load(program)
    world.send(
        Restored(
            at,
            conditions=msgspec.json.decode(kept[0], type=Conditions),
            windows=msgspec.json.decode(kept[1], type=Windows),
        )
    )
    return world


def held(program: Program, **more: float) -> tuple[bytes, bytes]:
    """It has been true of `p` since 100, and volexd ends at 130."""
    world = World(program, at=100.0)
    world.report("item", "p", fresh_for=60.0, name="p", x=9.0, y=0.0)
    world.at(120)
    world.report("item", "p", fresh_for=60.0, name="p", x=9.0, y=0.0)
    return ended(world.at(130))


HOLD = "item.x > 5 for 1m"


def test_a_hold_goes_on_with_the_first_sample_that_says_so() -> None:
    world = begun_again(held(rules(HOLD)), rules(HOLD), 150.0)
    assert world.engine.taken_up == (1, 0, 0)
    world.report("item", "p", fresh_for=60.0, name="p", x=8.0)
    world.at(159)
    assert world.open_faults() == set()
    world.at(160)
    assert world.fault("d0")["began_at"] == 100.0


def test_a_hold_that_was_long_enough_meanwhile_waits_for_a_sample() -> None:
    world = begun_again(held(rules(HOLD)), rules(HOLD), 165.0)
    assert world.at(175).open_faults() == set()
    world.report("item", "p", fresh_for=60.0, name="p", x=8.0)
    assert world.open_faults() == {("d0", "p")}


def test_a_hold_begins_anew_when_what_was_known_went_stale() -> None:
    world = begun_again(held(rules(HOLD)), rules(HOLD), 150.0)
    world.at(181).report("item", "p", fresh_for=600.0, name="p", x=8.0)
    world.at(240)
    assert world.open_faults() == set()
    world.at(241)
    assert world.fault("d0")["began_at"] == 181.0
    assert begun_again(held(rules(HOLD)), rules(HOLD), 181.0).engine.taken_up == (0, 0, 1)


def test_a_hold_begins_anew_when_the_first_sample_denies_it() -> None:
    world = begun_again(held(rules(HOLD)), rules(HOLD), 140.0)
    world.report("item", "p", fresh_for=600.0, name="p", x=1.0)
    world.at(142).report("item", "p", fresh_for=600.0, name="p", x=8.0)
    world.at(202)
    assert world.fault("d0")["began_at"] == 142.0


def test_a_sample_that_does_not_speak_of_it_leaves_a_hold_waiting() -> None:
    world = begun_again(held(rules(HOLD)), rules(HOLD), 140.0)
    world.report("item", "p", fresh_for=600.0, name="p", y=1.0)
    world.at(150).report("item", "p", fresh_for=600.0, name="p", x=8.0)
    assert world.at(160).fault("d0")["began_at"] == 100.0


def test_a_hold_follows_the_meaning_of_its_rule_and_not_its_place() -> None:
    """Slots have other numbers when a rule before it is new; a hold of a changed condition begins anew."""
    condition = "max(item.x over 10m) > 5 for 1m"
    before = rules(condition)
    moved = program(
        GROUND + "detection first { for each item; category agent; when min(item.y over 1h) > 5; notify c }\n"
        f"detection d0 {{ for each item; category agent; when {condition}; notify c }}\n",
        all_runs=True,
    )
    assert begun_again(held(before), moved, 150.0).engine.taken_up.holds == 1
    world = begun_again(held(before), rules(condition.replace("5", "6")), 150.0)
    assert (world.engine.taken_up.holds, world.engine.taken_up.reset) == (0, 1)


def test_a_hold_survives_two_restarts_before_it_is_seen_again() -> None:
    between = begun_again(held(rules(HOLD)), rules(HOLD), 140.0)
    world = begun_again(ended(between.at(145)), rules(HOLD), 150.0)
    world.report("item", "p", fresh_for=60.0, name="p", x=8.0)
    assert world.at(160).fault("d0")["began_at"] == 100.0


def test_what_nobody_has_said_for_a_restart_is_believed_as_long_as_the_hold() -> None:
    """Of a value that never goes stale nobody knows what it was meanwhile."""
    world = World(rules(HOLD), at=100.0)
    world.report("item", "p", name="p", x=9.0)
    kept = ended(world.at(130))
    for at, began in ((189.0, 100.0), (191.0, 191.0)):
        again = begun_again(kept, rules(HOLD), at)
        again.report("item", "p", name="p", x=9.0)
        assert again.at(300).fault("d0")["began_at"] == began


def test_tiers_go_on() -> None:
    text = (
        GROUND + "detection d0 { for each item; category agent; notify c\n"
        "    severity warning when item.x > 5 for 1m\n    severity critical when item.x > 5 for 2m }\n"
    )
    tiers = program(text, all_runs=True)
    world = begun_again(held(tiers), tiers, 150.0)
    world.report("item", "p", fresh_for=600.0, name="p", x=9.0)
    assert world.at(159).open_faults() == set()
    assert world.at(160).fault("d0")["severity"] == "warning"
    assert world.at(219).fault("d0")["severity"] == "warning"
    assert world.at(220).fault("d0")["severity"] == "critical"


def test_windows_go_on_with_a_gap() -> None:
    windows = rules("max(item.x over 10m) > 50", "changes(item.y over 10m) >= 2")
    world = World(windows, at=0.0)
    for second in range(0, 300, 10):
        world.at(float(second))
        world.report(
            "item", "p", fresh_for=30.0, name="p", x=60.0 if second == 100 else 1.0, y=float(second > 50)
        )
    world = begun_again(ended(world), windows, 400.0)
    assert world.engine.taken_up.windows == 2
    for second in range(400, 500, 10):
        world.at(float(second))
        world.report("item", "p", fresh_for=30.0, name="p", x=1.0, y=0.0)
    assert world.open_faults() == {("d0", "p"), ("d1", "p")}


def test_events_keep_their_instants() -> None:
    events = rules("count(event deploy where deploy.item == item.name over 5m) >= 2")
    world = World(events, at=0.0)
    for at in (100.0, 200.0):
        world.at(at)
        world.send(Happened(at, "deploy", {"item": "p"}, at))
    world = begun_again(ended(world.at(210)), events, 250.0)
    world.report("item", "p", name="p", x=1.0)
    assert world.open_faults() == {("d0", "p")}
    assert world.at(400).open_faults() == set()


@pytest.mark.parametrize("command", ["stop", "pause"])
def test_agents_that_somebody_stopped_or_paused_stay_so(command: str) -> None:
    world = World(rules(HOLD))
    world.unit("worker", True, 7)
    world.command(command, "worker")
    world = begun_again(ended(world.at(10)), rules(HOLD), 20.0)
    state = world.engine.agents.states["worker"]
    assert (state.wanted, state.paused) == (command != "stop", command == "pause")
    world.command("start" if command == "stop" else "resume", "worker")
    assert (state.wanted, state.paused) == (True, False)


def test_what_was_kept_by_another_release_and_cannot_be_read_begins_anew() -> None:
    windows = rules("max(item.x over 10m) > 50")
    world = World(windows, at=100.0)
    world.report("item", "p", name="p", x=60.0)
    kept = world.engine.windows()
    broken = [msgspec.structs.replace(one, samples=msgspec.Raw(b'{"entries": 1}')) for one in kept.series]
    again = (msgspec.json.encode(Conditions()), msgspec.json.encode(Windows(broken)))
    world = begun_again(again, windows, 110.0)
    world.report("item", "p", name="p", x=70.0)
    assert world.open_faults() == {("d0", "p")}


def test_of_too_many_series_the_shortest_are_kept_and_the_others_counted() -> None:
    world = World(rules("max(item.x over 10m) > 50"))
    for at in range(3):
        world.at(float(at)).report("item", "long", name="long", x=float(at))
    world.report("item", "short", name="short", x=1.0)
    kept = world.engine.derivation.kept_windows(2)
    assert ([one.key for one in kept.series], kept.left_out) == (["short"], 1)
