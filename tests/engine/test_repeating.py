"""An action that failed is done again (`retry`), and what it has to say for it counts as done (`expect`)."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.program import Program
from tests.dsl.checking import program
from tests.engine.work.work_world import Goes, WorkWorld

AGENTS = """
agent a { health tcp "127.0.0.1:1" }
agent b { health tcp "127.0.0.1:2"; limit 2 per 10m overall }
detection down { for each agent; severity error; category agent; when agent.status == "down" }
"""


def said(step: str) -> Program:
    return program(
        AGENTS
        + f"recovery r {{ on fault down; try x {{ {step}; verify within 5s }}; limit 9 per 1h overall }}\n"
    )


def down(step: str, agent: str = "a", **goes: Any) -> WorkWorld:
    found = WorkWorld(said(step), **goes)
    found.status(agent, "down")
    return found


def began(found: WorkWorld, kind: str) -> list[float]:
    return [round(at, 6) for at, _, _ in found.did(kind)]


FAILS = Goes(1.0, "failed", "exit status 1")


@pytest.mark.parametrize(
    ("retry", "instants"),
    [
        ("retry 3 backoff 2s", [1, 4, 7, 10]),
        ("retry 4 backoff 2s doubling to 5s", [1, 4, 9, 15, 21]),
        ("retry 1", [1, 2]),
    ],
)
def test_it_is_done_again_after_a_pause(retry: str, instants: list[float]) -> None:
    found = down(f'exec ["/bin/x"] {{ {retry} }}', exec=FAILS)
    found.at(100)
    assert began(found, "exec") == instants
    assert [row["outcome"] for row in found.table("action")] == ["failed"] * len(instants)
    assert [row["outcome"] for row in found.table("attempt")] == ["failed"]


def test_each_try_is_stored_and_says_which_it_is() -> None:
    found = down('exec ["/bin/x"] { retry 1 backoff 2s }', exec=FAILS)
    found.at(100)
    first, second = found.table("action")
    assert second["reason"] == f"{first['reason']} (again, 2 of 2)"
    assert "failed; again in 2s" in found.why(first["id"])


def test_it_is_done_no_more_often_than_needed() -> None:
    replies = iter([FAILS, Goes(), FAILS])
    found = down('exec ["/bin/x"] { retry 5 backoff 2s }', exec=lambda do: next(replies))
    found.at(6)
    assert began(found, "exec") == [1, 4]
    assert found.table("attempt")[0]["acted_at"] == 5


def test_a_fault_that_ends_in_the_pause_ends_the_tries() -> None:
    """Meaning 18: what is not needed is not done."""
    found = down('exec ["/bin/x"] { retry 5 backoff 10s }', exec=FAILS)
    found.at(5).status("a", "up")
    found.at(100)
    assert began(found, "exec") == [1]
    assert [row["outcome"] for row in found.table("attempt")] == ["unneeded"]


def test_a_person_s_pause_ends_the_tries() -> None:
    found = down("restart agent { retry 5 backoff 10s }", restart=FAILS)
    found.at(5).command("pause", "a")
    found.at(100)
    assert began(found, "restart") == [1]
    assert "not done again: agent a is paused" in found.table("attempt")[0]["reason"]


def test_an_agent_s_own_limit_ends_the_tries() -> None:
    found = down("restart agent { retry 5 backoff 10s }", "b", restart=FAILS)
    found.at(200)
    assert began(found, "restart") == [1, 12]
    assert "the limit of agent b of 2 per 10m is used up" in found.table("attempt")[0]["reason"]


def test_stopping_is_done_again_too() -> None:
    found = down("stop agent { retry 1 backoff 10s }", stop=FAILS)
    found.at(50)
    assert began(found, "stop") == [1, 12]


def test_an_agent_s_own_action_is_done_again() -> None:
    rules = """
    agent a { health tcp "127.0.0.1:1"; action reset() { exec ["/bin/reset"] } }
    detection down { for each agent; severity error; category agent; when agent.status == "down" }
    recovery r { on fault down; try x { reset { retry 1 backoff 2s }; verify within 5s }; limit 9 per 1h overall }
    """
    found = WorkWorld(program(rules), exec=FAILS)
    found.status("a", "down")
    found.at(50)
    assert began(found, "exec") == [1, 4]


def test_what_a_rule_sets_in_motion_is_done_again_and_can_be_cancelled() -> None:
    rules = 'automation tidy { every 1h; do { exec ["/bin/x"] { retry 9 backoff 10s } } }'
    found = WorkWorld(program(rules), exec=FAILS)
    found.run("tidy")
    found.at(15)
    assert began(found, "exec") == [1, 12]
    found.command("cancel", "tidy")
    found.at(200)
    assert began(found, "exec") == [1, 12]
    assert found.automation_runs("tidy") == [("hand", "cancelled")]


# --- expect ---------------------------------------------------------------------------------------------------------------


def replies(outcome: str, status: int, **body: Any) -> Goes:
    return Goes(1.0, outcome, f"HTTP {status}", {"status": status, "body": body})


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (replies("succeeded", 200, ok=True), "succeeded"),
        (replies("succeeded", 200, ok=False), "failed"),
        (replies("succeeded", 200), "failed"),  # unknown is not true
        (replies("failed", 409, ok=True), "succeeded"),  # instead of a status of 2xx
        (Goes(1.0, "failed", "no connection"), "failed"),
        (Goes(1.0, "timed_out"), "timed_out"),
    ],
)
def test_only_what_is_expected_counts(reply: Goes, outcome: str) -> None:
    found = down('http put "http://x/y" { expect reply.body.ok == true }', http=reply)
    found.at(3)
    assert [row["outcome"] for row in found.table("action")] == [outcome]


def test_what_is_expected_may_depend_on_the_subject() -> None:
    step = 'http put "http://x/y" { expect reply.body.name == agent.name }'
    found = down(step, http=replies("succeeded", 200, name="b"))
    found.at(3)
    (row,) = found.table("action")
    assert (row["outcome"], row["detail"]) == ("failed", "HTTP 200; what it expects of the reply is not true")


def test_it_is_asked_again_until_the_reply_is_as_expected() -> None:
    answers = iter([replies("succeeded", 200, ok=False), replies("succeeded", 200, ok=True)])
    step = 'http put "http://x/y" { expect reply.body.ok == true; retry 5 backoff 2s }'
    found = down(step, http=lambda do: next(answers))
    found.at(6)
    assert began(found, "http") == [1, 4]


def test_a_step_of_a_workflow_expects_too() -> None:
    rules = 'workflow w { step s { http get "http://x/y" { expect reply.status == 204 } } }'
    found = WorkWorld(program(rules), http=replies("succeeded", 200))
    found.run("w")
    found.at(5)
    assert found.steps() == {"s": "failed"}
