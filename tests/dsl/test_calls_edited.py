"""However calls and bindings are edited: no crash, every finding lies inside the text, and a program without an error is whole."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.source import Source

_TEXT = """\
fact http { key job, code; field value: number, bytes: size, took: histogram, seen: time }
fact owner { key job; field name: text }
event deploy { field agent: text, size: size }
calendar office { hours mon to fri 09:00 to 18:00 }
let patience = 3m
channel c { url "log:" }
workflow w {
    step a { exec ["bin/a"] }
    step b { after a; for each agent as one; http get "{one.url}"; pass when count(answers where answers.status == 200) > 1 }
}
derive load { for each http by job; field total = sum(http.value) }
detection d {
    for each http as h by job where h.code != "404"
    category agent
    when sum(rate(h.value over 5m) where h.code matches '5..') / sum(rate(h.value over patience)) > 5%
    unless all(h where h.bytes > 1GB satisfy h.value > past(h.value, 15m)) or max(quantile(0.99, h.took over 1h)) > 3
    message "{h.job}: {count(h)} of {count(http)}, {distinct(owner.name)}"
    notify c
}
detection e {
    for each http, owner as o matching job where o.name != "x"
    category agent
    when http.seen < now - 5m and changes(http.code over 50m ending 10m ago) > 3 and share(http.value > 3 over 1h) > 5%
    unless count(event deploy where deploy.agent == o.name over 2m) > 0 or sum(deploy.size over 1h) > 1GB
    until during(office) and count(fault d over 1h) > 3 and absent(http.value over 1m) or age(http.value) > 3s
    notify c
}
detection f {
    for each agent
    category agent
    when any(agent as other where other.labels == agent.labels) and no(http where http.value > 3)
    unless time_until(agent.cpu >= 95% over 6h) < 12h or forecast(agent.memory after 1h over 3h) > 1GiB
    until anomaly(agent.cpu over 1d) > 0.99 and learned.duration(w/a) > 3s
    notify c
}
recovery r { on fault d; try t { exec ["bin/x", http.job] }; limit 1 per 1h by http.job }
recovery s { on fault e; try t { exec ["bin/x", owner.name] }; limit 1 per 1h by owner }
"""
_TOKENS = re.findall(r"\w+(?:\.\w+)*\(?|[^\w\s]|\s+", _TEXT)
_INSERTED = sorted({token for token in _TOKENS if token.strip()})
_WORDS = replace(vocabulary(), later={})
_EDITS = st.lists(
    st.tuples(st.integers(0, len(_TOKENS) - 1), st.sampled_from(["", *_INSERTED])), min_size=1, max_size=4
)


def _checked(text: str) -> Checked:
    return check([Source("calls.rules", text)], _WORDS)


def test_the_whole_text_is_right() -> None:
    assert [(one.span.line, one.message) for one in _checked(_TEXT).errors] == []


@settings(deadline=None, max_examples=150)
@given(_EDITS)
def test_nothing_crashes_and_nothing_is_left_out(edits: list[tuple[int, str]]) -> None:
    tokens = list(_TOKENS)
    for at, token in edits:
        tokens[at] = token if tokens[at].strip() else tokens[at]
    text = "".join(tokens)
    found = _checked(text)
    lines = text.split("\n")
    for one in found.findings:
        assert 1 <= one.span.line <= one.span.end_line <= len(lines)
        assert 1 <= one.span.column <= len(lines[one.span.line - 1]) + 1
        assert 1 <= one.span.end_column <= len(lines[one.span.end_line - 1]) + 1
    if found.program is not None:
        assert len(found.program.detections) == len(re.findall(r"^detection\b", text, re.MULTILINE))
        assert len(found.program.recoveries) == len(re.findall(r"^recovery\b", text, re.MULTILINE))
