"""Every form of every function has an example, and every example is right where what it speaks of is declared."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source
from dsl.vocabulary.word import FunctionForm, FunctionWord, ValueWord

_GROUND = """\
fact http { key code; field latency: histogram }
fact http_requests { key code; field value: number }
fact stream { key name; field agent: text, connected: flag, last_update: time }
fact batch { key name; field failed: number }
fact certificate { key name; field expires: time }
event deploy { field agent: text, version: text }
event order { field size: size, delay: duration }
calendar business_hours { hours mon to fri 09:00 to 18:00 }
channel oncall { url "log:" }
detection agent_down { for each agent; category agent; when agent.status == "down"; notify oncall }
workflow rebalance { step prices { exec ["bin/prices"] } }
agent web { unit process ["web"]; labels tier: "trading", role: "risk", version: "1" }
"""
_BOUND = (
    "",
    *(
        f"for each {kind}; "
        for kind in ("agent", "disk", "stream", "batch", "http", "http_requests", "certificate")
    ),
)
_KNOWN = vocabulary()
_ALL: tuple[FunctionForm | FunctionWord | ValueWord, ...] = (*_KNOWN.forms, *_KNOWN.functions, *_KNOWN.values)


def _rules(example: str) -> list[str]:
    """The example wherever it may belong: in a detection about something, or in an adaptation of the one workflow."""
    word = example.split()[0]
    clause = example if word == "when" else f"when host.cpu > 90%; {example}"
    detections = [f"detection d {{ {bound}category agent; {clause}; notify oncall }}" for bound in _BOUND]
    adaptation = (
        f"adaptation a {{ of workflow rebalance; {clause}; then {{ set steps.prices.timeout = 60s }} }}"
    )
    return [*detections, adaptation]


def _is_right(text: str) -> bool:
    source = Source("main.rules", f"{_GROUND}{text}\n")
    return check([source], replace(_KNOWN, later={})).program is not None


@pytest.mark.parametrize("one", _ALL, ids=lambda one: f"{one.name} {getattr(one, 'over', '')}".strip())
def test_the_example_is_right(one: FunctionForm | FunctionWord | ValueWord) -> None:
    assert one.doc.endswith(".")
    assert one.name in one.example
    assert any(_is_right(text) for text in _rules(one.example))
