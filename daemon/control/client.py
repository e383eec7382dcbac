"""The other end of the control socket, for commands: standard library only, so that an answer takes a blink."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from daemon.control.controls import Refused

_PATIENCE = 30.0  # seconds; a reload of many rules takes a few
_LARGEST_ANSWER = 64 * 1024 * 1024  # bytes


class DaemonUnreachable(Exception):
    """Nobody answers at the socket; the message says why and the way out."""


class Daemon:
    """A running daemon, by its socket."""

    def __init__(self, path: Path | None, patience: float = _PATIENCE) -> None:
        """`patience` seconds is how long an answer may take."""
        self._path = path
        self._patience = patience

    def get(self, path: str) -> Any:
        """Raises DaemonUnreachable, Refused."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Raises DaemonUnreachable, Refused."""
        return self._ask("POST", path, json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        if self._path is None:
            raise DaemonUnreachable("no place for the socket is known here; name it with --socket PATH")
        connection = _Connection(self._path, self._patience)
        try:
            # It may hang up before it has heard all; what it says of that comes all the same.
            with suppress(BrokenPipeError):
                connection.request(method, path, body)
            reply = connection.getresponse()
            document = json.loads(reply.read(_LARGEST_ANSWER))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DaemonUnreachable(_reason(self._path, error, self._patience)) from None
        finally:
            connection.close()
        if reply.status != http.client.OK:
            raise Refused(str(document.get("error", f"status {reply.status}")))
        return document


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, patience: float) -> None:
        super().__init__("volexd", timeout=patience)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _reason(path: Path, error: Exception, patience: float) -> str:
    match error:
        case FileNotFoundError() | ConnectionRefusedError():
            return f"{path}: no volexd answers there; start it, or name its socket with --socket PATH"
        case PermissionError():
            return f"{path}: you may not talk to this volexd; its user, its group and root may"
        case TimeoutError():
            return f"{path}: volexd did not answer within {patience:g} s; its log may say why"
        case _:
            return f"{path}: {str(error) or type(error).__name__}; is it the socket of volexd?"
