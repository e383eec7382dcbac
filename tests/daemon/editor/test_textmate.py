"""The TextMate grammar as VS Code reads it: with its own library, where that is installed.

npm install --prefix DIR vscode-textmate vscode-oniguruma
NODE_PATH=DIR/node_modules make test-slow
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GRAMMAR = ROOT / "docs/editors/vscode/syntaxes/volexd.tmLanguage.json"
MODULES = [Path(one) for one in os.environ.get("NODE_PATH", "").split(os.pathsep) if one]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("node") is None or not any((one / "vscode-textmate").is_dir() for one in MODULES),
        reason="needs node, and vscode-textmate and vscode-oniguruma in NODE_PATH",
    ),
]


def coloured(text: str) -> list[tuple[str, str]]:
    done = subprocess.run(
        ["node", Path(__file__).with_name("textmate.js"), GRAMMAR],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return [(one[0], one[1]) for one in map(json.loads, done.stdout.splitlines())]


def test_words_names_texts_and_numbers() -> None:
    scopes = dict(
        coloured(
            'agent news "Its feed" {  # why\n    health http "x" { every 5s }\n    reconnect now\n}\n'
            'detection d {\n    # volexd: allow V404 because\n    category resource\n    when agent.status == "down" for 15s\n'
            "    message \"at {since(agent.since)} \\n\"\n    until not x and y matches 'a|b'\n}\n"
        )
    )
    assert scopes["agent"] in ("keyword.declaration.volexd", "support.type.volexd")
    assert scopes["detection"] == "keyword.declaration.volexd"
    assert scopes["news"] == "entity.name.type.volexd"
    assert (
        scopes["every"]
        == scopes["health"]
        == scopes["category"]
        == scopes["when"]
        == "keyword.control.volexd"
    )
    assert scopes["resource"] == "constant.language.volexd"
    assert scopes["for"] == "keyword.other.volexd"
    assert scopes["15s"] == scopes["5s"] == "constant.numeric.volexd"
    assert scopes["status"] == "variable.other.property.volexd"
    assert scopes["since"] in ("support.function.volexd", "variable.other.property.volexd")
    assert scopes["\\n"] == "constant.character.escape.volexd"
    assert scopes["'a|b'"] == "string.quoted.single.volexd"
    assert scopes["and"] == scopes["matches"] == scopes["not"] == "keyword.operator.word.volexd"
    assert scopes["volexd: allow"] == "keyword.other.silence.volexd"
    assert scopes["reconnect"] == "entity.name.function.volexd"
    assert scopes["# why"] == "comment.line.number-sign.volexd"


def test_a_quote_that_is_missing_colours_its_line_only() -> None:
    after = coloured('detection d {\n    message "open {agent.name\n    category agent\n}\n')
    assert ("category", "keyword.control.volexd") in after


@pytest.mark.parametrize(
    "name", ["rules/std/healing.rules", "rules/volexswarm/agents.rules", "tests/dsl/tour.rules"]
)
def test_whole_files(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    found = coloured(text)
    assert "".join(piece for piece, _ in found) == text.replace("\n", "")
    assert {"keyword.declaration.volexd", "keyword.control.volexd", "comment.line.number-sign.volexd"} <= {
        scope for _, scope in found
    }
