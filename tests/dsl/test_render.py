"""What people and programs read."""

from __future__ import annotations

import json
import re

import pytest

from dsl.diagnostics import Finding
from dsl.render import formats
from dsl.render.json import as_json
from dsl.render.text import as_text
from dsl.source import Source, Span
from tests.dsl.checking import checked

_CHANNEL = 'channel oncall { url "log:" }\n'
_TYPICAL = {
    "colon": "detection a {\n    category agent\n    severity: critical\n    when host.cpu > 90%\n    notify oncall\n}\n",
    "foreign operator": "detection a {\n    category agent\n    when host.cpu > 90% && host.memory > 90%\n    notify oncall\n}\n",
    "assignment": 'detection a {\n    for each agent\n    category agent\n    when agent.status = "down"\n    notify oncall\n}\n',
    "unit missing": "detection a {\n    category agent\n    when host.cpu > 90% for 15\n    notify oncall\n}\n",
    "percent": "detection a {\n    category resource\n    when host.cpu > 90\n    notify oncall\n}\n",
    "unclosed text": 'detection a {\n    category agent\n    when host.cpu > 90%\n    message "too hot\n    notify oncall\n}\n',
    "unclosed brace": 'recovery r {\n    on fault a\n    try x {\n        log "x"\n    limit 1 per 1h overall\n}\ndetection a { category agent; when host.cpu > 90% }\n',
    "another kind": "detection a {\n    category agent\n    when host.cpu > 90%\n    cooldown 5m\n    notify oncall\n}\n",
    "did you mean": 'detection a {\n    for each agent\n    category agent\n    when agent.staus == "dwon"\n    notify oncal\n}\n',
    "closed set": 'detection a {\n    for each agent\n    category agent\n    when agent.status == "dwon"\n    notify oncall\n}\n',
    "missing value": "detection a {\n    category agent\n    when host.cpu > 90% for\n    notify oncall\n}\n",
    "missing clause": "detection a {\n    when host.cpu > 90%\n    notify oncall\n}\n",
    "size and percent": "detection a {\n    for each disk\n    category resource\n    when disk.free < 10%\n    notify oncall\n}\n",
    "no limit": 'recovery r {\n    on fault a\n    try x { restart agent }\n    otherwise { notify oncall "gone" }\n}\ndetection a { for each agent; category agent; when agent.paused }\n',
    "not run yet": "detection a {\n    for each disk\n    category resource\n    severity critical when disk.usage > 95%\n    severity warning when disk.usage > 90%\n    notify oncall\n}\n",
    "declared twice": _CHANNEL,
}


@pytest.mark.parametrize("name", _TYPICAL)
def test_typical_mistakes(name: str, snapshot: object) -> None:
    text = _CHANNEL + _TYPICAL[name]
    findings = checked(text).findings
    assert as_text(findings, {"main.rules": Source("main.rules", text)}) == snapshot


def test_colour_changes_nothing_but_the_colour() -> None:
    text = _CHANNEL + _TYPICAL["percent"]
    sources = {"main.rules": Source("main.rules", text)}
    findings = checked(text).findings
    coloured = as_text(findings, sources, colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == as_text(findings, sources)


def test_nothing_to_say_is_nothing() -> None:
    assert as_text(()) == ""


def test_a_terminal_is_not_obeyed() -> None:
    finding = Finding("V101", "error", "a\x1b[2J", Span("x", 1, 3, 1, 4), label="\x07")
    written = as_text([finding], {"x": Source("x", "ab\x1b]0;c\td")})
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", written)


def test_carets_stand_under_what_is_meant_beside_wide_letters() -> None:
    finding = Finding("V101", "error", "here", Span("x", 1, 5, 1, 7))
    lines = as_text([finding], {"x": Source("x", "日本é yz")}).split("\n")
    assert lines[3] == "1 | 日本é yz"
    assert lines[4] == "  |       ^^"


def test_carets_stand_under_what_is_meant_behind_tabs_and_letters_that_join() -> None:
    finding = Finding("V101", "error", "here", Span("x", 1, 6, 1, 8))
    lines = as_text([finding], {"x": Source("x", "\te\u0301\u0e31 yz")}).split("\n")
    assert lines[3] == "1 |  e\u0301\u0e31 yz"
    assert lines[4] == "  |    ^^"


def test_a_long_line_is_shown_around_the_mark() -> None:
    finding = Finding("V101", "error", "here", Span("x", 1, 5001, 1, 5004))
    written = as_text([finding], {"x": Source("x", "a" * 5000 + "bcd" + "e" * 5000)})
    excerpt, caret = written.split("\n")[3:5]
    assert len(excerpt) < 200
    assert excerpt[caret.index("^") :].startswith("bcd")


def test_without_the_source_there_is_the_place() -> None:
    finding = Finding("V101", "error", "here", Span("x", 7, 5, 7, 6))
    assert as_text([finding]) == "error[V101]: here\n --> x:7:5\n\n1 error\n"


def test_json_says_everything_that_was_agreed() -> None:
    findings = checked(_CHANNEL + _TYPICAL["percent"] + "let unused = 1\n").findings
    written = json.loads(formats()["json"].render(findings, {}, False))
    assert written == as_json(findings)
    assert written["findings"][0] == {
        "code": "V303",
        "severity": "error",
        "message": "a percentage is needed, and `90` is a number",
        "file": "main.rules",
        "line": 4,
        "column": 21,
        "end_line": 4,
        "end_column": 23,
        "help": "write `90%`",
    }
    assert written["summary"] == {"errors": 1, "warnings": 0, "notes": 0}


def test_formats_register_themselves() -> None:
    assert {"text", "json"} <= set(formats())
    assert all(name == one.name for name, one in formats().items())


def test_a_fix_mends_its_finding() -> None:
    for name in ("colon", "percent", "assignment", "closed set"):
        text = _CHANNEL + _TYPICAL[name]
        (finding,) = checked(text).findings
        if finding.fix is None:
            continue
        lines = text.split("\n")
        span = finding.fix.span
        line = lines[span.line - 1]
        lines[span.line - 1] = line[: span.column - 1] + finding.fix.text + line[span.end_column - 1 :]
        assert checked("\n".join(lines)).findings == ()
