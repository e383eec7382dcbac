"""What other programs read: SARIF against its schema, JUnit against its, the commands of GitHub by their rules."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dsl.codes import CODES
from dsl.diagnostics import Context, Finding, Fix
from dsl.render import formats
from dsl.source import Source, Span
from tests.dsl.checking import checked

_SCHEMAS = Path(__file__).parent / "schemas"
_CHANNEL = 'channel oncall { url "log:" }\n'
# A file with an error, a warning, a note and one that parses no further than its first line.
_MIXED = (
    _CHANNEL
    + "let 日本 = 3m\nlet unused = 3m\n"
    + "detection a {\n    category agent\n    when host.cpu > 90 && host.memory > 90%\n    notify oncall\n    notify onclal\n}\n"
    + 'recovery r {\n    on fault a\n    order learned\n    try x { log "日本é {host.cpu" }\n    limit 1 per 1h overall\n}\n'
)
_TEXTS = {
    "nothing to say": _CHANNEL,
    "errors and others": _MIXED,
    "a warning": _CHANNEL + "let unused = 3m\n",
    "no rules at all": "\x01}{]['\"\n\t\x7f detection { && } 🙂\n",
    "empty": "",
}


@cache
def _sarif() -> jsonschema.Draft4Validator:
    schema = json.loads((_SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


@cache
def _junit() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(_SCHEMAS / "junit-10.xsd")


def _written(form: str, text: str, name: str = "rules/main.rules") -> str:
    return formats()[form].render(checked(text, name).findings, {name: Source(name, text)}, False)


def _run(text: str) -> dict[str, Any]:
    (run,) = json.loads(_written("sarif", text))["runs"]
    found: dict[str, Any] = run
    return found


# --- SARIF --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _TEXTS)
def test_sarif_is_valid_also_when_nothing_parses(name: str) -> None:
    log = json.loads(_written("sarif", _TEXTS[name]))
    assert [error.message for error in _sarif().iter_errors(log)] == []


def test_sarif_is_valid_for_every_code() -> None:
    span = Span("a b/ü:x.rules", 1, 2, 3, 1)
    findings = [
        Finding(code, CODES[code].severity, "m", span, "l", (Context(span, "c"),), "h", Fix(span, ""))
        for code in CODES
    ]
    log = json.loads(formats()["sarif"].render(findings, {}, False))
    assert [error.message for error in _sarif().iter_errors(log)] == []
    assert {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]} == set(CODES)


def test_sarif_says_what_the_findings_say() -> None:
    run = _run(
        _CHANNEL + "detection a {\n    category agent\n    when host.cpu > 90 # 日本\n    notify oncall\n}\n"
    )
    assert run["columnKind"] == "unicodeCodePoints"
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (result["ruleId"], result["level"], rule["id"]) == ("V303", "error", "V303")
    assert "## How to fix" in rule["help"]["markdown"]
    (location,) = result["locations"]
    place = {"startLine": 4, "startColumn": 21, "endLine": 4, "endColumn": 23}
    assert location["physicalLocation"]["region"] == place
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "rules/main.rules", "index": 0}
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": place, "insertedContent": {"text": "90%"}}]


def test_sarif_names_other_places() -> None:
    (result,) = _run(_CHANNEL + _CHANNEL)["results"]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"]["startLine"] == 1
    assert related["message"]["text"] == "declared here first"


def test_sarif_references_are_references() -> None:
    finding = Finding("V101", "error", "m", Span("./a b/%ü:.rules", 1, 1, 1, 1))
    absolute = Finding("V101", "error", "m", Span("/srv/x.rules", 1, 1, 1, 1))
    log = json.loads(formats()["sarif"].render([finding, absolute], {}, False))
    uris = [artifact["location"]["uri"] for artifact in log["runs"][0]["artifacts"]]
    assert uris == ["a%20b/%25%C3%BC%3A.rules", "file:///srv/x.rules"]


def test_every_file_that_was_checked_is_named() -> None:
    assert _run(_CHANNEL)["artifacts"] == [
        {"location": {"uri": "rules/main.rules"}, "roles": ["analysisTarget"]}
    ]


# --- whatever is checked ---------------------------------------------------------------------------------------------------------

_PIECES = [
    *(
        "detection ",
        "a ",
        "{\n",
        "}\n",
        "when ",
        "host.cpu ",
        "> ",
        "90",
        "% ",
        '"',
        "'",
        "; ",
        "    ",
        "\n",
        "&& ",
    ),
    *(
        "# volexd: allow ",
        "V407",
        "V404, ",
        "because ",
        "until ",
        "2027-01-31 ",
        "2027-13-99 ",
        "let x = 3m ",
        "${",
        "{{",
    ),
    *("日本", "é", "🙂", "\x07", "\ud7ff", "\t", "\x0b", "\u2028", "%0A", "]]>", "<&", "::error::"),
]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
@example("# volexd: allow \x0bdetection ")  # white space that is neither a blank nor a tab
@example("# volexd: allow ,")
def test_every_format_holds_whatever_is_found(text: str) -> None:
    found = checked(text).findings
    log = json.loads(_written("sarif", text))
    assert [error.message for error in _sarif().iter_errors(log)] == []
    assert len(log["runs"][0]["results"]) == len(found)
    assert len(json.loads(_written("json", text))["findings"]) == len(found)
    ElementTree.fromstring(_written("junit", text).encode())
    assert len(_written("github", text).split("\n")) == len(found) + 1


# --- GitHub -------------------------------------------------------------------------------------------------------------------


def test_github(snapshot: object) -> None:
    assert _written("github", _MIXED) == snapshot


def test_github_is_not_misled_by_what_rules_hold() -> None:
    span = Span("a,b:c%\n.rules", 1, 2, 1, 4)
    finding = Finding("V101", "error", "100%\r\n::error::x", span, help="a\nb")
    (line,) = formats()["github"].render([finding], {}, False).splitlines()
    assert line == (
        "::error file=a%2Cb%3Ac%25%0A.rules,line=1,endLine=1,col=2,endColumn=3,title=volexd V101"
        "::100%25%0D%0A::error::x%0Aa%0Ab"
    )


def test_github_takes_no_columns_of_several_lines() -> None:
    finding = Finding("V101", "info", "m", Span("a", 1, 2, 3, 4))
    assert formats()["github"].render([finding], {}, False) == (
        "::notice file=a,line=1,endLine=3,title=volexd V101::m\n"
    )


# --- JUnit --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _TEXTS)
def test_junit_is_valid(name: str) -> None:
    _junit().validate(_written("junit", _TEXTS[name]))


def test_junit(snapshot: object) -> None:
    name = "rules/clean.rules"
    findings = checked(_MIXED, "rules/main.rules").findings
    sources = {"rules/main.rules": Source("rules/main.rules", _MIXED), name: Source(name, _CHANNEL)}
    assert formats()["junit"].render(findings, sources, False) == snapshot
