"""start stop restart signal"""

from __future__ import annotations

import asyncio

import pytest

from daemon.actions.action import ActionFailure
from daemon.units.unit import UnitFailure
from engine.events import UnitObserved
from tests.daemon.actions.calls import done
from tests.daemon.worlds import a_world, an_agent

API = an_agent("api", ["/bin/sleep", "3600"])


def test_start_stop_and_restart_act_on_the_unit_of_their_target() -> None:
    async def scenario() -> None:
        async with a_world(API) as (world, events):
            assert (
                await done(world, "restart", "api")
            ).outcome == "succeeded"  # what does not run is started
            first = world.units.pids()["api"]
            restarted = await done(world, "restart", "api")
            second = world.units.pids()["api"]
            assert restarted.detail == f"restarted as process {second}"
            assert first != second
            with pytest.raises(UnitFailure, match="already running"):
                await done(world, "start", "api")
            assert (await done(world, "stop", "api")).detail == "stopped"
            assert (await done(world, "start", "api")).outcome == "succeeded"
            assert [event.running for event in events.of(UnitObserved)] == [True, False, True, False, True]

    asyncio.run(scenario())


def test_a_stop_leaves_half_of_its_timeout_for_force() -> None:
    from daemon.actions.action import ActionCall
    from daemon.actions.stop import grace

    assert grace(ActionCall(1, "stop", "api", {}, 60.0)) == 10.0
    assert grace(ActionCall(1, "stop", "api", {}, 4.0)) == 2.0


def test_signals_are_sent_by_name() -> None:
    async def scenario() -> None:
        async with a_world(API) as (world, events):
            await done(world, "start", "api")
            assert (await done(world, "signal", "api", signal="TERM")).outcome == "succeeded"
            assert (await events.when(UnitObserved, running=False)).detail == "killed by SIGTERM"
            with pytest.raises(ActionFailure, match="there is no signal 'NOPE'"):
                await done(world, "signal", "api", signal="NOPE")

    asyncio.run(scenario())


def test_an_action_on_an_agent_needs_one() -> None:
    async def scenario() -> None:
        async with a_world(API) as (world, _):
            for kind in ("start", "stop", "restart"):
                with pytest.raises(ActionFailure, match=f"{kind}: no agent is named"):
                    await done(world, kind)

    asyncio.run(scenario())
