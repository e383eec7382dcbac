"""Plays every archive beside this file: see session.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.cli.session import Archive, played, quiet_surroundings, read_archive, write_archive

ARCHIVES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", ARCHIVES, ids=[path.stem for path in ARCHIVES])
def test_session(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    quiet_surroundings(tmp_path, monkeypatch)
    archive = read_archive(path)
    found = played(archive, tmp_path, monkeypatch)
    if request.config.getoption("--snapshot-update"):
        write_archive(path, Archive(found, archive.files))
    else:
        assert found == archive.script
