"""What is asked of a whole file: its form, its outline, its colours. And files that are large, or half written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.daemon.editor.client import Client, changed

TEXT = """\
language 1
workflow w "Prices" {
  step a { exec ["x"] }
    step b {
        after a
        exec ["y", "{now_or_never}"]   # 3
    }
}
let now_or_never = "😀"
"""


def whole(file: Path) -> dict[str, Any]:
    return {"textDocument": {"uri": file.as_uri()}}


def test_the_form_of_fmt(editor: Client, file: Path) -> None:
    editor.open(file, TEXT)
    options = {"tabSize": 2, "insertSpaces": False}
    edits = editor.request("textDocument/formatting", {**whole(file), "options": options})
    after = changed(TEXT, edits)
    assert '    step a { exec ["x"] }\n' in after
    assert '        exec  ["y", "{now_or_never}"]                # 3\n' in after
    editor.open(file, after)
    assert editor.request("textDocument/formatting", {**whole(file), "options": options}) == []


def test_the_outline(editor: Client, file: Path) -> None:
    editor.open(file, TEXT)
    workflow, constant = editor.request("textDocument/documentSymbol", whole(file))
    assert (workflow["name"], workflow["detail"]) == ("w", "workflow Prices")
    assert [child["name"] for child in workflow["children"]] == ["a", "b"]
    assert constant["name"] == "now_or_never"


def test_colours_cover_every_word_once(editor: Client, file: Path) -> None:
    editor.open(file, TEXT)
    legend = editor.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
    data = editor.request("textDocument/semanticTokens/full", whole(file))["data"]
    found = list(_decoded(TEXT, data, legend))
    kinds = dict(found)
    assert kinds["workflow"] == kinds["step"] == kinds["after"] == kinds["exec"] == "keyword"
    assert kinds["w"] == "class"
    assert kinds["now_or_never"] == "variable"
    assert kinds["# 3"] == "comment"
    assert kinds['"{'] == kinds['}"'] == kinds['"😀"'] == "string"
    assert kinds["1"] == "number"


def test_colours_of_a_part_are_those_of_the_whole(editor: Client, file: Path) -> None:
    editor.open(file, TEXT)
    legend = editor.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
    part = {"start": {"line": 3, "character": 2}, "end": {"line": 4, "character": 0}}
    some = editor.request("textDocument/semanticTokens/range", {**whole(file), "range": part})["data"]
    full = editor.request("textDocument/semanticTokens/full", whole(file))["data"]
    found = list(_decoded(TEXT, some, legend))
    assert ("step", "keyword") in found
    assert ("let", "keyword") not in found
    assert set(found) < set(_decoded(TEXT, full, legend))


def _decoded(text: str, data: list[int], legend: list[str]) -> Any:
    line = column = 0
    rows = [row.encode("utf-16-le") for row in text.split("\n")]
    end = (0, 0)
    for down, across, length, kind, _ in zip(*[iter(data)] * 5, strict=True):
        line, column = line + down, across + (0 if down else column)
        assert (line, column) >= end
        end = (line, column + length)
        yield rows[line][column * 2 : (column + length) * 2].decode("utf-16-le"), legend[kind]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "detection", "detection {", "{{{{", 'a "', "det\n\t|x { y", "\r\n#\r\n"]
)
def test_half_written_files_are_answered(editor: Client, file: Path, text: str) -> None:
    place = editor.open(file, text)
    editor.findings(file)
    editor.request("textDocument/completion", place)
    editor.request("textDocument/hover", place)
    editor.request("textDocument/documentSymbol", whole(file))
    editor.request("textDocument/semanticTokens/full", whole(file))
    editor.request("textDocument/definition", place)


def test_a_file_of_a_thousand_rules(editor: Client, file: Path) -> None:
    rule = (
        'detection rule_%d "Number %d" {\n    for each agent\n    severity warning\n    category agent\n'
        '    when     agent.status == "down" and agent.restarts > %d for 1m\n    notify   people\n}\n'
    )
    text = 'language 1\nchannel people { url "log:" }\n' + "".join(rule % (n, n, n) for n in range(1000))
    editor.open(file, text)
    assert [one for one in editor.findings(file) if one["severity"] == 1] == []
    place = editor.open(file, text.replace("agent.restarts > 500 ", "agent.| > 500 "))
    items = editor.request("textDocument/completion", place)["items"]
    assert "restarts" in {item["label"] for item in items}
    assert [one["range"]["start"]["line"] for one in editor.findings(file) if one["severity"] == 1] == [3506]
