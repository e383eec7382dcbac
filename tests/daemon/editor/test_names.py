"""Where names are declared and used, in all files; what they mean; other names for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.daemon.editor.client import Client, Failed, changed

MAIN = """\
language 1
use "names.rules"
use std.channels
detection gone "An agent is gone" {
    for each agent
    category agent
    when     agent.status == "down" for patience
    message  "{agent.name} is gone for {patience}"
    notify   operators
    inhibited by fault other
}
detection other { for each stream as s; category communication; when not s.connected for 1m; notify operators }
recovery revive {
    on       fault gone, other
    try restart { restart agent api; verify within 30s }
    try ask { reconnect "x" on agent api; verify within 30s }
    otherwise { notify operators "{fault.name}" }
    limit    3 per 1h overall
}
test "gone" {
    given  agent api status: "down"
    at 10m expect fault gone on agent api
    at 10m expect count(fault gone over 1h) == 1
}
"""
NAMES = """\
language 1
let patience = 3m
fact stream "A stream" {
    key   name: text
    field connected: flag
}
agent api {
    health tcp "127.0.0.1:1"
    action reconnect(stream: text) { http post "http://127.0.0.1:1/" }
}
probe streams { http get "http://127.0.0.1:1/"; every 10s; into stream from reply.body }
"""


@pytest.fixture
def both(editor: Client, tmp_path: Path) -> dict[str, Path]:
    files = {"main": tmp_path / "main.rules", "names": tmp_path / "names.rules"}
    for name, text in (("names", NAMES), ("main", MAIN)):
        files[name].write_text(text)
        editor.open(files[name], text)
    return files


def at(file: Path, text: str, mark: str, behind: int = 0) -> dict[str, Any]:
    """The place of the first letter of `mark` in a text, or so many letters behind it."""
    offset = text.index(mark) + behind
    line = text[:offset].count("\n")
    return {
        "textDocument": {"uri": file.as_uri()},
        "position": {"line": line, "character": offset - text.rfind("\n", 0, offset) - 1},
    }


def pointed(text: str, location: dict[str, Any]) -> str:
    start, end = location["range"]["start"], location["range"]["end"]
    return text.split("\n")[start["line"]][start["character"] : end["character"]]


@pytest.mark.parametrize(
    ("mark", "behind", "line"),
    [
        ("patience", 2, 1),
        ("stream as s", 0, 2),
        ("agent api", 7, 6),
        ('reconnect "x"', 3, 8),
        ("s.connected", 4, 4),
    ],
)
def test_declarations_in_other_files(
    editor: Client, both: dict[str, Path], mark: str, behind: int, line: int
) -> None:
    (found,) = editor.request("textDocument/definition", at(both["main"], MAIN, mark, behind))
    assert found["uri"] == both["names"].as_uri()
    assert found["range"]["start"]["line"] == line


def test_declarations_by_their_names(editor: Client, both: dict[str, Path]) -> None:
    editor.findings(both["main"])
    found = editor.request("workspace/symbol", {"query": "rvv"})
    here = [one for one in found if one["location"]["uri"] == both["main"].as_uri()]
    assert [(one["name"], one["containerName"]) for one in here] == [("revive", "recovery")]


def test_a_step_in_its_workflow_and_beside_it(editor: Client, file: Path) -> None:
    text = (
        'language 1\nworkflow w { step one { exec ["x"] }; step two { after one; exec ["y"]; optional } }\n'
        "adaptation a { of workflow w; when host.cpu > 90% for 1m; then { skip step two } }\n"
    )
    editor.open(file, text)
    for mark, behind, column in (
        ("after one", 7, text.index("one") - 11),
        ("skip step two", 11, text.index("two") - 11),
    ):
        (found,) = editor.request("textDocument/definition", at(file, text, mark, behind))
        assert found["range"]["start"] == {"line": 1, "character": column}


def test_declarations_of_the_standard_rules(editor: Client, both: dict[str, Path]) -> None:
    (found,) = editor.request("textDocument/definition", at(both["main"], MAIN, "operators", 1))
    assert found["uri"].endswith("/rules/std/channels.rules")


def test_what_is_always_there_has_no_place(editor: Client, both: dict[str, Path]) -> None:
    assert editor.request("textDocument/definition", at(both["main"], MAIN, "agent.status", 8)) == []


def test_every_place_in_which_a_name_stands(editor: Client, both: dict[str, Path]) -> None:
    place = at(both["main"], MAIN, "fault gone", 7)
    found = editor.request("textDocument/references", {**place, "context": {"includeDeclaration": True}})
    assert [pointed(MAIN, one) for one in found] == ["gone"] * 4
    without = editor.request("textDocument/references", {**place, "context": {"includeDeclaration": False}})
    assert len(without) == 3
    seen = editor.request("textDocument/documentHighlight", place)
    assert len(seen) == 4


def test_another_name_in_all_files_and_texts(editor: Client, both: dict[str, Path]) -> None:
    edit = editor.request(
        "textDocument/rename", {**at(both["main"], MAIN, "for patience", 5), "newName": "long_enough"}
    )
    edits = edit["changes"]
    main = changed(MAIN, edits[both["main"].as_uri()])
    assert main == MAIN.replace("patience", "long_enough")
    assert changed(NAMES, edits[both["names"].as_uri()]) == NAMES.replace("patience", "long_enough")


def test_a_type_another_name(editor: Client, both: dict[str, Path]) -> None:
    edit = editor.request("textDocument/rename", {**at(both["names"], NAMES, "stream "), "newName": "feed"})
    after = changed(NAMES, edit["changes"][both["names"].as_uri()])
    assert "fact feed" in after
    assert "into feed from" in after
    assert "probe streams" in after
    assert "reconnect(stream: text)" in after
    assert "for each feed as s" in changed(MAIN, edit["changes"][both["main"].as_uri()])


@pytest.mark.parametrize(
    ("mark", "behind", "new", "why"),
    [
        ("fault gone", 7, "other", "declares `other` already"),
        ("fault gone", 7, "not", "no name"),
        ("fault gone", 7, "a-b", "no name"),
        ("operators", 1, "people", "not of these rules"),
    ],
)
def test_names_that_cannot_be_given(
    editor: Client, both: dict[str, Path], mark: str, behind: int, new: str, why: str
) -> None:
    with pytest.raises(Failed, match=why):
        editor.request("textDocument/rename", {**at(both["main"], MAIN, mark, behind), "newName": new})


@pytest.mark.parametrize(
    ("mark", "behind", "there"),
    [
        (
            "agent.status",
            8,
            ['one of ["starting", "up", "degraded", "down", "stopped"]', "A supervised agent"],
        ),
        ("agent.status", 1, ["status: one of", "key   name: text"]),
        ("s.connected", 4, ["stream.connected: flag", "A stream"]),
        ("for patience", 5, ["let patience = 3m", "names.rules:2"]),
        ("fault gone", 7, ['detection gone "An agent is gone"', "main.rules:4"]),
        ("category", 2, ["category", "What sort of fault it is."]),
        ("within 30s", -5, ["verify"]),
        ("restart agent", 2, ["restart agent"]),
        ('reconnect "x"', 3, ["action reconnect(stream: text) of agent api"]),
        ("count(fault", 2, ["How many such faults were raised"]),
        ("agent\n    when", 2, ["What sort of fault it is."]),
    ],
)
def test_what_things_mean(
    editor: Client, both: dict[str, Path], mark: str, behind: int, there: list[str]
) -> None:
    told = editor.request("textDocument/hover", at(both["main"], MAIN, mark, behind))
    assert [one for one in there if one not in told["contents"]["value"]] == []


def test_blanks_and_comments_mean_nothing(editor: Client, file: Path) -> None:
    text = "language 1\n# agent.status\n\n# volexd: allow V407 because\nlet a = 3m\n"
    editor.open(file, text)
    assert editor.request("textDocument/hover", at(file, text, "status")) is None
    told = editor.request("textDocument/hover", at(file, text, "V407", 1))
    assert "constant not used" in told["contents"]["value"]
