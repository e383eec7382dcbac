"""When which check is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.watching.polling import Polling, next_due, probe_kinds, together
from daemon.world.world import World
from dsl.program import Check, FactField, FactType, Probe, Program
from dsl.vocabulary.word import ProbeWord
from engine.events import HealthObserved, Reported, Withdrawn
from tests.daemon.worlds import (
    HERE,
    LIMIT,
    Events,
    a_check,
    a_server,
    a_world,
    an_agent,
    constants,
    http_reply,
)

STREAM = FactType("stream", "", (FactField("name", "text"),), ())


class Gate:
    """A kind of probe that counts its looks by name, and lets a look through when the test does."""

    WORD = ProbeWord(name="gate", inside=(), shape="", doc="", example="")

    def __init__(self) -> None:
        self.looks: dict[str, int] = {}
        self.under_way: dict[str, int] = {}
        self.most = 0
        self.closed: set[str] = set()
        self.answers: dict[str, object] = {}
        self._changed = asyncio.Event()

    async def look(self, settings: Mapping[str, object], world: World) -> Mapping[str, object]:
        name = str(settings["name"])
        self.looks[name] = self.looks.get(name, 0) + 1
        self.under_way[name] = self.under_way.get(name, 0) + 1
        self.most = max(self.most, sum(self.under_way.values()))
        self._changed.set()
        try:
            if name in self.closed:
                await asyncio.Event().wait()
            await asyncio.sleep(0)
            return {"body": self.answers.get(name, [name])}
        finally:
            self.under_way[name] -= 1

    def healthy(self, reply: Mapping[str, object]) -> bool:
        return True

    def described(self, reply: Mapping[str, object]) -> str:
        return ""

    async def looked(self, name: str, times: int) -> None:
        async with asyncio.timeout(LIMIT):
            while self.looks.get(name, 0) < times:
                self._changed.clear()
                await self._changed.wait()


def a_gate(name: str, every: float = 0.01, timeout: float = LIMIT) -> Probe:
    check = Check("gate", constants({"name": name}), every, timeout)
    return Probe(name, check, "stream", ("body",), 30.0, HERE)


def a_program(*probes: Probe, **more: Any) -> Program:
    return Program(fact_types={"stream": STREAM}, probes=probes, **more)


@asynccontextmanager
async def polled(program: Program, at_once: int = 64) -> AsyncIterator[tuple[Polling, Gate, Events]]:
    async with a_world(*program.agents) as (world, events):
        gate = Gate()
        polling = Polling(world, {**probe_kinds(), "gate": gate}, at_once)
        polling.replace(program)
        try:
            yield polling, gate, events
        finally:
            await polling.close()
            assert sum(gate.under_way.values()) == 0


def test_checks_are_looked_at_again_and_again() -> None:
    async def scenario() -> None:
        async with polled(a_program(a_gate("a"), a_gate("b"))) as (_, gate, _events):
            await gate.looked("a", 5)
            await gate.looked("b", 5)

    asyncio.run(scenario())


def test_one_that_hangs_times_out_and_holds_up_nobody() -> None:
    async def scenario() -> None:
        program = a_program(a_gate("dead", timeout=0.1), a_gate("b"))
        async with polled(program) as (_, gate, events):
            gate.closed.add("dead")
            await gate.looked("b", 5)
            failure = await events.when(Reported, type="probe", key="dead")
            assert (failure.values["ok"], failure.values["last_error"]) == (False, "no answer within 100ms")
            await gate.looked("dead", 2)

    asyncio.run(scenario())


def test_at_most_one_look_of_a_check_and_so_many_in_all_are_under_way() -> None:
    async def scenario() -> None:
        names = [f"n{number}" for number in range(10)]
        async with polled(a_program(*map(a_gate, names)), at_once=3) as (_, gate, _events):
            gate.closed.add("n0")
            await gate.looked("n0", 1)
            for name in names[1:]:
                await gate.looked(name, 3)
            assert gate.looks["n0"] == 1
            assert gate.most <= 3

    asyncio.run(scenario())


def test_a_check_that_finds_no_slot_says_that_volexd_could_not_look() -> None:
    async def scenario() -> None:
        dead = a_gate("dead")
        health = Check("gate", constants({"name": "health"}), 0.05, LIMIT)
        async with polled(a_program(dead, agents=(an_agent("api", health=health),)), at_once=1) as (
            _,
            gate,
            events,
        ):
            gate.closed.update(("dead", "health"))
            await gate.looked("dead", 1)
            unknown = await events.when(HealthObserved, ok=None)
            assert unknown.error == "volexd could not look: too many other looks are under way"
            assert "health" not in gate.looks

    asyncio.run(scenario())


def test_a_look_under_way_goes_on_when_a_program_says_the_same() -> None:
    async def scenario() -> None:
        program = a_program(a_gate("a"), a_gate("b"))
        async with polled(program) as (polling, gate, events):
            gate.closed.add("a")
            await gate.looked("a", 1)
            moved = tuple(replace(probe, place=replace(HERE, line=9)) for probe in program.probes)
            polling.replace(a_program(*moved))
            await gate.looked("b", gate.looks.get("b", 0) + 2)
            assert gate.looks["a"] == 1
            assert gate.under_way["a"] == 1
            assert events.of(Withdrawn) == []

    asyncio.run(scenario())


def test_a_changed_probe_begins_anew_and_remembers_what_it_had_given() -> None:
    async def scenario() -> None:
        async with polled(a_program(a_gate("a"))) as (polling, gate, events):
            gate.answers["a"] = ["old", "kept"]
            await events.when(Reported, type="stream", key="old")
            gate.answers["a"] = ["kept"]
            polling.replace(a_program(a_gate("a", every=0.02)))
            await events.when(Withdrawn, type="stream", key="old")
            assert events.of(Withdrawn, key="kept") == []

    asyncio.run(scenario())


def test_a_probe_that_is_gone_takes_its_facts_with_it_and_is_looked_at_no_more() -> None:
    async def scenario() -> None:
        async with polled(a_program(a_gate("a"), a_gate("b"))) as (polling, gate, events):
            await events.when(Reported, type="stream", key="a")
            polling.replace(a_program(a_gate("b")))
            looks = gate.looks["a"]
            assert [(event.type, event.key) for event in events.of(Withdrawn)] == [
                ("stream", "a"),
                ("probe", "a"),
            ]
            await gate.looked("b", gate.looks.get("b", 0) + 3)
            assert gate.looks["a"] == looks
            assert gate.under_way["a"] == 0

    asyncio.run(scenario())


def test_host_and_disks_are_sampled_without_a_probe_and_taken_over_by_one() -> None:
    async def scenario() -> None:
        async with polled(a_program()) as (polling, _, events):
            await events.when(Reported, type="host")
            await events.when(Reported, type="disk", key="/")
            await events.when(Reported, type="probe", key="host")
            polling.replace(a_program(Probe("mine", a_check("host"), None, (), 15.0, HERE)))
            await events.when(Reported, type="probe", key="mine")
            assert [(event.type, event.key) for event in events.of(Withdrawn)] == [("probe", "host")]

    asyncio.run(scenario())


def test_health_and_ready_of_agents_are_looked_at() -> None:
    async def scenario() -> None:
        async with a_server(lambda _: http_reply("{}")) as url:
            agent = an_agent("api", health=a_check("http", url=url), ready=a_check("exec", command=["true"]))
            async with polled(a_program(agents=(agent,))) as (_, _, events):
                assert (await events.when(HealthObserved, check="health")).ok is True
                assert (await events.when(HealthObserved, check="ready")).ok is True

    asyncio.run(scenario())


def test_closing_ends_looks_that_are_under_way() -> None:
    async def scenario() -> None:
        async with polled(a_program(a_gate("a"))) as (polling, gate, _):
            gate.closed.add("a")
            await gate.looked("a", 1)
            await polling.close()
            assert gate.under_way["a"] == 0

    asyncio.run(scenario())


@given(due=st.floats(0, 1e6), every=st.floats(0.01, 1e4), late=st.floats(0, 1e5))
def test_the_rhythm_goes_on_ahead_of_now(due: float, every: float, late: float) -> None:
    following = next_due(due, every, due + late)
    assert following >= due + late - every * 1e-6
    assert following <= due + late + every * (1 + 1e-6)


@pytest.mark.parametrize(
    ("now", "following"), [(10.0, 15.0), (12.0, 15.0), (15.0, 20.0), (31.0, 35.0), (9.0, 15.0)]
)
def test_beats_that_passed_are_left_out(now: float, following: float) -> None:
    assert next_due(10.0, 5.0, now) == following


@given(st.floats(0, 1e7), st.floats(0.01, 3600))
def test_looks_share_wake_ups_and_none_comes_much_earlier_for_it(due: float, every: float) -> None:
    assert due - min(every / 5, 1.0) - 1e-6 <= together(due, every) <= due


def test_looks_of_one_interval_that_begin_one_after_the_other_go_on_together() -> None:
    assert {together(10.0 + number * 0.05, 5.0) for number in range(40)} == {10.0, 11.0}
