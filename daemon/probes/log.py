"""log PATH"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, BinaryIO

from daemon.probes.probe import Listener, ProbeFailure, Reply, text_of
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ProbeWord(
    name="log",
    inside=("probe kind",),
    shape="path:TEXT [into type:NAME [from from:PATH]]",
    body="lines",
    doc=(
        "Follows a log file, over its rotation too; every line that fits is an event. What the groups of `matching` hold "
        "(`(?P<user>…)`) are the members of `groups`. It begins at the end of the file; of a line beyond 64 KiB it takes the "
        "beginning. When more than 8 MiB of new lines wait, they are counted, and all but the last of them left out."
    ),
    example="log \"/var/log/api.log\" { matching 'ERROR (?P<reason>.*)' }",
    reply={"line": "text", "time": "time", "groups": "map"},
    health=False,
    pushes=True,
)
EVERY = 0.5  # seconds between looks for new lines
_AT_ONCE = 1 << 20  # bytes that are read in one look; the rest waits for the next
_LONGEST = 1 << 16  # bytes of a line
_BEHIND = (
    8 << 20
)  # bytes that may wait; beyond, they are counted by lines and skipped, for what they say would be told too late


async def follow(settings: Mapping[str, object], world: World, listener: Listener) -> None:
    """Until it is cancelled."""
    import asyncio

    pattern = re.compile(text_of(settings, "matching"), re.ASCII) if "matching" in settings else None
    following = _Following(text_of(settings, "path"), pattern)
    told: str | None = None
    try:
        while True:
            try:
                lines, reason = await asyncio.to_thread(following.read), ""
            except OSError as error:
                lines, reason = [], f"{following.path}: {(error.strerror or str(error)).lower()}"
            if reason != told:
                listener.trouble(reason)
                told = reason
            for line, groups in lines:
                listener.say({"line": line, "time": world.now(), "groups": groups}, size=len(line))
            if following.skipped:
                listener.lost(following.skipped)
                following.skipped = 0
            await asyncio.sleep(EVERY)
    finally:
        following.close()


def _fitting(line: str, pattern: re.Pattern[str] | None) -> dict[str, str | None] | None:
    if pattern is None:
        return {}
    found = pattern.fullmatch(line)
    return None if found is None else found.groupdict()


Groups = dict[str, str | None]


class _Following:
    """An open log file. A file that took its place is read from its beginning, one that was cut from there. `skipped` counts lines."""

    def __init__(self, path: str, pattern: re.Pattern[str] | None) -> None:
        self.path = path
        self.skipped = 0
        self._pattern = pattern
        self._file: BinaryIO | None = None
        self._rest = b""
        self._first = True

    def read(self) -> list[tuple[str, Groups]]:
        """The lines that came since the last call and fit. Raises OSError."""
        lines = self._read_open() if self._file is not None else []
        if self._file is None or self._is_replaced():
            lines += self._open()
        found = ((line, _fitting(line, self._pattern)) for line in lines)
        return [(line, groups) for line, groups in found if groups is not None]

    def _open(self) -> list[str]:
        """What was there before volexd looked first is history; a file that comes later is all new."""
        first, self._first = self._first, False
        self.close()
        self._file = open(self.path, "rb")  # noqa: SIM115 - it stays open between two calls
        if first:
            self._file.seek(0, os.SEEK_END)
        return self._read_open()

    def _is_replaced(self) -> bool:
        assert self._file is not None
        there = os.stat(self.path)
        mine = os.fstat(self._file.fileno())
        if there.st_size < self._file.tell() and there.st_ino == mine.st_ino:
            self._file.seek(0)
            self._rest = b""
        return (there.st_ino, there.st_dev) != (mine.st_ino, mine.st_dev)

    def _read_open(self) -> list[str]:
        assert self._file is not None
        self._skip()
        *whole, self._rest = (self._rest + self._file.read(_AT_ONCE)).split(b"\n")
        if len(self._rest) > _LONGEST:  # the end of such a line is left out when it comes
            whole, self._rest = [*whole, self._rest], b""
        return [line[:_LONGEST].decode("utf-8", "replace").rstrip("\r") for line in whole]

    def _skip(self) -> None:
        """What cannot be told in time."""
        assert self._file is not None
        behind = os.fstat(self._file.fileno()).st_size - self._file.tell()
        if behind <= _BEHIND:
            return
        self._rest = b""
        left, last = behind - _AT_ONCE, b""
        while left > 0 and (data := self._file.read(min(_AT_ONCE, left))):
            self.skipped += data.count(b"\n")
            left -= len(data)
            last = data
        if not last.endswith(b"\n"):  # the rest of a line whose beginning was skipped
            self._file.readline(_LONGEST)
            self.skipped += 1

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._rest = None, b""


async def look(settings: Mapping[str, object], world: World) -> Reply:
    raise ProbeFailure("nobody asks a log: it tells by itself")


def healthy(reply: Reply) -> bool:
    return True


def described(reply: Reply) -> str:
    return str(reply["line"])
