"""Recoveries, agents' own actions and undo set work in motion, hold it back, let it go on and end it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dsl.checking import program
from tests.engine.work.work_world import Goes, WorkWorld

GROUND = """
agent a { health tcp "127.0.0.1:1"; action relieve() { pause automation tidy; exec ["/bin/relieve"] } }
agent b { health tcp "127.0.0.1:2" }
detection down { for each agent; severity error; category agent; when agent.status == "down" }
automation tidy { every 1h; do { exec ["/bin/tidy"] } }
workflow repair(who: text) { step one { exec ["/bin/repair", who] } }
workflow long { step one { exec ["/bin/long"] { timeout 1h } } }
"""
NEVER = Goes(None)


def world(rules: str, **goes: Any) -> WorkWorld:
    return WorkWorld(program(GROUND + rules), **goes)


def down(body: str, **goes: Any) -> WorkWorld:
    found = world(f"recovery r {{ on fault down; {body}; limit 9 per 1h overall }}", **goes)
    found.status("a", "down")
    return found


def steps(*actions: str) -> str:
    return "; ".join(
        f"try s{number} {{ {action}; verify within 15s }}" for number, action in enumerate(actions)
    )


def attempts(found: WorkWorld) -> list[tuple[str, str | None]]:
    return [(row["step"], row.get("outcome")) for row in found.table("attempt")]


def commands(found: WorkWorld) -> list[Any]:
    return [do.arguments["command"] for do in found.done if do.kind == "exec"]


def test_a_try_runs_a_workflow_and_the_symptom_verifies_it() -> None:
    found = down(steps("run repair(who: agent.name)"))
    found.at(3)
    assert commands(found) == [["/bin/repair", "a"]]
    assert found.workflow_run()["status"] == "succeeded"
    assert attempts(found) == [("s0", None)]
    found.status("a", "up")
    found.at(10)
    assert attempts(found) == [("s0", "succeeded")]


def test_the_actions_after_it_follow_at_once() -> None:
    found = down(steps('pause automation tidy; exec ["/bin/x"]; resume automation'))
    found.at(1)
    assert [row["kind"] for row in found.table("action")] == ["pause", "exec"]
    found.at(3)
    assert [(row["kind"], row["outcome"]) for row in found.table("action")] == [
        ("pause", "succeeded"),
        ("exec", "succeeded"),
        ("resume", "succeeded"),
    ]


def test_what_cannot_be_done_fails_the_step() -> None:
    found = down(steps("run repair(who: agent.last_error)", 'exec ["/bin/x"]'))
    found.at(2)
    assert attempts(found) == [("s0", "failed"), ("s1", None)]
    assert "run repair: its who is unknown" in found.table("attempt")[0]["reason"]


def test_otherwise_lets_go_on_what_this_recovery_paused_and_nothing_else() -> None:
    """Meaning 22."""
    other = 'orchestration o { for each agent; when agent.status == "down"; then { pause automation tidy } }'
    body = f"{steps('pause automation tidy')}; otherwise {{ resume automation }}"
    for more, detail in (("", ""), (other, "still paused by orchestration o on a")):
        found = world(f"recovery r {{ on fault down; {body}; limit 9 per 1h overall }}\n{more}")
        found.status("a", "down")
        found.at(30)
        (resumed,) = found.table("action", kind="resume")
        assert (resumed["target"], resumed["outcome"], resumed["detail"]) == ("tidy", "succeeded", detail)


def test_a_try_ends_what_runs() -> None:
    found = world(
        f"recovery r {{ on fault down; {steps('cancel workflow long')}; limit 9 per 1h overall }}",
        **{"/bin/long": NEVER},
    )
    found.run("long")
    found.at(5).status("a", "down")
    found.at(6)
    assert found.workflow_run()["status"] == "cancelled"


def test_what_an_agent_does_for_itself_may_hold_work_back() -> None:
    found = down(steps("relieve"))
    found.at(3)
    assert [row["kind"] for row in found.table("action")] == ["pause", "exec"]
    assert attempts(found) == [("s0", None)]


@pytest.mark.parametrize("verb", ["run tidy", "pause automation tidy", "cancel automation tidy"])
def test_undo_of_a_step(verb: str) -> None:
    one = f'step one {{ exec ["/bin/one"]; undo {{ {verb} }} }}'
    rules = f'workflow w {{ {one}; step two {{ after one; exec ["/bin/two"] }} }}'
    found = world(rules, **{"/bin/two": Goes(1.0, "failed")})
    found.run("w")
    found.at(10)
    assert found.steps() == {"one": "undone", "two": "failed"}
    assert [row["outcome"] for row in found.table("action", kind=verb.split()[0])] == ["succeeded"]


def test_a_paused_agent_is_recovered_no_further() -> None:
    found = down(steps("pause agent", 'exec ["/bin/x"]'))
    found.at(60)
    assert attempts(found) == [("s0", "failed")]
    found.command("resume", "a")
    found.at(61)
    assert attempts(found) == [("s0", "failed"), ("s1", None)]
