"""Tests of rules in the language itself: those that must pass, and those that must fail with what was found."""

from __future__ import annotations

from itertools import count
from textwrap import indent

import pytest

from daemon.rehearsal import stage
from daemon.rehearsal.rehearse import Rehearsal, rehearse
from daemon.rehearsal.text import as_text
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.program import Program
from dsl.source import Source

RULES = """
channel oncall { url "log:" }
agent api {
    unit process ["/usr/bin/api"]
    action reconnect(stream: text) {
        http post "http://127.0.0.1:8080/connect" { body symbol: stream }
        affects stream.connected
    }
}
fact stream { key name: text; field connected: flag }
detection agent_down {
    for each agent
    severity critical
    category agent
    when     agent.status == "down" for 15s
    until    agent.status == "up" for 10s
}
detection hot {
    category resource
    when   host.cpu > 90% for 1h
    notify oncall
}
detection cut_off {
    for each stream
    category communication
    when   not stream.connected
    notify oncall after 1m
}
recovery revive_agent {
    on fault agent_down
    try restart { restart agent; verify within 60s }
    try again   { restart agent; verify within 60s }
    otherwise { notify oncall "{agent.name}" }
    limit 5 per 1h by agent
}
recovery reconnect_stream {
    on fault cut_off
    try reconnect { reconnect stream.name on agent api; verify within 30s }
    limit 6 per 1h by stream
}
"""


def played(steps: str, rules: str = RULES) -> Rehearsal:
    """The one test of the rules whose steps these are."""
    text = f'{rules}\ntest "t" {{\n{indent(steps, "    ")}\n}}\n'
    checked = check([Source("a.rules", text)], vocabulary())
    assert isinstance(checked.program, Program), [finding.message for finding in checked.errors]
    ticks = count()
    return rehearse(checked.program, checked.program.tests[0], lambda: next(ticks) / 1000)


