"""After a crash: open faults are kept, budgets stay spent, what was under way is verified and not repeated (meaning 20)."""

from __future__ import annotations

from typing import Any

from dsl.program import Cooldown, Limit, Notice, Program
from engine.engine import Engine
from engine.events import Restored
from tests.engine.programs import (
    DOWN,
    agent,
    compare,
    detection,
    known,
    negated,
    notify,
    program,
    recovery,
    restart,
    since,
    step,
)
from tests.engine.world import Behaviour, World, columns

COLUMNS = {
    "fault": "rule subject_type subject message raised_at began_at acknowledged_at attempts outcome",
    "recovery": "fault_id rule subject outcome started_at ended_at",
    "attempt": "recovery_id fault_id rule step subject scope started_at acted_at ended_at outcome",
    "action": "attempt_id kind target outcome intended_at",
    "alert": "fault_id channel action_id outcome",
}


def rows(world: World, table: str) -> tuple[dict[str, Any], ...]:
    names = COLUMNS[table].split()
    return tuple({"id": row["id"], **{name: row.get(name) for name in names}} for row in world.table(table))


def open_only(found: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    return tuple(row for row in found if row["outcome"] is None)


def crashed(world: World, program: Program, *, after: float = 1.0) -> World:
    """A new life: what the store knew of the old one, and nothing else."""
    faults = open_only(rows(world, "fault"))
    ids = {row["id"] for row in faults}
    ids_used = [identity for table in COLUMNS for identity in world.rows.get(table, {})]
    new = World(at=world.now + after)
    new.engine = Engine(max(ids_used, default=0) + 1, 1 + len(world.table("derivation")))
    new.rows = world.rows
    new.load(program)
    new.send(
        Restored(
            new.now,
            faults=faults,
            recoveries=tuple(
                row for row in rows(world, "recovery") if row["outcome"] is None or row["fault_id"] in ids
            ),
            alerts=tuple(row for row in rows(world, "alert") if row["fault_id"] in ids),
            attempts=rows(world, "attempt"),
            actions=open_only(rows(world, "action")),
        )
    )
    return new


def program_of(**contract: Any) -> Program:
    contract.setdefault("limits", [Limit(1000, 3600.0, None)])
    steps = [step("restart", restart(), within=60), step("again", restart(), within=60)]
    rule = recovery("revive", "agent_down", *steps, otherwise=[notify("oncall")], **contract)
    return program(
        agent("x"), agent("y"), detection("agent_down", DOWN, hold=5, notices=[Notice("log")]), rule
    )


def test_an_open_fault_is_kept_and_unconfirmed_until_it_is_seen() -> None:
    world = World(program_of())
    world.status("x", "down")
    world.at(6)
    fault = world.fault("agent_down")["id"]
    world = crashed(world, program_of())
    assert columns(world.fault("agent_down"), "id", "outcome", "unconfirmed") == (fault, None, True)
    world.at(500)
    assert len(world.faults()) == 1
    world.status("x", "up")
    assert columns(world.fault("agent_down"), "id", "outcome") == (fault, "cleared")


def test_an_attempt_without_outcome_is_verified_not_repeated() -> None:
    """Meaning 20."""
    world = World(program_of())
    world.behaves["restart"] = None
    world.status("x", "down")
    world.at(6)
    world = crashed(world, program_of())
    assert world.table("action", kind="restart")[0]["outcome"] == "interrupted"
    world.status("x", "down")
    world.at(world.now + 50).status("x", "down")
    assert len(world.did("restart")) == 1
    world.at(world.now + 20)
    assert len(world.did("restart")) == 2


def test_what_was_under_way_may_have_helped() -> None:
    world = World(program_of())
    world.behaves["restart"] = None
    world.status("x", "down")
    world.at(6)
    world = crashed(world, program_of())
    world.status("x", "down")
    world.at(world.now + 20).status("x", "up")
    assert columns(world.fault("agent_down"), "outcome") == ("cleared",)
    assert len(world.did("restart")) == 1


def test_budgets_stay_spent() -> None:
    program = program_of(limits=[Limit(2, 3600.0, ("agent",))])
    world = World(program)
    world.behaves["restart"] = Behaviour(1.0)
    for number in range(2):
        world.at(100.0 * number).status("x", "down")
        world.at(100.0 * number + 20).status("x", "up")
    world = crashed(world, program)
    world.status("x", "down")
    world.at(world.now + 10)
    assert len(world.did("restart")) == 2
    assert world.table("recovery")[-1]["outcome"] == "exhausted"


def test_cooldowns_go_on() -> None:
    """Two failures: the pause has doubled once; an attempt that was unneeded is no failure."""
    program = program_of(cooldown=Cooldown(100.0, 1000.0))
    world = World(program)
    world.behaves["restart"] = Behaviour(0.0, "failed")
    world.status("x", "down")
    world.at(106)
    ended = world.table("attempt")[-1]["ended_at"]
    assert [row["outcome"] for row in world.table("attempt")] == ["failed", "failed"]
    world.status("x", "up")
    world = crashed(world, program)
    world.status("x", "down")
    world.at(1000)
    assert world.table("attempt")[2]["started_at"] == ended + 200


def test_what_gave_up_and_whom_it_told_is_not_done_again() -> None:
    world = World(program_of())
    world.status("x", "down")
    world.at(500).status("x", "down")
    told = len(world.did("notify"))
    assert told == 2
    world = crashed(world, program_of())
    world.status("x", "down")
    world.at(1000)
    assert len(world.did("notify")) == told


def test_a_fault_whose_rule_is_gone_is_withdrawn() -> None:
    world = World(program_of())
    world.status("x", "down")
    world.at(6)
    world = crashed(world, program(agent("x")))
    assert world.fault("agent_down")["outcome"] == "withdrawn"
    assert {row["outcome"] for row in world.table("recovery")} == {"failed"}
    assert world.table("attempt")[0]["outcome"] == "failed"


def test_ids_go_on() -> None:
    world = World(program_of())
    world.status("x", "down")
    world.at(6)
    last = max(identity for table in COLUMNS for identity in world.rows.get(table, {}))
    world = crashed(world, program_of())
    world.status("y", "down")
    world.at(world.now + 6)
    assert world.fault("agent_down", "y")["id"] > last


def test_a_fault_that_is_restored_is_not_raised_again() -> None:
    """Its condition may hold before a fact was seen: of what was never reported."""
    silent = detection("silent", negated(known("agent.status")), hold=10)
    programs = program(agent("x"), silent, detection("mute", negated(known("agent.status"))))
    world = World(programs)
    world.at(20)
    assert {row["rule"] for row in world.faults()} == {"silent", "mute"}
    world = crashed(world, programs)
    world.at(100)
    assert sorted(row["rule"] for row in world.faults(outcome=None)) == ["mute", "silent"]
    world.status("x", "up")
    assert world.open_faults() == set()


def test_a_restored_fault_follows_time() -> None:
    stale = detection("stale", compare(since("stream.t"), ">", 60.0), of="stream")
    world = World(program(stale))
    world.report("stream", "btc", t=0.0)
    world.at(100)
    world = crashed(world, program(stale))
    world.report("stream", "btc", t=world.now)
    assert [row["outcome"] for row in world.faults()] == ["cleared"]
    world.at(200)
    assert len(world.faults()) == 2
