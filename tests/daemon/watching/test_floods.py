"""Sources that tell more than volexd takes in: what waits is bounded, what is over it is counted, and the loop is nobody's alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from daemon.probes import log
from daemon.probes.log import _AT_ONCE, _Following
from daemon.watching.flow import Flow, Waiting
from daemon.watching.pushed import PushedPlan, PushedWatch
from daemon.world.bounds import Bounds
from dsl.program import EventType, FactField, FactType, Probe
from engine.events import Happened, Reported, Withdrawn
from tests.daemon.watching.test_pushed import a_probe
from tests.daemon.worlds import Events, a_world

LINE = EventType("line", "", (FactField("n", "number"),))
JOB = FactType("job", "", (FactField("name", "text"),), (FactField("state", "text"),))


class Silent:
    """A kind of source of which nothing comes but what the test says."""

    async def follow(self, *_: object) -> None:
        await asyncio.Event().wait()


def pushed(world: Any, into: EventType | FactType, stale_after: float = float("inf")) -> PushedWatch:
    plain = a_probe("silent", into.name, ("body",))
    probe = Probe(plain.name, plain.check, plain.into, plain.from_path, stale_after, plain.place)
    return PushedWatch(PushedPlan(probe, into), Silent(), world)


def facts_about(events: Events) -> dict[str, Any]:
    return dict(events.sources[-1].values)


def test_what_is_over_the_bound_is_refused_counted_and_told() -> None:
    async def scenario() -> None:
        async with a_world(bounds=Bounds(per_second=100, waiting=50)) as (world, events):
            watch = pushed(world, LINE)
            taken = sum(watch.say({"body": {"n": number}}) for number in range(1000))
            assert taken == len(events.of(Happened)) + 50
            assert len(events.of(Happened)) < 1000 - 50
            await events.when(Happened, taken)  # what waited is told of in its turn
            assert [one.values["n"] for one in events.of(Happened)] == [
                float(number) for number in range(taken)
            ]
            watch._tell_news()
            assert facts_about(events)["rejected"] == 1000.0 - taken
            assert facts_about(events)["reasons"] == {"flood": 1000 - taken}
            watch.forget()

    asyncio.run(scenario())


def test_what_waited_happened_when_it_came() -> None:
    async def scenario() -> None:
        async with a_world(bounds=Bounds(per_second=10, waiting=50)) as (world, events):
            watch = pushed(world, LINE)
            came = world.now()
            for number in range(4):
                watch.say({"body": {"n": number}})
            last = await events.when(Happened, 4)
            assert last.happened_at - came < last.at - came
            watch.forget()

    asyncio.run(scenario())


def test_others_have_their_turn_meanwhile() -> None:
    async def scenario() -> None:
        async with a_world(bounds=Bounds(per_second=100, waiting=10_000)) as (world, events):
            flooding, calm = pushed(world, LINE), pushed(world, JOB)
            for number in range(5_000):
                flooding.say({"body": {"n": number}})
            assert calm.say({"body": {"name": "a", "state": "fine"}})
            assert [one.key for one in events.of(Reported, type="job")] == ["a"]
            flooding.forget()
            calm.forget()

    asyncio.run(scenario())


def test_a_fifth_of_a_second_at_once_and_then_at_the_rate() -> None:
    async def scenario() -> None:
        taken: list[Waiting] = []
        clock = [0.0]
        flow = Flow(taken.append, rate=100.0, most=1000, clock=lambda: clock[0])
        for _ in range(500):
            assert flow.offer([Waiting({}, 0.0, 1, 0)])
        counts = [len(taken)]
        for _ in range(4):
            clock[0] += 0.05
            flow._drain()
            counts.append(len(taken))
        clock[0] += 60.0  # who was silent for long may not say it all at once
        flow._drain()
        assert counts == [20, 25, 30, 35, 40]
        assert len(taken) == 60
        flow.close()

    asyncio.run(scenario())


def test_a_large_one_is_taken_whole_or_not_at_all() -> None:
    async def scenario() -> None:
        taken: list[Waiting] = []
        flow = Flow(taken.append, rate=1.0, most=10, clock=lambda: 0.0)
        offered = [flow.offer([Waiting({}, 0.0, items, 0)]) for items in (12, 11, 11, 10, 1)]
        assert offered == [False, True, False, True, False]
        assert len(taken) == 1
        flow.close()

    asyncio.run(scenario())


def test_events_that_come_together_are_taken_one_by_one() -> None:
    async def scenario() -> None:
        async with a_world(bounds=Bounds(per_second=100, waiting=50)) as (world, events):
            watch = pushed(world, LINE)
            assert not watch.say({"body": [{"n": number} for number in range(1000)]}, 1000, 9000)
            assert events.of(Happened) == []
            assert watch.say({"body": [{"n": number} for number in range(60)]}, 60, 600)
            assert 0 < len(events.of(Happened)) < 60
            await events.when(Happened, 60)
            assert watch.say({"body": []}, 0, 2)
            assert world.refusals.account("p", "line").reasons == {"flood": 1000}
            watch.forget()

    asyncio.run(scenario())


def test_bytes_are_bounded_too() -> None:
    async def scenario() -> None:
        taken: list[Waiting] = []
        flow = Flow(taken.append, rate=5.0, most=1000, clock=lambda: 0.0)
        offered = [flow.offer([Waiting({}, 0.0, 1, 1 << 20)]) for _ in range(40)]
        assert (sum(offered), len(taken)) == (17, 1)
        assert len(flow.close()) == 16

    asyncio.run(scenario())


def test_what_waits_goes_on_under_other_rules() -> None:
    async def scenario() -> None:
        async with a_world(bounds=Bounds(per_second=100, waiting=50)) as (world, events):
            former, watch = pushed(world, LINE), pushed(world, LINE)
            for number in range(30):
                former.say({"body": {"n": number}})
            watch.take_over(former)
            await events.when(Happened, 30)
            assert [one.values["n"] for one in events.of(Happened)] == [float(number) for number in range(30)]
            watch.forget()
            assert [one.key for one in events.sources if isinstance(one, Withdrawn)] == ["p, line"]

    asyncio.run(scenario())


def test_what_is_no_object_is_told_of() -> None:
    async def scenario() -> None:
        async with a_world() as (world, events):
            lines, jobs = pushed(world, LINE), pushed(world, JOB)
            lines.say({"body": [{"n": 1, "m": 2}, 7, "x"]})
            assert world.refusals.account("p", "line").unknown_fields == 1
            jobs.say({"body": "x"})
            assert world.refusals.account("p", "line").reasons == {"no_object": 2}
            assert world.refusals.account("p", "job").reasons == {"no_object": 1}
            assert len(events.of(Happened)) == 1
            lines.forget()
            jobs.forget()

    asyncio.run(scenario())


def test_new_keys_of_a_source_that_tells_by_itself_are_bounded() -> None:
    """Facts that do not go stale stand; of those that do, the ones of which nothing is known any more make room."""

    async def scenario(stale_after: float) -> tuple[list[str], list[str], bool]:
        async with a_world(bounds=Bounds(keys=2)) as (world, events):
            watch = pushed(world, JOB, stale_after)
            for name in ("a", "b", "a", "c"):
                watch.say({"body": {"name": name}})
            watch._tell_news()
            told = [one.key for one in events.of(Reported, type="job")]
            watch.forget()
            return told, [one.key for one in events.of(Withdrawn)], facts_full(events)

    def facts_full(events: Events) -> bool:
        return bool([one for one in events.sources if isinstance(one, Reported)][-1].values["full"])

    assert asyncio.run(scenario(float("inf"))) == (["a", "b", "a"], [], True)
    assert asyncio.run(scenario(3600.0)) == (["a", "b", "a"], [], True)
    assert asyncio.run(scenario(0.0)) == (["a", "b", "a", "c"], ["b", "a"], False)


def test_a_log_that_grows_faster_than_it_can_be_told_is_skipped_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.touch()
    following = _Following(str(path), None)
    assert following.read() == []
    line = "x" * 99 + "\n"
    total = 12 * _AT_ONCE // len(line)
    path.write_text(line * total)
    read = [following.read(), following.read(), following.read()]
    following.close()
    assert 0 < len(read[0]) <= _AT_ONCE // len(line) + 1
    assert following.skipped + sum(map(len, read)) == total


def test_what_was_skipped_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "EVERY", 0.01)
    path = tmp_path / "api.log"
    path.touch()
    said: list[str] = []

    class Listening:
        lost_items = 0

        def say(self, reply: Any, items: int = 1, size: int = 0) -> bool:
            said.append(reply["line"])
            return True

        def lost(self, items: int) -> None:
            self.lost_items += items

        def trouble(self, reason: str) -> None:
            """It can be read."""

    async def scenario() -> None:
        async with a_world() as (world, _):
            listening = Listening()
            task = asyncio.create_task(log.follow({"path": str(path)}, world, listening))
            await asyncio.sleep(0)
            while not listening.lost_items:
                with path.open("a") as file:
                    file.write(("y" * 999 + "\n") * (12 << 10))
                await asyncio.sleep(log.EVERY)
            task.cancel()
            assert said

    asyncio.run(scenario())
