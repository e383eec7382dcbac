"""The place where the daemon listens: a socket file that is ours, whole from the first moment, and never somebody else's."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

_BACKLOG = 32


class SocketUnusable(Exception):
    """Nobody can listen there; the daemon goes on without. The message says why."""


class SocketInUse(Exception):
    """Another daemon answers there."""


class Listening:
    """A bound socket and its file."""

    def __init__(self, bound: socket.socket, path: Path) -> None:
        self.socket = bound
        self._path = path
        self._inode = os.stat(path).st_ino

    def close(self) -> None:
        """The file goes with it, unless it is another's by now."""
        self.socket.close()
        try:
            if os.stat(self._path).st_ino == self._inode:
                self._path.unlink()
        except OSError:
            return  # gone already, with its directory perhaps


def listen_at(path: Path, mode: int) -> Listening:
    """A file that a dead daemon left is replaced. Raises SocketInUse, SocketUnusable."""
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        _make_way(path)
        return _bound(path, mode)
    except OSError as error:
        raise SocketUnusable(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _make_way(path: Path) -> None:
    """Raises SocketInUse if somebody answers there, SocketUnusable if it is no socket."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise SocketUnusable(f"{path}: something else than a socket stands there; move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(1.0)
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            return  # its daemon is dead
        except BlockingIOError:
            pass  # somebody listens, with too much to do
    raise SocketInUse(f"{path}: another volexd listens there; end it, or name another place with --socket")


def _bound(path: Path, mode: int) -> Listening:
    """Bound under another name and then moved: at its own name it never has wrong permissions, and nothing has to be removed."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        bound.bind(str(fresh))
        os.chmod(fresh, mode)
        bound.listen(_BACKLOG)
        os.rename(fresh, path)
    except BaseException:
        bound.close()
        fresh.unlink(missing_ok=True)
        raise
    return Listening(bound, path)
