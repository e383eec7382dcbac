"""Writing a file of rules anew: whole or not at all, under the same mode and owner, also where a link leads to it."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


class NotWritten(Exception):
    """The file is as it was; the message says why, without its name."""


def rewrite(path: Path, before: bytes, after: bytes) -> None:
    """Puts `after` where `before` stands. A link stays, and what it leads to is written. Raises NotWritten."""
    try:
        target = path.resolve(strict=True)
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            raise NotWritten("it is no file")
        if target.read_bytes() != before:
            raise NotWritten("it was changed meanwhile; try again")
        _replace(target, found, after)
    except OSError as error:
        raise NotWritten((error.strerror or str(error)).lower()) from None


def _replace(target: Path, found: os.stat_result, after: bytes) -> None:
    """Beside the file, so that it is one step of the file system to put it in its place."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            if (os.geteuid(), os.getegid()) != (found.st_uid, found.st_gid):
                os.chown(descriptor, found.st_uid, found.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
            file.write(after)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
