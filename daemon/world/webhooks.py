"""The address at which others send what happened. It listens from the first path that somebody waits at, and answers nothing else."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.world.json_body import parsed

if TYPE_CHECKING:
    from daemon.world.serving import Answer, Asked, Server

_LARGEST = 1 << 20  # bytes of a body
_NO_ADDRESS = (
    "no address is configured for webhooks; write `webhooks: {address: 127.0.0.1:8585}` in the configuration"
)

Came = Callable[[object, Mapping[str, str], int], bool]  # body, headers, bytes; whether it is taken


@dataclass(frozen=True, slots=True)
class _Place:
    came: Came
    token: str | None


class Webhooks:
    """`address` is HOST:PORT, "" for none. For the thread of the loop."""

    def __init__(self, address: str = "") -> None:
        self._address = address
        self._places: dict[str, _Place] = {}
        self._server: Server | None = None
        self._starting = asyncio.Lock()  # by the first of several that come at the same time

    async def listen(self, path: str, came: Came, token: str | None) -> str:
        """Wait at this path; in words why that is not possible, or "". A path is waited at by one."""
        if not self._address:
            return _NO_ADDRESS
        if not path.startswith("/"):
            return f"the path {path!r} does not begin with a slash"
        if path in self._places:
            return f"two webhooks wait at {path}"
        self._places[path] = _Place(came, token)
        try:
            await self._start()
        except (OSError, ValueError) as error:
            del self._places[path]
            return f"nobody can listen at {self._address}: {error}"
        return ""

    def leave(self, path: str) -> None:
        """Nobody waits there any more."""
        self._places.pop(path, None)

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    async def _start(self) -> None:
        async with self._starting:
            if self._server is not None:
                return
            from daemon.world.serving import Server

            host, _, port = self._address.rpartition(":")
            server = Server(self._answer, _LARGEST)
            await server.listen_at(host.strip("[]"), int(port))
            self._server = server

    def _answer(self, asked: Asked) -> Answer:
        from daemon.world.serving import Answer, header

        place = self._places.get(asked.path)
        if place is None:
            return Answer(404, {"error": "nobody waits here"})
        if asked.method != "POST":
            return Answer(405, {"error": "send it with a POST"})
        if place.token is not None and not _is_known(header(asked.headers, "authorization"), place.token):
            return Answer(401, {"error": "the token is missing or wrong"})
        try:
            body = parsed(asked.body)
        except ValueError:
            return Answer(400, {"error": "the body is no JSON"})
        members = body if isinstance(body, list) else [body]
        if not all(isinstance(member, Mapping) for member in members):
            return Answer(400, {"error": "the body is an object, or a list of objects"})
        if not place.came(body, asked.headers, len(asked.body)):
            return Answer(429, {"error": "this is more than is taken in; send less, or later"})
        return Answer(202, {"taken": len(members)})


def _is_known(given: str, token: str) -> bool:
    """In a time that says nothing about how much of it was right."""
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
