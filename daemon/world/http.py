"""HTTP as a client: every reply bounded, no cookies, no proxies, no surprises.

Connections are not kept: a check of health has to show that the server takes a new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING

import msgspec

from daemon.world.arrivals import Arrivals
from daemon.world.exchange import BrokenReply, Reading, Tls, exchanged
from daemon.world.failures import OwnFailure, is_own, reason
from daemon.world.names import Names, NameUnknown, numeric
from daemon.world.target import NoTarget, Target, moved_to, target_of

if TYPE_CHECKING:
    import ssl

_REDIRECTS_LIMIT = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
# Nothing is unpacked: a small reply could become a very large one.
_ALWAYS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "volexd", "Connection": "close"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NEVER = re.compile(r"[\x00\r\n]")


class HttpFailure(Exception):
    """No reply, in a few words: "connection refused". It never holds the URL, which may be a secret."""


class Request(msgspec.Struct, frozen=True):
    method: str  # GET POST PUT DELETE
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Reply(msgspec.Struct, frozen=True):
    """`body` holds at most the bytes asked for; `complete` says whether that is all of it. `duration` in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool
    duration: float

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Http:
    """Use it within one loop."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._context: ssl.SSLContext | None = None
        self._arrivals: Arrivals | None = None

    async def fetch(self, request: Request, limit: int) -> Reply:
        """The reply with at most `limit` bytes of body. A GET follows redirects: a few, and within its scheme.

        Raises HttpFailure, and OwnFailure when volexd lacks descriptors. Time is bounded by the caller.
        """
        began = monotonic()
        try:
            found = await self._asked(request, limit)
            if found.status in _MOVED and _is_moved(request, found):
                found = await self._followed(request, found, limit)
        except (NoTarget, BrokenReply) as error:
            raise HttpFailure(str(error)) from error
        except NameUnknown as error:
            raise HttpFailure("no such host") from error
        except OSError as error:
            raise _failure(error) from error
        body = bytes(found.body[:limit])
        return Reply(found.status, found.headers, body, len(found.body) <= limit, monotonic() - began)

    async def _asked(self, request: Request, limit: int) -> Reading:
        target = target_of(request.url)
        addresses = numeric(target.host, target.port) or await self._names.addresses(target.host, target.port)
        tls = None if target.scheme == "http" else self._tls(target)
        arrivals = self._arrivals or self._made_arrivals()
        return await exchanged(arrivals, addresses, tls, _written(request), limit)

    async def _followed(self, request: Request, found: Reading, limit: int) -> Reading:
        for _ in range(_REDIRECTS_LIMIT):
            request = _redirected(request, found.headers["location"])
            found = await self._asked(request, limit)
            if not _is_moved(request, found):
                return found
        raise HttpFailure(f"more than {_REDIRECTS_LIMIT} redirects")

    def close(self) -> None:
        if self._arrivals is not None:
            self._arrivals.close()
            self._arrivals = None

    def _made_arrivals(self) -> Arrivals:
        self._arrivals = Arrivals()
        return self._arrivals

    def _tls(self, target: Target) -> Tls:
        if self._context is None:
            import ssl

            self._context = ssl.create_default_context()
        return Tls(self._context, target.host)


def _written(request: Request) -> bytes:
    """The request as it is sent. HttpFailure for a header that nobody may send."""
    length = None if request.body is None else len(request.body)
    return _head(request.method, request.url, tuple(request.headers.items()), length) + (request.body or b"")


@lru_cache(maxsize=256)
def _head(method: str, url: str, given: tuple[tuple[str, str], ...], length: int | None) -> bytes:
    """Checks and actions ask the same over and over."""
    target = target_of(url)
    headers = {"Host": target.named, **_ALWAYS}
    if target.authorization is not None:
        headers["Authorization"] = target.authorization
    if length is not None or method in ("POST", "PUT"):
        headers["Content-Length"] = str(length or 0)
    instead = {name.lower() for name, _ in given}
    lines = [f"{method} {target.path} HTTP/1.1"]
    for name, value in (*((name, headers[name]) for name in headers if name.lower() not in instead), *given):
        if _NAME.fullmatch(name) is None or _NEVER.search(value) is not None:
            raise HttpFailure("the request cannot be sent: a header or the URL holds what none may hold")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


def _is_moved(request: Request, found: Reading) -> bool:
    return found.status in _MOVED and request.method == "GET" and "location" in found.headers


def _redirected(request: Request, location: str) -> Request:
    """Headers (tokens among them) do not travel to another server."""
    url = moved_to(request.url, location)
    origin = target_of(request.url)
    scheme = url.partition(":")[0].lower()
    if scheme != origin.scheme:
        raise HttpFailure(f"redirected to another scheme ({scheme[:20]}), which is not followed")
    headers = request.headers if target_of(url).origin == origin.origin else {}
    return Request("GET", url, headers)


def _failure(error: OSError) -> Exception:
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return HttpFailure("the certificate is not valid")
    if isinstance(error, ssl.SSLError):
        return HttpFailure("no TLS connection")
    if is_own(error):
        return OwnFailure(reason(error))
    return HttpFailure(reason(error) if error.errno else "no connection")
