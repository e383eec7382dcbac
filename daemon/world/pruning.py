"""Deleting files below directories that the configuration names. No link is followed: each directory is opened from the one above.

A path that is looked up twice may mean two things, and others may write where files are pruned; so everything goes by descriptors.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from daemon.world.failures import OwnFailure, is_own, reason

FILES_LIMIT = 200_000  # that are considered in one go
_DEPTH_LIMIT = 64  # each level holds a descriptor
_INSIDE = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class PruneRefused(Exception):
    """Nothing was deleted; the text says why and what would do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may go: files that were modified before `before` (seconds since 1970); then the oldest, until `most` bytes are left."""

    before: float | None
    most: float | None
    matching: re.Pattern[str] | None = None


@dataclass(slots=True)
class Pruned:
    """What was done. `error` is the first reason why something that had to go, or to be looked at, could not be."""

    deleted: int = 0
    freed: int = 0
    kept: int = 0
    left: int = 0
    failed: int = 0
    error: str = ""

    def failure(self, place: str, error: OSError) -> None:
        if is_own(error):
            raise OwnFailure(reason(error)) from error
        self.failed += 1
        self.error = self.error or f"{place}: {reason(error)}"


class _File(NamedTuple):
    """Sorted by age. `parts` lead to it from the directory; `identity` is its device and inode."""

    modified: float
    parts: tuple[str, ...]
    size: int
    identity: tuple[int, int]


def prune(path: str, directories: tuple[str, ...], wanted: Wanted, ended: Callable[[], bool]) -> Pruned:
    """Deletes below `path`, which lies in one of `directories`, until it is done or `ended()`. Blocks.

    Raises PruneRefused, and OwnFailure.
    """
    top, parts = _allowed(path, directories)
    pruned = Pruned()
    with _opened(path, top, parts) as root:
        files = sorted(_files(root, (), wanted.matching, pruned, ended))
        left = sum(file.size for file in files)
        for file in files:
            if ended() or not _goes(file, wanted, left):
                pruned.kept, pruned.left = pruned.kept + 1, pruned.left + file.size
            else:
                left -= _deleted(root, file, pruned)
    return pruned


def _goes(file: _File, wanted: Wanted, left: int) -> bool:
    too_old = wanted.before is not None and file.modified < wanted.before
    return too_old or (wanted.most is not None and left > wanted.most)


def _allowed(path: str, directories: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The configured directory in which a path lies, and what leads from there to it."""
    if not os.path.isabs(path) or "\0" in path or ".." in path.split("/"):
        raise PruneRefused(
            f"{path!r} is no absolute path without '..'; write it from the root, as /var/log/api"
        )
    wanted = os.path.normpath(path)
    for directory in directories:
        if os.path.commonpath([os.path.normpath(directory), wanted]) == os.path.normpath(directory):
            below = os.path.relpath(wanted, directory)
            return directory, () if below == "." else tuple(below.split("/"))
    known = ", ".join(directories) or "none"
    raise PruneRefused(
        f"{path!r} lies in no directory where files may be deleted ({known}); the configuration names them: prune.directories"
    )


@contextmanager
def _opened(path: str, top: str, parts: tuple[str, ...]) -> Iterator[int]:
    try:
        with _chain(os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), parts) as root:
            yield root
    except OSError as error:
        if is_own(error):
            raise OwnFailure(reason(error)) from error
        hint = " (links are not followed)" if error.errno in (errno.ELOOP, errno.ENOTDIR) else ""
        raise PruneRefused(f"{path}: {reason(error)}{hint}") from error


@contextmanager
def _chain(start: int, parts: tuple[str, ...]) -> Iterator[int]:
    """The directory to which the parts lead, opened one by one. Takes `start` over."""
    current = start
    try:
        for part in parts:
            following = os.open(part, _INSIDE, dir_fd=current)
            os.close(current)
            current = following
        yield current
    finally:
        os.close(current)


def _files(
    directory: int,
    above: tuple[str, ...],
    matching: re.Pattern[str] | None,
    pruned: Pruned,
    ended: Callable[[], bool],
) -> list[_File]:
    """The plain files in a directory and below it, on the same file system."""
    found: list[_File] = []
    device = os.fstat(directory).st_dev
    with os.scandir(directory) as entries:
        for entry in entries:
            if ended():
                break
            parts = (*above, entry.name)
            try:
                seen = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(seen.st_mode) and seen.st_dev == device:
                    found += _below(directory, parts, matching, pruned, ended)
                elif stat.S_ISREG(seen.st_mode) and (matching is None or matching.fullmatch(entry.name)):
                    found.append(_File(seen.st_mtime, parts, seen.st_size, (seen.st_dev, seen.st_ino)))
            except FileNotFoundError:
                continue  # it went meanwhile
            except OSError as error:
                pruned.failure("/".join(parts), error)
            if len(found) > FILES_LIMIT:
                raise PruneRefused(
                    f"there are more than {FILES_LIMIT} files; prune its directories one by one"
                )
    return found


def _below(
    directory: int,
    parts: tuple[str, ...],
    matching: re.Pattern[str] | None,
    pruned: Pruned,
    ended: Callable[[], bool],
) -> list[_File]:
    if len(parts) > _DEPTH_LIMIT:
        raise PruneRefused(f"directories lie more than {_DEPTH_LIMIT} deep; prune them one by one")
    with _chain(os.dup(directory), parts[-1:]) as inner:
        return _files(inner, parts, matching, pruned, ended)


def _deleted(root: int, file: _File, pruned: Pruned) -> int:
    """Deletes what was seen, and not what took its place. The bytes that are there no longer."""
    *above, name = file.parts
    try:
        with _chain(os.dup(root), tuple(above)) as directory:
            seen = os.stat(name, dir_fd=directory, follow_symlinks=False)
            if (seen.st_dev, seen.st_ino) != file.identity or seen.st_mtime != file.modified:
                pruned.kept, pruned.left = pruned.kept + 1, pruned.left + seen.st_size
                return 0
            os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return file.size
    except OSError as error:
        pruned.failure("/".join(file.parts), error)
        pruned.kept, pruned.left = pruned.kept + 1, pruned.left + file.size
        return 0
    pruned.deleted, pruned.freed = pruned.deleted + 1, pruned.freed + file.size
    return file.size
