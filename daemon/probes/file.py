"""file PATH"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from daemon.probes.probe import ProbeFailure, Reply, text_of
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ProbeWord(
    name="file",
    inside=("probe kind",),
    shape="path:TEXT",
    body="check",
    doc=(
        "Looks at a file or a directory, by its absolute path. `*` in the last part of the path stands for any letters: then `size` is a "
        "sum, and `modified` and `age` are those of the newest. Links are followed. A directory has no size of its own; `/srv/data/*` "
        "adds up the files in it. `files` holds the newest 1000, each with `name`, `path`, `size` and `modified`. Without `expect`, one "
        "that is there is good."
    ),
    example='file "/var/backups/db-*.dump"',
    reply={
        "exists": "flag",
        "count": "number",
        "size": "size",
        "modified": "time",
        "age": "duration",
        "files": "list",
    },
)
_NAMED = 1000
_ENTRIES_LIMIT = 100_000  # of a directory; a look has to end


class _Found(NamedTuple):
    """Sorted by when it was modified."""

    modified: float
    path: str
    size: int


async def look(settings: Mapping[str, object], world: World) -> Reply:
    import asyncio

    from daemon.world.failures import OwnFailure, is_own, reason

    path = text_of(settings, "path")
    try:
        found = sorted(await asyncio.to_thread(_all_found, path), reverse=True)
    except OSError as error:
        if is_own(error):
            raise OwnFailure(reason(error)) from error
        raise ProbeFailure(f"{path}: {reason(error)}") from error
    modified = found[0].modified if found else None
    return {
        "exists": bool(found),
        "count": len(found),
        "size": sum(one.size for one in found),
        "modified": modified,
        "age": None if modified is None else max(0.0, world.now() - modified),
        "files": [_described(one) for one in found[:_NAMED]],
    }


def healthy(reply: Reply) -> bool:
    return reply["exists"] is True


def described(reply: Reply) -> str:
    return f"{reply['count']} found, {reply['size']} bytes" if reply["exists"] else "not there"


def _described(one: _Found) -> Mapping[str, object]:
    name = os.path.basename(one.path.rstrip("/"))
    return {"name": name, "path": one.path, "size": one.size, "modified": one.modified}


def _all_found(path: str) -> list[_Found]:
    """Raises OSError, and ProbeFailure for a path that can mean nothing."""
    directory, last = os.path.split(path)
    if not os.path.isabs(path) or "\0" in path:
        raise ProbeFailure(f"{path!r} is no absolute path; write it from the root, as /var/backups/db.dump")
    if "*" in directory:
        raise ProbeFailure(f"{path!r}: * may stand in the last part of a path only")
    paths = _fitting(directory, last) if "*" in last else iter([path])
    return [found for found in map(_looked_at, paths) if found is not None]


def _fitting(directory: str, last: str) -> Iterator[str]:
    """`fnmatch` makes a pattern that takes no more time with many asterisks; its other signs stand for themselves here."""
    pattern = re.compile(fnmatch.translate(re.sub(r"[\[?]", r"[\g<0>]", last)))
    try:
        entries = os.scandir(directory)
    except FileNotFoundError:
        return
    with entries:
        for number, entry in enumerate(entries):
            if number >= _ENTRIES_LIMIT:
                raise ProbeFailure(
                    f"{directory} holds more than {_ENTRIES_LIMIT} entries, too many to look at"
                )
            if pattern.fullmatch(entry.name):
                yield entry.path


def _looked_at(path: str) -> _Found | None:
    """None for what is not there, or went while we looked."""
    try:
        seen = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _Found(seen.st_mtime, path, seen.st_size if stat.S_ISREG(seen.st_mode) else 0)
