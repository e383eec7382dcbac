"""commands.directories: below which directories a program with an absolute path may stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.world.commands import CommandRefused, Commands


def test_a_program_elsewhere_is_refused_whatever_it_is_called(tmp_path: Path) -> None:
    allowed, outside = tmp_path / "allowed", tmp_path / "outside"
    for folder in (allowed, outside):
        folder.mkdir()
        (folder / "tool").touch(0o755)
    (allowed / "link").symlink_to(outside / "tool")
    commands = Commands(directories=(str(allowed),))
    assert commands.resolve(str(allowed / "tool")) == str(allowed / "tool")
    for program in (outside / "tool", allowed / "link", allowed / ".." / "outside" / "tool"):
        with pytest.raises(CommandRefused, match="none of the allowed directories"):
            commands.resolve(str(program))


def test_without_directories_every_absolute_path_is_allowed() -> None:
    assert Commands().resolve("/opt/any/tool") == "/opt/any/tool"
