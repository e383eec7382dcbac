"""A few files under the user's cache directory, for what takes long to work out and can always be worked out again.

Nothing here is an error: what cannot be read, is damaged, or does not belong to this user alone is as if it were not there. A file is
written under another name and then put in its place, so that processes beside each other see a whole one or none.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

_MOST_FILES = 32
_MOST_BYTES = 256 * 1024 * 1024
_DIGEST = 32


class Cache:
    """Of one directory that belongs to this user alone."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def read(self, name: str) -> bytes | None:
        """What was written under that name. None: nothing, or nothing that may be trusted."""
        try:
            with open(
                os.open(self._directory / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb"
            ) as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode) or not _is_ours(found) or found.st_size > _MOST_BYTES:
                    return None
                digest, data = file.read(_DIGEST), file.read()
        except OSError:
            return None
        return data if digest == _digest(data) else None

    def write(self, name: str, data: bytes) -> None:
        """Keeps it, if that is possible; the files that were not written for longest make room."""
        passing = self._directory / f".{name}.{secrets.token_hex(8)}"
        try:
            with open(
                os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb"
            ) as file:
                file.write(_digest(data) + data)
            os.replace(passing, self._directory / name)
            self._make_room()
        except OSError:
            with suppress(OSError):
                passing.unlink()

    def _make_room(self) -> None:
        files = [
            (entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in os.scandir(self._directory)
        ]
        for _, path in sorted(files)[:-_MOST_FILES]:
            os.unlink(path)


def cache_of(environment: dict[str, str] | os._Environ[str] = os.environ) -> Cache | None:
    """The user's; under systemd the unit's. None where there is none, or where others could write it: what is read from it is believed."""
    place = _place(environment)
    if place is None:
        return None
    directory = place / "volexd"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = os.lstat(directory)
    except OSError:
        return None
    return Cache(directory) if stat.S_ISDIR(found.st_mode) and _is_ours(found) else None


def _place(environment: dict[str, str] | os._Environ[str]) -> Path | None:
    named = environment.get("CACHE_DIRECTORY", "").split(":")[0] or environment.get("XDG_CACHE_HOME", "")
    home = environment.get("HOME", "")
    place = Path(named) if named else Path(home, ".cache") if home else None
    return place if place is not None and place.is_absolute() else None


def _is_ours(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()
