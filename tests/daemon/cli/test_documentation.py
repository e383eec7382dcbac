"""docs/command-line.md names every command and every option that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.cli.dispatch import parser_of
from daemon.cli.table import COMMANDS
from dsl.render import formats

PAGE = (Path(__file__).parents[3] / "docs/command-line.md").read_text(encoding="utf-8")


def options_of(command: str) -> set[str]:
    return {option for action in parser_of(command)._actions for option in action.option_strings}


@pytest.mark.parametrize("command", ["daemon", *COMMANDS])
def test_every_command_stands_there_with_every_option(command: str) -> None:
    name = "volexd" if command == "daemon" else f"volexd {command}"
    lines = [
        line for line in PAGE.splitlines() if re.match(rf"{name}(?: |$)", line.replace("--check", "check"))
    ]
    assert lines, f"no synopsis of {name}"
    missing = {option for option in options_of(command) if option not in PAGE}
    assert missing == set()
    section = PAGE[PAGE.index(lines[0]) :].partition("\n## ")[0]
    assert {option for option in options_of(command) - {"--help", "-h"} if option not in section} == set()


def test_no_option_stands_there_that_does_not_exist() -> None:
    known = {option for command in ("daemon", *COMMANDS) for option in options_of(command)} | {"--check"}
    ours = PAGE.replace("curl --unix-socket", "").replace("--offline=true", "")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours)) <= known


def test_check_knows_every_format_of_findings() -> None:
    (action,) = (action for action in parser_of("check")._actions if action.dest == "format")
    assert set(str(action.metavar).split("|")) == set(formats())
