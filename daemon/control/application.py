"""The HTTP of the control socket. Handlers only translate: what is asked goes to `Controls`, what it says becomes JSON."""

from __future__ import annotations

import json
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web
from loguru import logger

from daemon.control.controls import Controls, Refused

_LARGEST_BODY = 2 * 1024 * 1024  # bytes; what a call defines may be long
_COMMANDS = {
    "/ack": ("acknowledge", "fault"),
    "/pause": ("pause", "name"),
    "/resume": ("resume", "name"),
    "/cancel": ("cancel", "name"),
    "/run": ("run", "name"),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def served(controls: Controls, listening: socket.socket) -> web.AppRunner:
    """Answers on a bound socket, until the runner is cleaned up."""
    runner = web.AppRunner(_application(controls), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    return runner


def _application(controls: Controls) -> web.Application:
    application = web.Application(client_max_size=_LARGEST_BODY, middlewares=[_errors_as_json])

    async def status(_: web.Request) -> web.Response:
        return web.json_response(controls.status())

    async def faults(_: web.Request) -> web.Response:
        return web.json_response({"faults": controls.faults()})

    async def facts(request: web.Request) -> web.Response:
        return web.json_response({"facts": controls.facts(request.query.get("type"))})

    async def whynot(request: web.Request) -> web.Response:
        rule, subject = (request.query.get(name, "") for name in ("rule", "subject"))
        return web.json_response(controls.whynot(rule, subject))

    async def command(request: web.Request) -> web.Response:
        name, key = _COMMANDS[request.path]
        subject, given = await _subject(request, key)
        return web.json_response(controls.command(name, subject, _peer(request), given))

    async def call(request: web.Request) -> web.Response:
        arguments = await _object(request)
        return web.json_response(await controls.call(request.match_info["name"], arguments, _peer(request)))

    async def reload(request: web.Request) -> web.Response:
        return web.json_response(await controls.reload(_peer(request)))

    application.add_routes([web.get("/status", status), web.get("/faults", faults), web.get("/facts", facts)])
    application.add_routes([web.get("/whynot", whynot)])
    application.add_routes([web.post(path, command) for path in _COMMANDS])
    application.add_routes([web.post("/reload", reload), web.post("/call/{name}", call)])
    return application


async def _object(request: web.Request) -> dict[str, object]:
    """The body, which has to be a JSON object."""
    try:
        body = json.loads(await request.text())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused("the body is a JSON object")
    return body


async def _subject(request: web.Request, key: str) -> tuple[str, dict[str, object]]:
    """The one value of a command's body, {"fault": 12}, {"name": "vault"}, and its "arguments", if it has some."""
    body = await _object(request)
    subject = body.get(key)
    if isinstance(subject, bool) or not isinstance(subject, (str, int)) or subject == "":
        raise Refused(f'the body is a JSON object with the key "{key}"')
    given = body.get("arguments", {})
    if not isinstance(given, dict):
        raise Refused('"arguments" is a JSON object, name to value')
    return str(subject), given


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return web.json_response({"error": str(error)}, status=409)
    except web.HTTPException as error:
        return web.json_response(
            {"error": f"{request.method} {request.path}: {error.reason}"}, status=error.status
        )
    except Exception:  # noqa: BLE001 — a question must not end the daemon; it is said in full in the log
        logger.exception("{} {} failed", request.method, request.path)
        return web.json_response({"error": "volexd failed at this; its log says how"}, status=500)


def _peer(request: web.Request) -> str:
    """The user at the other end, from the kernel: nobody can say to be another."""
    connection = request.get_extra_info("socket")
    if connection is None:
        return "somebody"
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid = struct.unpack("3i", raw)[1]
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
