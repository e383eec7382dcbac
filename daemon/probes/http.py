"""http [get|post] URL"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import ProbeFailure, Reply, text_of
from daemon.world.json_body import parsed
from daemon.world.written import one_line
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.http import Reply as HttpReply
    from daemon.world.world import World

WORD = ProbeWord(
    name="http",
    inside=("probe kind",),
    shape="[method:get|post] url:URL",
    body="http request",
    doc=(
        "Asks over HTTP, with a new connection each time. `reply.body` is the value when the body is JSON, else its text; of a body over "
        "1 MiB it is the beginning, as text. A get follows at most five redirects, never to another scheme. Without `expect`, a status "
        "of 2xx is good. No connection, a broken reply and a timeout are failures."
    ),
    example='http get "http://127.0.0.1:8026/connections/status"',
    reply={"status": "number", "body": "any", "headers": "map", "duration": "duration"},
)
_BODY_LIMIT = 1 << 20
_DESCRIBED = 200


async def look(settings: Mapping[str, object], world: World) -> Reply:
    from daemon.world.http import HttpFailure, Request

    headers: dict[str, str] = {}
    body = None
    if "body" in settings or "headers" in settings:
        from daemon.actions.http import body_of, headers_of

        body, content_type = body_of(settings.get("body"))
        headers = content_type | headers_of(settings.get("headers"))
    method = str(settings.get("method") or "get").upper()
    try:
        reply = await world.http.fetch(Request(method, text_of(settings, "url"), headers, body), _BODY_LIMIT)
    except HttpFailure as error:
        raise ProbeFailure(str(error)) from error
    return {
        "status": reply.status,
        "body": _value(reply),
        "headers": reply.headers,
        "duration": reply.duration,
    }


def healthy(reply: Reply) -> bool:
    status = reply["status"]
    return isinstance(status, int) and 200 <= status < 300


def described(reply: Reply) -> str:
    return one_line(f"HTTP {reply['status']}: {_shown(reply['body'])}", _DESCRIBED).removesuffix(": ")


def _shown(body: object) -> str:
    import msgspec

    return body if isinstance(body, str) else msgspec.json.encode(body).decode()


def _value(reply: HttpReply) -> object:
    """Servers that send JSON under another name, or rubbish under this one, are common."""
    says_json = "json" in reply.headers.get("content-type", "").lower()
    if reply.complete and (says_json or reply.body.lstrip()[:1] in (b"{", b"[")):
        try:
            return parsed(reply.body)
        except ValueError:
            pass
    return reply.text
