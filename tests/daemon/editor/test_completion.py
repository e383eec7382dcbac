"""What is proposed where the cursor is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.daemon.editor.client import Client

AROUND = """\
language 1
let patience = 3m
channel oncall { url "log:" }
fact stream "A stream" { key name: text; field connected: flag, mode: one of ["live", "replay"] }
event deploy { field agent: text }
agent realtime {
    health tcp "127.0.0.1:1"
    labels tier: "x"
    action reconnect(stream: text) { http post "http://127.0.0.1:1/" }
}
workflow rebalance { step prices { exec ["x"] } }
detection agent_down { for each agent; category agent; when agent.status == "down" for 15s; notify oncall }
"""


def proposed(editor: Client, file: Path, text: str) -> dict[str, Any]:
    place = editor.open(file, AROUND + text)
    found = editor.request("textDocument/completion", place)
    return {item["label"]: item for item in found["items"]}


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        # Clause words, by place.
        ("de|", ["detection", "derive", "recovery"], ["severity", "when"]),
        ("detection x {\n    |\n}\n", ["severity", "category", "when", "until", "for"], ["try", "detection"]),
        ("detection x {\n    category agent\n    no|", ["notify", "when"], ["cooldown"]),
        (
            "recovery r {\n    try restart {\n        |\n    }\n}\n",
            ["restart", "exec", "verify", "reconnect"],
            ["limit"],
        ),
        ("recovery r { try a { re| } }\n", ["restart", "reconnect"], ["severity"]),
        (
            'agent a {\n    health http "x" {\n        |\n    }\n}\n',
            ["every", "timeout", "expect"],
            ["starts"],
        ),
        (
            'agent a {\n    unit process ["x"] {\n        |\n    }\n}\n',
            ["directory", "environment"],
            ["start"],
        ),
        (
            "workflow w {\n    step a {\n        |\n    }\n}\n",
            ["after", "retry", "optional", "http"],
            ["try"],
        ),
        ('test "t" {\n    at 10s |\n}\n', ["set", "expect", "lose", "run"], ["given"]),
        # Values of closed sets.
        ("detection x {\n    severity |\n}\n", ["info", "warning", "error", "critical"], ["agent"]),
        (
            "detection x {\n    for each agent\n    when agent.status == |\n}\n",
            ["up", "down", "degraded"],
            ["agent"],
        ),
        ('detection x {\n    for each agent\n    when agent.status == "|\n}\n', ["up", "down"], ["agent"]),
        ('detection x {\n    when stream.mode in ["live", |\n}\n', ["live", "replay"], ["agent"]),
        ('test "t" {\n    given agent realtime status: "|"\n}\n', ["up", "stopped"], ["realtime"]),
        # Fields, also through other names and inside texts.
        ("detection x {\n    when host.|\n}\n", ["cpu", "memory", "load"], ["status"]),
        (
            "detection x {\n    for each stream as s\n    when s.|\n}\n",
            ["connected", "mode", "name"],
            ["cpu"],
        ),
        ("detection x {\n    when agent.labels.|\n}\n", ["tier"], ["cpu"]),
        ('detection x {\n    message "{agent.|}"\n}\n', ["status", "last_error"], ["mode"]),
        ('detection x {\n    message "{|"\n}\n', ["agent", "stream", "since", "patience"], ["severity"]),
        ('agent a { health http "x" { expect reply.| } }\n', ["status", "body"], ["cpu"]),
        # Names of declarations, functions, what a condition may begin with.
        ("recovery r {\n    on fault |\n}\n", ["agent_down", "where"], ["oncall"]),
        ("detection x {\n    notify |\n}\n", ["oncall"], ["agent_down"]),
        ("agent a {\n    needs |\n}\n", ["realtime"], ["oncall"]),
        ("agent a {\n    needs realtime, |\n}\n", ["realtime"], ["oncall"]),
        ("recovery r { try a { restart agent | } }\n", ["realtime", "where"], ["oncall"]),
        ("automation a {\n    run |\n}\n", ["rebalance"], ["realtime"]),
        ("detection x {\n    for each |\n}\n", ["agent", "stream", "host"], ["rate"]),
        (
            "detection x {\n    when |\n}\n",
            ["agent", "since", "rate", "count", "known", "patience"],
            ["severity"],
        ),
        ("detection x {\n    when host.cpu > 90% and |\n}\n", ["agent", "since"], ["severity"]),
        ("detection x {\n    when host.cpu > 90% |\n}\n", ["for"], ["severity"]),
        ("detection x {\n    when host.cpu > 90% for |\n}\n", ["patience"], []),
        ("recovery r {\n    limit 3 |\n}\n", ["per", "at"], ["agent"]),
        ("use std.healing { without | }\n", ["agent_down", "disk_full"], ["per", "oncall"]),
        # Nothing in comments and in texts that are not conditions.
        ("detection x {\n    # when |\n}\n", [], ["agent"]),
        ("# volexd: allow |\n", ["V404", "V407"], ["V101", "agent"]),
        ('detection x {\n    message "agent |"\n}\n', [], ["agent"]),
    ],
)
def test_what_fits_the_place(
    editor: Client, file: Path, text: str, there: list[str], not_there: list[str]
) -> None:
    labels = proposed(editor, file, text)
    assert [one for one in there if one not in labels] == []
    assert [one for one in not_there if one in labels] == []


def test_words_come_with_their_shape_their_page_and_places_to_fill_in(editor: Client, file: Path) -> None:
    detection = proposed(editor, file, "det|")["detection"]
    assert detection["insertTextFormat"] == 2
    assert detection["insertText"] == "detection ${1:name} {\n    $0\n}"
    restart = proposed(editor, file, "recovery r { try a { | } }\n")["restart"]
    assert "```volexd" in restart["documentation"]["value"]
    since = proposed(editor, file, "detection x {\n    when |\n}\n")["since"]
    assert since["insertText"] == "since($0)"
    assert "duration" in since["documentation"]["value"]


def test_a_value_is_quoted_where_no_quote_stands(editor: Client, file: Path) -> None:
    text = "detection x {\n    for each agent\n    when agent.status == %s|\n}\n"
    assert proposed(editor, file, text % "")["up"]["insertText"] == '"up"'
    assert proposed(editor, file, text % '"')["up"]["insertText"] == "up"
