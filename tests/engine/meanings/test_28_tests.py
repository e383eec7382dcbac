"""Rules that are tests: meaning 28 of the language."""

from __future__ import annotations

import time

import pytest

from daemon.rehearsal.rehearse import rehearse
from tests.dsl.checking import program

RULES = """
channel c { url "log:" }
agent a { health http "http://127.0.0.1:1/h" { every 5s } }
detection down { for each agent; severity error; category agent; when agent.status == "down"; notify c }
recovery r { on fault down; try restart { restart agent; verify within 20s }; otherwise { notify c }; limit 3 per 1h by agent }
test "t" {
    given agent a status: "up"
    STEPS
}
"""


@pytest.mark.parametrize(
    ("steps", "passes"),
    [
        (
            'at 10s expect fault down on agent a; at 10s set agent a status: "down"',
            True,
        ),  # set comes before expect
        ("at 10h expect no fault down", True),  # what is given stays fresh
        (
            'at 5s set agent a status: "down"; at 40s expect fault down on agent a',
            True,
        ),  # an action changes nothing
        ('at 5s set agent a status: "down"; at 6s expect action restart on agent a', True),
        ('at 5s set agent a status: "down"; at 40s expect no fault down', False),
        ('action restart fails; at 5s set agent a status: "down"; at 8s expect action notify', True),
    ],
)
def test_28(steps: str, passes: bool) -> None:
    rules = program(RULES.replace("STEPS", steps.replace("; ", "\n    ")), all_runs=True)
    (case,) = rules.tests
    assert rehearse(rules, case, time.perf_counter).passed is passes


def test_28_what_is_lost_is_unknown_and_what_stays_is_not() -> None:
    rules = program(
        RULES.replace(
            "STEPS",
            'at 5s set agent a status: "down"\n at 6s lose agent a\n at 60s expect fault down on agent a',
        ),
        all_runs=True,
    )
    assert rehearse(rules, rules.tests[0], time.perf_counter).passed
