"""The tour of the language, from its text to what is done: a workflow on a schedule, adapted, shed, maintained."""

from __future__ import annotations

import pytest

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.source import Source
from tests.engine.work.work_world import Goes, WorkWorld

RULES = """
language 1

agent risk { health http "http://127.0.0.1:1/health" { every 5s }; labels role: "risk" }
agent news { health http "http://127.0.0.1:2/health" { every 5s }; labels role: "news" }

workflow rebalance(symbols: list) "Prices to orders" {
    step prices { http get "http://prices/quality"; timeout 30s; retry 3 backoff 2s }
    step sentiment { after prices; exec ["sentiment", symbols]; reserve cpu: 2, memory: 512MiB; optional }
    step vote {
        after    prices
        for each agent where agent.labels.role == "risk"
        http     post "http://vote" { body name: agent.name }
        pass     when answer.body.ok == true
    }
    step orders {
        after vote, sentiment
        http  post "http://orders"
        undo  { http post "http://orders/cancel" }
    }
    step report { after orders; exec ["report", steps.vote.status] }
}
automation rebalance_hourly {
    every    1h at minute 5
    run      rebalance(symbols: ["BTC-USD"])
    priority high
    reserve  cpu: 2, memory: 1GiB
    strategy adaptive
    overlap  skip
    deadline 20m
}
automation tidy { every day at 02:00; priority low; do { exec ["tidy"] } }
orchestration shed_load {
    when       host.cpu > 90% for 1m
    then       { pause automation where automation.priority < "high" }
    afterwards { resume automation }
}
adaptation lean_when_busy {
    of   workflow rebalance
    when host.cpu > 85% for 30s
    then { skip step sentiment because "the host is busy" }
}
adaptation recheck_when_slow {
    of   workflow rebalance
    when steps.prices.duration > 10s
    then {
        add step recheck { after prices; before vote; http get "http://recheck" }
        set steps.prices.timeout = 60s
    }
}
adaptation failed_step_fallback {
    of   workflow
    when step.status == "failed" and step.kind == "exec"
    then { replace step { exec ["fallback", step.name] } }
}
maintenance nightly { every day at 03:00 lasting 30m; covers agent where agent.labels.role == "risk"; do { exec ["vacuum"] } }
"""
YES = Goes(1, reply={"status": 200, "body": {"ok": True}})
HOUR = 3900.0  # when it is due first


@pytest.fixture(scope="module")
def rules() -> Program:
    checked = check([Source("main.rules", RULES)], vocabulary())
    assert checked.errors == ()
    assert checked.program is not None
    return checked.program


def world_of(rules: Program, **goes: Goes) -> WorkWorld:
    world = WorkWorld(rules, at=3600, **{"vote": YES, **goes})
    world.capacity(cpu=4, memory=2.0**33)
    return world


def test_it_runs_as_it_is_written(rules: Program) -> None:
    world = world_of(rules, sentiment=Goes(5))
    world.at(5000)
    assert world.commands() == [
        (HOUR, "prices/quality"), (HOUR + 1, "sentiment"), (HOUR + 1, "vote"), (HOUR + 6, "orders"), (HOUR + 7, "report"),
    ]  # fmt: skip
    assert [done.arguments["command"] for done in world.done if done.kind == "exec"] == [
        ["sentiment", "BTC-USD"], ["report", "succeeded"],
    ]  # fmt: skip
    assert world.automation_runs("rebalance_hourly") == [("schedule", "succeeded")]


def test_a_busy_host_makes_it_lean_and_sheds_what_is_not_urgent(rules: Program) -> None:
    world = world_of(rules)
    world.report("host", "h", cpu=0.95)
    world.at(4000)
    assert world.steps()["sentiment"] == "skipped"
    assert {row["name"]: row["status"] for row in world.table("automation")} == {
        "rebalance_hourly": "active", "tidy": "paused",
    }  # fmt: skip
    world.report("host", "h", cpu=0.5)
    assert {row["status"] for row in world.table("automation")} == {"active"}


def test_a_slow_step_gets_more_time_and_a_second_look(rules: Program) -> None:
    world = world_of(rules, **{"prices/quality": Goes(50)})
    world.at(5000)
    assert [name for _, name in world.commands()] == [
        "prices/quality", "recheck", "sentiment", "vote", "orders", "report",
    ]  # fmt: skip
    assert {row["outcome"] for row in world.table("adaptation")} == {"applied"}


def test_a_failed_step_falls_back_and_a_failed_run_is_undone(rules: Program) -> None:
    world = world_of(rules, report=Goes(1, "failed"), fallback=Goes(1, "failed", "no"))
    world.at(5000)
    assert [name for _, name in world.commands()][-4:] == ["orders", "report", "fallback", "orders/cancel"]
    assert world.done[-2].arguments["command"] == ["fallback", "report"]
    assert world.steps()["orders"] == "undone"


def test_its_times(rules: Program) -> None:
    world = world_of(rules)
    world.at(86400.0 + 3600)
    assert [at for at, name in world.commands() if name == "tidy"] == [2 * 3600.0]
    assert [at for at, name in world.commands() if name == "vacuum"] == [3 * 3600.0]
    assert len([name for _, name in world.commands() if name == "report"]) == 24
    assert world.table("maintenance_run")[0]["covered"] == '["risk"]'
