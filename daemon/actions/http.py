"""http get|post|put|delete URL"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, ActionFailure, Outcome, failed, succeeded
from daemon.world.json_body import as_json
from daemon.world.written import one_line
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="http",
    inside=("action", "step action"),
    shape="method:get|post|put|delete url:URL",
    body="http request",
    doc=(
        "Sends a request; a status of 2xx counts as done. `body` goes out as JSON, or as it stands if it is a text. Only a get follows "
        "redirects: at most five, never to another scheme, and headers do not travel to another server. The beginning of a "
        "reply that is no success is kept with the outcome."
    ),
    example='http post "http://127.0.0.1:8026/connect" { body symbol: "BTC-USD"; affects stream.connected }',
    risk="reload",
    affects=None,
    reply={"status": "number", "body": "any"},
)
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
_REPLY_LIMIT = 65536


async def run(call: ActionCall, world: World) -> Outcome:
    from daemon.world.http import HttpFailure, Request

    method = call.text("method").upper()
    if method not in _METHODS:
        raise ActionFailure(f"http: {method!r} is none of get, post, put, delete")
    body, content_type = body_of(call.arguments.get("body"))
    try:
        request = Request(
            method, call.text("url"), content_type | headers_of(call.arguments.get("headers")), body
        )
        reply = await world.http.fetch(request, _REPLY_LIMIT)
    except HttpFailure as error:
        return failed(str(error))
    said = {"status": reply.status, "body": as_json(reply.text)}
    if 200 <= reply.status < 300:
        return succeeded(f"HTTP {reply.status}", said)
    return failed(f"HTTP {reply.status}: {one_line(reply.text)}".removesuffix(": "), said)


def body_of(value: object) -> tuple[bytes | None, dict[str, str]]:
    """What is sent, and the header that says what it is. A text is sent as it stands, anything else as JSON."""
    import msgspec

    if value is None:
        return None, {}
    if isinstance(value, str):
        return value.encode(), {"Content-Type": "text/plain; charset=utf-8"}
    return msgspec.json.encode(value), {"Content-Type": "application/json"}


def headers_of(headers: object) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    from engine.analysis.written import written

    return {str(name): written(value) for name, value in headers.items()}
