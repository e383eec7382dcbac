"""file"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from daemon.probes import file
from tests.daemon.probes.looks import reply, seen
from tests.daemon.worlds import a_world


def a_file(path: Path, size: int, modified: float) -> Path:
    path.write_bytes(b"x" * size)
    os.utime(path, (modified, modified))
    return path


def looked(path: object) -> dict[str, Any]:
    async def scenario() -> dict[str, Any]:
        async with a_world() as (world, _):
            return await reply(world, "file", path=str(path))

    return asyncio.run(scenario())


def refused(path: object) -> str:
    async def scenario() -> str:
        async with a_world() as (world, _):
            found = await seen(world, "file", path=str(path))
            assert found.reply is None
            return found.error

    return asyncio.run(scenario())


def test_a_file_has_a_size_and_an_age(tmp_path: Path) -> None:
    found = looked(a_file(tmp_path / "db.dump", 300, 1_000_000.0))
    assert (found["exists"], found["count"], found["size"], found["modified"]) == (True, 1, 300, 1_000_000.0)
    assert found["age"] > 1_000_000.0
    assert file.healthy(found)


def test_what_is_not_there_is_a_reply_and_no_failure(tmp_path: Path) -> None:
    a_file(tmp_path / "plain", 1, 1.0)
    for path in ("none", "none/*", "plain/below", "db-*"):
        found = looked(tmp_path / path)
        assert (found["exists"], found["count"], found["size"], found["files"]) == (False, 0, 0, [])
        assert (found["modified"], found["age"]) == (None, None)
        assert not file.healthy(found)
        assert file.described(found) == "not there"


def test_an_asterisk_adds_up_and_takes_the_newest(tmp_path: Path) -> None:
    a_file(tmp_path / "db-1.dump", 100, 1_000.0)
    newest = a_file(tmp_path / "db-22.dump", 200, 2_000.0)
    a_file(tmp_path / "db-3.dump.part", 400, 3_000.0)
    (tmp_path / "db-gone.dump").symlink_to(tmp_path / "nowhere")
    found = looked(tmp_path / "db-*.dump")
    assert (found["count"], found["size"], found["modified"]) == (2, 300, 2_000.0)
    assert found["files"][0] == {
        "name": "db-22.dump",
        "path": str(newest),
        "size": 200,
        "modified": 2_000.0,
    }
    assert file.described(found) == "2 found, 300 bytes"


def test_only_the_asterisk_stands_for_letters(tmp_path: Path) -> None:
    a_file(tmp_path / "a+[b].log", 1, 1.0)
    a_file(tmp_path / "aab.log", 1, 1.0)
    assert [one["name"] for one in looked(tmp_path / "a+[b]*")["files"]] == ["a+[b].log"]
    assert looked(tmp_path / "a?b.log")["exists"] is False


def test_a_directory_is_there_and_holds_what_the_asterisk_adds_up(tmp_path: Path) -> None:
    a_file(tmp_path / "one", 10, 1.0)
    (tmp_path / "folder").mkdir()
    assert (looked(tmp_path)["exists"], looked(tmp_path)["size"]) == (True, 0)
    assert (looked(tmp_path / "*")["count"], looked(tmp_path / "*")["size"]) == (2, 10)


def test_a_file_from_the_future_has_no_negative_age(tmp_path: Path) -> None:
    assert looked(a_file(tmp_path / "clock", 1, 4_000_000_000.0))["age"] == 0.0


def test_a_path_that_can_mean_nothing_is_refused() -> None:
    assert (
        refused("backups/x")
        == "'backups/x' is no absolute path; write it from the root, as /var/backups/db.dump"
    )
    assert refused("/var/*/x") == "'/var/*/x': * may stand in the last part of a path only"


def test_a_look_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_ENTRIES_LIMIT", 2)
    monkeypatch.setattr(file, "_NAMED", 1)
    for name in ("a", "b"):
        a_file(tmp_path / name, 1, 1.0)
    found = looked(tmp_path / "*")
    assert (found["count"], len(found["files"])) == (2, 1)
    a_file(tmp_path / "c", 1, 1.0)
    assert refused(tmp_path / "*") == f"{tmp_path} holds more than 2 entries, too many to look at"
