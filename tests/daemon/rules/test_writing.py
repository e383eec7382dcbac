"""A file of rules is written whole or not at all, and stays what it was besides."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from daemon.rules.writing import NotWritten, rewrite


def test_mode_and_link_stay(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.rules"
    target.parent.mkdir()
    target.write_bytes(b"before")
    target.chmod(0o640)
    link = tmp_path / "link.rules"
    link.symlink_to(target)
    rewrite(link, b"before", b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(target.parent) == ["a.rules"]


def test_what_was_changed_meanwhile_is_left(tmp_path: Path) -> None:
    file = tmp_path / "a.rules"
    file.write_bytes(b"by somebody else")
    with pytest.raises(NotWritten, match="changed meanwhile"):
        rewrite(file, b"before", b"after")
    assert file.read_bytes() == b"by somebody else"


@pytest.mark.parametrize("kind", ["directory", "nothing", "broken link"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.rules"
    if kind == "directory":
        path.mkdir()
    elif kind == "broken link":
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(NotWritten):
        rewrite(path, b"", b"after")
    assert sorted(os.listdir(tmp_path)) in ([], ["a.rules"])


def test_nothing_is_left_behind_when_it_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.rules"
    file.write_bytes(b"before")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(NotWritten, match="permission denied"):
        rewrite(file, b"before", b"after")
    assert file.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.rules"]
