"""What tests of rules say: text in, scenes out."""

from __future__ import annotations

import pytest

from dsl.program import (
    ExpectAction,
    ExpectAlert,
    ExpectCount,
    ExpectFault,
    HappenEvent,
    Relative,
    Scene,
    SetFact,
)
from tests.dsl.checking import program

_GROUND = """\
channel oncall { url "log:" }
event deploy { field agent: text, at: time, size: size }
fact stream { key name; field last: time, up: flag }
agent api { action reconnect(stream: text) { http post "http://127.0.0.1:1/" } }
detection down { for each agent; category agent; when agent.status == "down" }
alert night { on fault down; notify oncall }
workflow w { step a { exec ["x"] } }
recovery revive {
    on fault down
    try restart { restart agent; verify within 1m }
    limit 3 per 1h by agent
}
"""


def _scene(line: str) -> Scene:
    found = program(f'{_GROUND}test "t" {{ {line} }}', all_runs=True)
    return found.tests[0].steps[0].what


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('given event deploy agent: "api"', HappenEvent("deploy", (("agent", "api"),))),
        ("at 5s event deploy", HappenEvent("deploy", ())),
        (
            "at 5s event deploy at: now - 5m, size: 3MiB",
            HappenEvent("deploy", (("at", Relative(-300.0)), ("size", 3.0 * 1024**2))),
        ),
        (
            "given stream x last: now, up: true",
            SetFact("stream", "x", (("last", Relative(0.0)), ("up", True))),
        ),
        (
            'given stream x last: "1970-01-01T00:01:00Z"',
            SetFact("stream", "x", (("last", 60.0),)),
        ),
        (
            'given stream x last: "1970-01-01T01:00:00+01:00"',
            SetFact("stream", "x", (("last", 0.0),)),
        ),
        ("at 5s expect fault down", ExpectFault("down", None, True)),
        (
            "at 5s expect no fault down on agent api severity critical",
            ExpectFault("down", "api", False, "critical"),
        ),
        ("at 5s expect alert night", ExpectAlert(None, "night", True)),
        ("at 5s expect no alert night to oncall", ExpectAlert("oncall", "night", False)),
        ("at 5s expect notify oncall", ExpectAlert("oncall", None, True)),
        ("at 5s expect notify oncall by down", ExpectAlert("oncall", "down", True)),
        (
            'at 5s expect action reconnect on agent api with stream: "a"',
            ExpectAction("reconnect", "api", True, (("stream", "a"),)),
        ),
        (
            'at 5s expect no action notify with channel: "oncall"',
            ExpectAction("notify", None, False, (("channel", "oncall"),)),
        ),
        ("at end expect count(alert night) == 1", ExpectCount("alert", "night", "==", 1.0)),
        ("at end expect count(notify oncall) >= 1", ExpectCount("notify", "oncall", ">=", 1.0)),
        ("at end expect count(event deploy) < 3", ExpectCount("event", "deploy", "<", 3.0)),
        ("at end expect count(step a of w) == 0", ExpectCount("step", "w/a", "==", 0.0)),
        ("at end expect count(maintenance) == 0", ExpectCount("maintenance", None, "==", 0.0)),
    ],
)
def test_scenes(line: str, expected: Scene) -> None:
    assert _scene(line) == expected
