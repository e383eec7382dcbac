"""The address at which others send what happened. It listens from the first path that somebody waits at, and answers nothing else."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.world.json_body import parsed

if TYPE_CHECKING:
    from aiohttp import web

_LARGEST = 1 << 20  # bytes of a body
_NO_ADDRESS = (
    "no address is configured for webhooks; write `webhooks: {address: 127.0.0.1:8585}` in the configuration"
)

Came = Callable[[object, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class _Place:
    came: Came
    token: str | None


class Webhooks:
    """`address` is HOST:PORT, "" for none. For the thread of the loop."""

    def __init__(self, address: str = "") -> None:
        self._address = address
        self._places: dict[str, _Place] = {}
        self._runner: web.AppRunner | None = None

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
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _start(self) -> None:
        if self._runner is not None:
            return
        from aiohttp import web

        host, _, port = self._address.rpartition(":")
        application = web.Application(client_max_size=_LARGEST)
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner

    async def _answer(self, request: web.Request) -> web.Response:
        from aiohttp import web

        place = self._places.get(request.path)
        if place is None:
            return web.json_response({"error": "nobody waits here"}, status=404)
        if request.method != "POST":
            return web.json_response({"error": "send it with a POST"}, status=405)
        if place.token is not None and not _is_known(request.headers.get("Authorization", ""), place.token):
            return web.json_response({"error": "the token is missing or wrong"}, status=401)
        try:
            body = parsed(await request.read())
        except ValueError:
            return web.json_response({"error": "the body is no JSON"}, status=400)
        members = body if isinstance(body, list) else [body]
        if not all(isinstance(member, Mapping) for member in members):
            return web.json_response({"error": "the body is an object, or a list of objects"}, status=400)
        place.came(body, dict(request.headers))
        return web.json_response({"taken": len(members)}, status=202)


def _is_known(given: str, token: str) -> bool:
    """In a time that says nothing about how much of it was right."""
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
