"""prune"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.actions.action import ActionFailure, Outcome
from daemon.world import pruning
from daemon.world.pruning import Wanted, prune
from tests.daemon.actions.calls import done
from tests.daemon.worlds import a_world

DAY = 86400.0


def a_file(path: Path, size: int = 10, days: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    modified = time.time() - days * DAY
    os.utime(path, (modified, modified))
    return path


def pruned(path: object, allowed: Path, **arguments: object) -> Outcome:
    async def scenario() -> Outcome:
        async with a_world() as (world, _):
            world = replace(world, prunable=(str(allowed),))
            return await done(world, "prune", None, path=str(path), **arguments)

    return asyncio.run(scenario())


def refused(path: object, allowed: Path, **arguments: object) -> str:
    with pytest.raises(ActionFailure) as error:
        pruned(path, allowed, **arguments)
    return str(error.value)


def names(directory: Path) -> list[str]:
    return sorted(
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )


def test_what_is_older_goes_below_it_too_and_directories_stay(tmp_path: Path) -> None:
    a_file(tmp_path / "new", 10, days=1)
    a_file(tmp_path / "old", 20, days=8)
    a_file(tmp_path / "deep" / "er" / "old", 30, days=9)
    outcome = pruned(tmp_path, tmp_path, age=7 * DAY)
    assert names(tmp_path) == ["new"]
    assert (tmp_path / "deep" / "er").is_dir()
    assert (outcome.outcome, outcome.detail) == ("succeeded", "2 files deleted (50B), 1 left (10B)")
    assert outcome.reply == {"deleted": 2, "freed": 50, "kept": 1, "left": 10}


def test_then_the_oldest_until_no_more_is_left(tmp_path: Path) -> None:
    for number, days in enumerate((5, 3, 4, 1)):
        a_file(tmp_path / f"{number}", 100, days=days)
    assert pruned(tmp_path, tmp_path, size=250.0).detail == "2 files deleted (200B), 2 left (200B)"
    assert names(tmp_path) == ["1", "3"]
    assert (
        pruned(tmp_path, tmp_path, age=2 * DAY, size=100.0).detail == "1 files deleted (100B), 1 left (100B)"
    )
    assert pruned(tmp_path, tmp_path, size=100.0).detail == "0 files deleted (0B), 1 left (100B)"


def test_only_what_fits_goes_and_counts(tmp_path: Path) -> None:
    a_file(tmp_path / "a.log.gz", 100, days=9)
    a_file(tmp_path / "a.log", 1000, days=9)
    outcome = pruned(tmp_path, tmp_path, size=0.0, matching=".*[.]log[.]gz")
    assert (names(tmp_path), outcome.detail) == (["a.log"], "1 files deleted (100B), 0 left (0B)")


def test_links_are_neither_followed_nor_deleted(tmp_path: Path) -> None:
    outside = a_file(tmp_path / "outside" / "precious", days=99)
    top = tmp_path / "top"
    a_file(top / "old", days=99)
    (top / "directory").symlink_to(outside.parent)
    (top / "file").symlink_to(outside)
    pruned(top, top, age=DAY)
    assert names(top) == ["directory", "file"]
    assert outside.exists()


def test_a_link_on_the_way_is_refused(tmp_path: Path) -> None:
    outside = a_file(tmp_path / "outside" / "below" / "precious", days=99)
    top = tmp_path / "top"
    top.mkdir()
    (top / "link").symlink_to(tmp_path / "outside")
    for path in (top / "link", top / "link" / "below"):
        assert refused(path, top, age=DAY) == f"prune: {path}: not a directory (links are not followed)"
    assert outside.exists()


def test_only_below_what_the_configuration_allows(tmp_path: Path) -> None:
    kept = a_file(tmp_path / "other" / "old", days=99)
    allowed = tmp_path / "oth"
    allowed.mkdir()
    reason = f"lies in no directory where files may be deleted ({allowed}); the configuration names them: prune.directories"
    for path in (tmp_path, kept.parent, "/"):
        assert refused(path, allowed, age=DAY) == f"prune: {str(path)!r} {reason}"
    for path in ("oth", f"{allowed}/../other", ""):
        assert "is no absolute path without '..'" in refused(path, allowed, age=DAY)
    assert kept.exists()


def test_what_is_unknown_deletes_nothing(tmp_path: Path) -> None:
    kept = a_file(tmp_path / "old", days=99)
    assert refused(tmp_path, tmp_path, age=None) == "prune: its age is unknown; nothing was deleted"
    assert refused(tmp_path, tmp_path, size=-1.0) == "prune: its size is -1.0; nothing was deleted"
    assert refused(tmp_path, tmp_path, size=float("nan")) == "prune: its size is nan; nothing was deleted"
    assert "does not say what may go" in refused(tmp_path, tmp_path)
    assert kept.exists()


def test_what_is_no_directory_is_said(tmp_path: Path) -> None:
    assert (
        refused(tmp_path / "none", tmp_path, age=DAY) == f"prune: {tmp_path}/none: no such file or directory"
    )


def test_what_cannot_be_deleted_is_a_failure_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_file(tmp_path / "old", days=99)

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "unlink", denied)
    outcome = pruned(tmp_path, tmp_path, age=DAY)
    assert outcome.outcome == "failed"
    assert outcome.detail.endswith(
        "1 left (10B), 1 could not be deleted or looked at: old: permission denied"
    )


def test_what_took_the_place_of_a_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = a_file(tmp_path / "a", days=99)
    real = pruning._goes

    def replaced(*given: object) -> bool:
        old.unlink()
        a_file(old, 7)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pruning, "_goes", replaced)
    assert pruned(tmp_path, tmp_path, age=DAY).detail == "0 files deleted (0B), 1 left (7B)"
    assert old.exists()


def test_it_is_bounded_and_ends_when_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        a_file(tmp_path / f"{number}", days=9)
    assert prune(str(tmp_path), (str(tmp_path),), Wanted(time.time(), None), lambda: True).deleted == 0
    monkeypatch.setattr(pruning, "FILES_LIMIT", 2)
    assert "more than 2 files" in refused(tmp_path, tmp_path, age=DAY)
    assert len(names(tmp_path)) == 3


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    for number in range(20):
        a_file(tmp_path / f"{number}" / "deep" / "file", days=9)
    before = len(os.listdir("/proc/self/fd"))
    assert prune(str(tmp_path), (str(tmp_path),), Wanted(time.time(), None), lambda: False).deleted == 20
    assert len(os.listdir("/proc/self/fd")) == before
