"""Findings while rules are being written, and what mends them."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.editor.client import Client, changed

BAD = """\
language 1
channel people { url "log:" }
detection a {
    for each agent
    severity: critical
    category agent
    when     agent.statsu == "down"
    notify   people
}
"""


def codes(found: list[dict[str, object]]) -> list[object]:
    return [one["code"] for one in found]


def test_mistakes_stand_where_they_are_and_go_when_they_are_mended(editor: Client, file: Path) -> None:
    editor.open(file, BAD)
    colon, field = editor.findings(file)
    assert (colon["code"], field["code"]) == ("V110", "V204")
    assert colon["range"] == {
        "start": {"line": 4, "character": 12},
        "end": {"line": 4, "character": 13},
    }
    assert colon["severity"] == field["severity"] == 1
    assert "did you mean `status`?" in field["message"]
    editor.open(file, BAD.replace("severity:", "severity").replace("statsu", "status"))
    assert editor.findings(file) == []


def test_what_is_written_counts_not_what_is_on_disk(editor: Client, tmp_path: Path) -> None:
    names, rules = tmp_path / "names.rules", tmp_path / "rules.rules"
    names.write_text('language 1\nchannel people { url "log:" }\n')
    rules.write_text("language 1\n")
    editor.open(rules, 'language 1\nrecovery r {\n    on fault d\n    otherwise { notify people "x" }\n}\n')
    assert "V206" in codes(editor.findings(rules))  # there is no detection `d`
    editor.open(
        names,
        'language 1\nchannel persons { url "log:" }\n'
        "detection d { category agent; when host.cpu > 90% for 1m; notify persons }\n",
    )
    editor.open(rules, 'language 1\nrecovery r {\n    on fault d\n    otherwise { notify people "x" }\n}\n\n')
    found = editor.findings(rules)
    assert not [one for one in found if "detection" in one["message"] and one["code"] == "V206"]
    assert [one for one in found if "people" in one["message"]]


def test_what_is_used_is_found(editor: Client, file: Path) -> None:
    editor.open(file, "language 1\nuse std.healing { without agent_dwon }\n")
    (found,) = editor.findings(file)
    assert found["code"] == "V206"
    editor.open(file, 'language 1\nuse std.healing\nuse "other.rules"\n')
    (found,) = editor.findings(file)
    assert found["code"] == "V210"


def test_columns_count_as_editors_count_them(editor: Client, file: Path) -> None:
    editor.open(file, 'language 1\ndetection a "😀" { category agent; when host.cpu > 15 for 1m }\n')
    found = [one for one in editor.findings(file) if one["code"] == "V303"]
    line = 'detection a "😀" { category agent; when host.cpu > 15 for 1m }'
    start = len(line[: line.index("15 ")].encode("utf-16-le")) // 2
    assert found[0]["range"]["start"] == {"line": 1, "character": start}


def test_a_finding_with_a_replacement_is_mended_by_one_key(editor: Client, file: Path) -> None:
    place = editor.open(file, BAD)
    every = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    actions = editor.request(
        "textDocument/codeAction",
        {"textDocument": place["textDocument"], "range": every, "context": {"diagnostics": []}},
    )
    fixes = [one for one in actions if one.get("isPreferred")]
    edits = [edit for one in fixes for edit in one["edit"]["changes"][file.as_uri()]]
    assert changed(BAD, edits) == BAD.replace("severity:", "severity").replace("statsu", "status")


def test_a_warning_can_be_silenced_with_room_for_the_reason(editor: Client, file: Path) -> None:
    text = "language 1\nlet unused = 3m\n"
    place = editor.open(file, text)
    line = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}}
    actions = editor.request(
        "textDocument/codeAction",
        {"textDocument": place["textDocument"], "range": line, "context": {"diagnostics": []}},
    )
    (silence,) = [one for one in actions if one["title"].startswith("silence V407")]
    edits = silence["edit"]["changes"][file.as_uri()]
    assert changed(text, edits) == "language 1\n# volexd: allow V407 because \nlet unused = 3m\n"


def test_a_file_that_is_no_rule_file_stands_alone(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "bad.rules").write_text("nonsense\n")
    alone = tmp_path / "notes.txt"
    editor.open(alone, "language 1\nlet a = 3m\n")
    assert codes(editor.findings(alone)) == ["V407"]


def test_findings_of_files_that_are_not_open_are_shown_and_go_with_the_last_open_one(
    editor: Client, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.rules", tmp_path / "other.rules"
    one.write_text("language 1\nlet a = 3m\n")
    editor.open(other, "language 1\nlet b = 3m\n")
    assert codes(editor.findings(other)) == ["V407"]
    assert codes(editor.findings(one)) == ["V407"]
    editor.forget(one)
    editor.close_file(other)
    assert editor.findings(one) == []


def test_a_file_that_is_used_is_checked_where_it_is_used(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    user, used = tmp_path / "user.rules", tmp_path / "parts" / "used.rules"
    used.write_text("language 1\nlet patience = 3m\n")
    text = (
        'language 1\nuse "parts/used.rules"\nchannel c { url "log:" }\n'
        "detection d {\n    category agent\n    when host.cpu > 90% for patience\n    notify c\n}\n"
    )
    editor.open(user, text)
    assert editor.findings(user) == []
    editor.forget(user)
    editor.open(used, "language 1\nlet patience = 90%\n")
    assert codes(editor.findings(user)) == ["V304"]
