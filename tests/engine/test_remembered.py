"""What goes on after a restart beside the rows of tables: holds, windows, events, agents that are not to run."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dsl.program import Program
from engine.engine import Engine
from engine.events import Happened, Restored, TimePassed
from engine.knowledge.remembered import Conditions, Windows
from tests.dsl.checking import program
from tests.engine.work.work_world import WorkWorld
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


def begun_again(kept: tuple[bytes, bytes], program: Program, at: float, rows: Any = None) -> WorkWorld:
    """Another life, which knows nothing else; but for rows of automations and their runs, if they are given."""
    found = WorkWorld(at=at)
    found.engine = Engine(1 + max((max(table) for table in (rows or {}).values()), default=0))
    found.rows = rows or {}
    found.load(program)
    found.send(
        Restored(
            at,
            automations=tuple({"next_at": None, **row} for row in found.table("automation")),
            conditions=msgspec.json.decode(kept[0], type=Conditions),
            windows=msgspec.json.decode(kept[1], type=Windows),
        )
    )
    return found


def lost(world: World) -> tuple[dict[str, int], list[str]]:
    """What is kept, and what is said of the rest."""
    taken_up = world.engine.taken_up
    return dict(taken_up.kept), [one.said() for one in taken_up.resets]


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
    assert lost(world) == ({"holds": 1}, [])
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
    assert lost(begun_again(held(rules(HOLD)), rules(HOLD), 181.0)) == (
        {},
        ["holds of d0 (1): what was known of it went stale 1s ago, while volexd did not run"],
    )


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
    assert begun_again(held(before), moved, 150.0).engine.taken_up.kept["holds"] == 1
    world = begun_again(held(before), rules(condition.replace("5", "6")), 150.0)
    assert lost(world) == (
        {"windows": 1},
        ["holds of d0 (1): its condition means something else now"],
    )


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
    assert world.engine.taken_up.kept["windows"] == 2
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


# --- states, pauses, first events ---------------------------------------------------------------------------------------

WORK = """\
workflow build { step one { exec ["/bin/one"] } }
automation hourly { every 1h; run build }
"""
BUSY = WORK + (
    "orchestration busy { for each item; when item.x > 5; then { pause automation hourly; pause agent worker; exec"
    ' ["/bin/more"] }; afterwards { resume automation; resume agent } }\n'
)


def busy() -> tuple[Program, WorkWorld]:
    """A state holds, what it pauses is paused, and the command that it runs is done."""
    ground = program(GROUND + BUSY, all_runs=True)
    world = WorkWorld(ground, at=100.0)
    world.unit("worker", True, 7)
    world.report("item", "p", fresh_for=60.0, name="p", x=9.0)
    world.at(110)
    return ground, world


def paused(world: World) -> tuple[bool, bool]:
    """The agent, and the automation."""
    engine = world.engine
    return engine.agents.states["worker"].paused, engine.work.automations.known["hourly"].paused


def test_a_state_goes_on_and_its_pauses_end_with_it() -> None:
    """What was done when it began is not done again, and what it paused is resumed when its end is seen."""
    ground, world = busy()
    assert [kind for _, kind, _ in world.did()] == ["pause", "pause", "exec"]
    world = begun_again(ended(world), ground, 150.0, world.rows)
    assert lost(world)[0] == {"states": 1, "pauses": 2, "schedules": 1}
    assert paused(world) == (True, True)
    world.report("item", "p", fresh_for=60.0, name="p", x=8.0)
    assert len(world.did()) == 3, "it is not done again"
    world.report("item", "p", fresh_for=60.0, name="p", x=1.0)
    assert paused(world) == (False, False)


def test_a_pause_by_a_state_of_which_the_rule_is_gone_is_lifted() -> None:
    _, world = busy()
    world = begun_again(ended(world), program(GROUND + WORK, all_runs=True), 150.0)
    assert not world.engine.agents.states["worker"].paused
    assert lost(world)[1] == [
        "states of orchestration busy (1): the rule is gone",
        "pauses of automation hourly of orchestration busy on p (1): the rule is gone",
        "pauses of agent worker of orchestration busy on p (1): the rule is gone",
    ]


NIGHT = WORK + "automation night { every 1d; do { pause agent worker } }\n"


@pytest.mark.parametrize(
    ("rules_then", "is_paused"), [(NIGHT, True), (WORK, False)], ids=["in force", "gone"]
)
def test_a_pause_by_an_automation_goes_on_while_that_is_there(rules_then: str, is_paused: bool) -> None:
    world = WorkWorld(program(GROUND + NIGHT, all_runs=True), at=100.0)
    world.unit("worker", True, 7)
    world.command("run", "night")
    kept = ended(world.at(110))
    world = begun_again(kept, program(GROUND + rules_then, all_runs=True), 150.0)
    assert paused(world) == (is_paused, False)
    assert [line for line in lost(world)[1] if "pauses" in line] == (
        [] if is_paused else ["pauses of agent worker of automation night (1): the rule is gone"]
    )


SEQUENCE = (
    "event again { field item: text }\n"
    "orchestration after { for each item; on event deploy where deploy.item == item.name followed by event again"
    ' where again.item == deploy.item within 1m; limit 9 per 1h overall; then { exec ["/bin/x", deploy.item, item.y] } }\n'
    "orchestration never { on event deploy not followed by event again where again.item == deploy.item within 1m;"
    ' limit 9 per 1h overall; then { exec ["/bin/y", deploy.item] } }\n'
)


def deployed(second: float | None, restart_at: float) -> WorkWorld:
    """A deploy at 100, volexd ends at 110 and begins at `restart_at`; the second event comes after so many seconds."""
    ground = program(GROUND + SEQUENCE, all_runs=True)
    world = WorkWorld(ground, at=90.0)
    world.at(100).report("item", "p", name="p", x=1.0, y=1.0)
    world.send(Happened(100.0, "deploy", {"item": "p"}, 100.0))
    again = begun_again(ended(world.at(110)), ground, restart_at)
    again.report("item", "p", name="p", x=1.0, y=2.0)
    if second is not None:
        again.at(100 + second).send(Happened(100 + second, "again", {"item": "p"}, 100 + second))
    again.at(1000)
    return again


@pytest.mark.parametrize(
    ("second", "restart_at", "done"),
    [
        (50.0, 120.0, [["/bin/x", "p", "2"]]),
        (61.0, 120.0, [["/bin/y", "p"]]),
        (None, 120.0, [["/bin/y", "p"]]),
        (None, 170.0, []),
    ],
    ids=["in time", "too late", "never", "its time passed meanwhile: nobody knows"],
)
def test_a_first_event_goes_on_waiting(
    second: float | None, restart_at: float, done: list[list[str]]
) -> None:
    world = deployed(second, restart_at)
    assert [one.arguments["command"] for one in world.done] == done


def test_first_events_that_waited_for_something_else_are_told() -> None:
    ground = program(GROUND + SEQUENCE, all_runs=True)
    world = WorkWorld(ground, at=89.0)
    world.report("item", "p", name="p", x=1.0)
    world.send(Happened(90.0, "deploy", {"item": "p"}, 90.0))
    kept = ended(world.at(100))
    other = program(GROUND + SEQUENCE.replace("within 1m", "within 2m", 1), all_runs=True)
    assert lost(begun_again(kept, other, 120.0)) == (
        {"sequences": 1},
        ["sequences of after (1): it waits for other events now"],
    )
    assert lost(begun_again(kept, ground, 160.0))[1] == [
        "sequences of after (1): its time was over 10s ago, while volexd did not run",
        "sequences of never (1): its time was over 10s ago, while volexd did not run",
    ]