@pytest.mark.parametrize(
    "steps",
    [
        # in one instant, what is set comes before what is expected, in whatever order it is written
        'at 10s expect fault cut_off\n at 10s set stream x connected: false',
        # what is given counts from the beginning
        'given stream x connected: false\n at 0s expect fault cut_off on stream x',
        # a fault of one is none of another
        'given stream x connected: false\n at 1s expect no fault cut_off on stream y\n at 1s expect fault',
        # an hour of holding, to the second
        "given host cpu: 95%\n at 59m59s expect no fault\n at 1h expect fault hot",
        # a value that is repeated keeps nothing from happening
        "every 7s set host cpu: 95%\n at 1h expect fault hot",
        # what comes and goes does not hold
        "every 40m set host cpu: 95%\n at 30m set host cpu: 10%\n at 90m expect no fault hot",
        # lost is unknown: it resets a hold, and neither raises nor clears
        'given agent api status: "down"\n at 10s lose agent api\n at 1m expect no fault',
        'given agent api status: "down"\n at 20s lose agent api\n at 1h expect fault agent_down on agent api',
        # actions succeed, and change nothing
        'given agent api status: "down"\n at 16s expect action restart on agent api\n at 16s expect fault agent_down',
        'given agent api status: "down"\n at 2m15s expect recovery revive_agent exhausted with again\n at 2m15s expect action notify',
        # unless the test says otherwise, from then on
        'given agent api status: "down"\n action restart fails\n at 15s expect recovery revive_agent exhausted',
        'given agent api status: "down"\n action restart fails\n at 10s action restart succeeds\n at 20s expect count(action restart) == 1',
        # what an agent does for itself is known by its own name, and by what it is made of
        'given stream x connected: false\n at 0s expect action reconnect on stream x\n at 0s expect action http on agent api',
        'given stream x connected: false\n action reconnect fails\n at 0s expect recovery reconnect_stream exhausted with reconnect',
        # counting
        'given agent api status: "down"\n at 3h expect count(action) == 3\n at 3h expect count(action restart) >= 2',
        'given agent api status: "down"\n at 1h expect count(fault agent_down) == 1\n at 1h expect count(recovery) < 2',
        "at end expect count(fault) == 0",
        # times that no binary fraction holds
        'at 100ms set agent api status: "down"\n at 15100ms expect fault agent_down',
        # the end is the latest instant that is named
        'given agent api status: "down"\n at end expect fault agent_down\n at 16s set host cpu: 1%',
        "",
    ],
)  # fmt: skip
def test_passes(steps: str) -> None:
    assert [failure.found for failure in played(steps).failures] == []


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("at 1s expect fault hot", "no such fault was raised; open: none"),
        ('given stream x connected: false\n at 1s expect fault hot', "no such fault was raised; open: cut_off on stream x"),
        ('given stream x connected: false\n at 5s expect no fault', "cut_off on stream x is open since 0s"),
        ('given stream x connected: false\n at 5s set stream x connected: true\n at 1m expect fault cut_off',
         "cut_off on stream x was open from 0s to 5s (cleared)"),
        ("at 1s expect action restart", "no action was begun"),
        ('given stream x connected: false\n at 5s expect action restart', "actions begun: http on api at 0s"),
        ('given agent api status: "down"\n at 20s expect no action restart on agent api', "actions begun: restart on api at 15s"),
        ("at 1s expect recovery revive_agent succeeded", "no such recovery began; begun: none"),
        ('given agent api status: "down"\n at 20s expect recovery revive_agent succeeded',
         "revive_agent for api goes on since 15s (tried restart)"),
        ('given agent api status: "down"\n action restart fails\n at 20s expect recovery revive_agent exhausted with restart',
         "revive_agent for api exhausted at 15s (tried again): restart failed (as the test says)"),
        ('given agent api status: "down"\n at 20s expect count(action restart) > 1', "there were 1 (actions begun: restart on api at 15s)"),
        ("at 20s expect count(fault) == 2", "there were 0"),
    ],
)  # fmt: skip
def test_fails_with_what_was_found(steps: str, found: str) -> None:
    assert [failure.found for failure in played(steps).failures] == [found]


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ('given host cpu: 95%\n at 20m expect fault hot', ["its condition has been true for 20m, and must be so for 1h: 40m left"]),
        ("given host cpu: 10%\n at 2h expect fault hot",
         ["its `when` is not true", "  host.cpu > 0.9 is false", "    host.cpu is 0.1", "    0.8 below what is compared with"]),
        ("at 1s expect fault hot", ["its `when` is unknown", "  host.cpu > 0.9 is unknown", "    host.cpu is unknown",
          "    nobody has said the cpu of host host so far"]),
        ("at 1s expect fault cut_off on stream x", ["nothing is known of stream x; known are: none"]),
        ('given stream x connected: true\n given stream y connected: true\n at 1s expect fault cut_off',
         ["x:", "  its `when` is not true", "    not stream.connected is false", "      stream.connected is true",
          "y:", "  its `when` is not true", "    not stream.connected is false", "      stream.connected is true"]),
        ("at 1s expect recovery revive_agent succeeded", ["no fault agent_down is open", "  detection agent_down:", "    its `when` is unknown", '      agent.status == "down" is unknown',
          "        agent.status is unknown", "        what is said of agent api leaves its status unknown"]),
        # what is not there because of nothing has no reason
        ('given stream x connected: false\n at 5s expect no fault', []),
        ("at 1s expect action restart", []),
    ],
)  # fmt: skip
def test_fails_with_what_stood_in_the_way(steps: str, why: list[str]) -> None:
    assert [list(failure.reasons) for failure in played(steps).failures] == [why]


def test_every_failure_is_told_with_its_place_and_the_timeline_with_its_marks() -> None:
    rehearsal = played(
        '    given agent api status: "down"\n    at 1s expect fault\n    at 30s expect no action restart'
    )
    start = RULES.count("\n") + 2
    assert [(failure.place.line, failure.at) for failure in rehearsal.failures] == [
        (start + 2, 1.0),
        (start + 3, 30.0),
    ]
    text = as_text([rehearsal], colour=False)
    assert text.startswith("✗ t  (30s in 1 ms)\n")
    assert "        1s ✗ at 1s expect fault\n" in text
    assert "       30s ✗ at 30s expect no action restart\n" in text
    assert text.endswith("0 passed, 1 failed\n")


def test_the_same_rehearsal_twice_is_the_same() -> None:
    steps = 'every 9s set agent api status: "down"\n every 13s set stream x connected: false\n at 2h expect count(action) == 0'
    assert played(steps) == played(steps)


def test_colour_is_in_the_marks_only() -> None:
    rehearsal = played("at 1s expect fault")
    assert as_text([rehearsal], colour=True).replace("\x1b[31m", "").replace("\x1b[0m", "") == as_text(
        [rehearsal], colour=False
    )


def test_rules_that_never_come_to_rest_fail_instead_of_running_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_MOST_EVENTS", 500)
    rehearsal = played("every 1s set host cpu: 50%\n at 1h expect no fault")
    assert [failure.expected for failure in rehearsal.failures] == ["the test comes to its end"]
    assert "500 events until" in rehearsal.failures[0].found
