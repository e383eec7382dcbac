"""The HTTP of the control socket. Handlers only translate: what is asked goes to `Controls`, what it says becomes JSON."""

from __future__ import annotations

import json
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from daemon.control.controls import Controls, Document, Refused
from daemon.world.serving import Answer, Asked, Server

_LARGEST_BODY = 2 * 1024 * 1024  # bytes; what a call defines may be long
_CALL = "/call/"
_COMMANDS = {
    "/ack": ("acknowledge", "fault"),
    "/pause": ("pause", "name"),
    "/resume": ("resume", "name"),
    "/cancel": ("cancel", "name"),
    "/run": ("run", "name"),
}

Handler = Callable[[Asked], Document | Awaitable[Document]]


async def served(controls: Controls, listening: socket.socket) -> Server:
    """Answers on a bound socket, until it is closed."""
    server = Server(_answering(_handlers(controls)), _LARGEST_BODY)
    await server.listen_on(listening)
    return server


def _handlers(controls: Controls) -> dict[str, tuple[str, Handler]]:
    """Path to method and handler. A path that ends in a slash stands for all that begin with it."""

    def whynot(asked: Asked) -> Document:
        rule, subject = (asked.query.get(name, "") for name in ("rule", "subject"))
        return controls.whynot(rule, subject)

    def command(asked: Asked) -> Document:
        name, key = _COMMANDS[asked.path]
        subject, given = _subject(asked, key)
        return controls.command(name, subject, _peer(asked), given)

    def call(asked: Asked) -> Awaitable[Document]:
        return controls.call(asked.path.removeprefix(_CALL), _object(asked), _peer(asked))

    return {
        "/status": ("GET", lambda _: controls.status()),
        "/faults": ("GET", lambda _: {"faults": controls.faults()}),
        "/facts": ("GET", lambda asked: {"facts": controls.facts(asked.query.get("type"))}),
        "/whynot": ("GET", whynot),
        **dict.fromkeys(_COMMANDS, ("POST", command)),
        "/reload": ("POST", lambda asked: controls.reload(_peer(asked))),
        _CALL: ("POST", call),
    }


def _answering(handlers: dict[str, tuple[str, Handler]]) -> Callable[[Asked], Awaitable[Answer]]:
    async def answer(asked: Asked) -> Answer:
        path = _CALL if asked.path.startswith(_CALL) else asked.path
        if path not in handlers:
            return _error(asked, HTTPStatus.NOT_FOUND)
        method, handler = handlers[path]
        if asked.method != method:
            return _error(asked, HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            found = handler(asked)
            return Answer(200, await found if isinstance(found, Awaitable) else found)
        except Refused as error:
            return Answer(HTTPStatus.CONFLICT, {"error": str(error)})

    return answer


def _error(asked: Asked, status: HTTPStatus) -> Answer:
    return Answer(status, {"error": f"{asked.method} {asked.path}: {status.phrase}"})


def _object(asked: Asked) -> dict[str, object]:
    """The body, which has to be a JSON object."""
    try:
        body = json.loads(asked.body.decode())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused("the body is a JSON object")
    return body


def _subject(asked: Asked, key: str) -> tuple[str, dict[str, object]]:
    """The one value of a command's body, {"fault": 12}, {"name": "vault"}, and its "arguments", if it has some."""
    body = _object(asked)
    subject = body.get(key)
    if isinstance(subject, bool) or not isinstance(subject, (str, int)) or subject == "":
        raise Refused(f'the body is a JSON object with the key "{key}"')
    given = body.get("arguments", {})
    if not isinstance(given, dict):
        raise Refused('"arguments" is a JSON object, name to value')
    return str(subject), given


def _peer(asked: Asked) -> str:
    """The user at the other end, from the kernel: nobody can say to be another."""
    if asked.connection is None:
        return "somebody"
    raw = asked.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid = struct.unpack("3i", raw)[1]
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
