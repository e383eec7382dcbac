"""HTTP as a client: one session for all, made at first use; every reply bounded, no cookies, no proxies, no surprises.

Connections are not kept: a check of health has to show that the server takes a new one.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from daemon.world.failures import OwnFailure, is_own, reason
from daemon.world.names import Names, NameUnknown

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

_REDIRECTS_LIMIT = 5
_CONNECTIONS_LIMIT = 512
_MOVED = frozenset({301, 302, 303, 307, 308})


class HttpFailure(Exception):
    """No reply, in a few words: "connection refused". It never holds the URL, which may be a secret."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str  # GET POST PUT DELETE
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
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
    """Use it within one loop, and close it there."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, request: Request, limit: int) -> Reply:
        """The reply with at most `limit` bytes of body. A GET follows redirects: a few, and within its scheme.

        Raises HttpFailure, and OwnFailure when volexd lacks descriptors. Time is bounded by the caller.
        """
        began = monotonic()
        try:
            reply = await self._followed(request, limit)
        except OSError as error:  # aiohttp's connection errors are OSErrors too
            raise _failure(error) from error
        return replace(reply, duration=monotonic() - began)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _followed(self, request: Request, limit: int) -> Reply:
        for _ in range(_REDIRECTS_LIMIT + 1):
            reply = await self._once(request, limit)
            if request.method != "GET" or reply.status not in _MOVED or "location" not in reply.headers:
                return reply
            request = _redirected(request, reply.headers["location"])
        raise HttpFailure(f"more than {_REDIRECTS_LIMIT} redirects")

    async def _once(self, request: Request, limit: int) -> Reply:
        import aiohttp

        url = _url(request.url)
        try:
            async with self._opened().request(
                request.method, url, headers=dict(request.headers), data=request.body, allow_redirects=False
            ) as response:
                body = await _read(response.content, limit + 1)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, headers, body[:limit], len(body) <= limit, 0.0)
        except aiohttp.ClientError as error:
            raise _client_failure(error) from error
        except ValueError as error:  # a header or a URL that cannot be sent
            raise HttpFailure(
                "the request cannot be sent: a header or the URL holds what none may hold"
            ) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=_CONNECTIONS_LIMIT,
                    force_close=True,
                    resolver=_resolver(self._names),
                    use_dns_cache=False,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                # Nothing is unpacked: a small reply could become a very large one.
                headers={"Accept-Encoding": "identity", "User-Agent": "volexd"},
                auto_decompress=False,
            )
        return self._session


async def _read(stream: aiohttp.StreamReader, limit: int) -> bytes:
    body = bytearray()
    while len(body) < limit:
        chunk = await stream.read(limit - len(body))
        if not chunk:
            break
        body += chunk
    return bytes(body)


def _url(text: str) -> URL:
    from yarl import URL

    try:
        url = URL(text)
    except ValueError as error:
        raise HttpFailure("that is no URL; write http://HOST[:PORT]/PATH") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise HttpFailure("not an http:// or https:// URL with a host")
    return url


def _redirected(request: Request, location: str) -> Request:
    """Headers (tokens among them) do not travel to another server."""
    from yarl import URL

    origin = _url(request.url)
    try:
        target = origin.join(URL(location))
    except ValueError as error:
        raise HttpFailure("redirected to what is no URL") from error
    if target.scheme != origin.scheme:
        raise HttpFailure(f"redirected to another scheme ({target.scheme[:20]}), which is not followed")
    headers = request.headers if target.origin() == origin.origin() else {}
    return Request("GET", str(target), headers)


def _resolver(names: Names) -> aiohttp.abc.AbstractResolver:
    from aiohttp.abc import AbstractResolver, ResolveResult

    class Resolver(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            try:
                found = await names.addresses(host, port)
            except NameUnknown as error:
                raise OSError(None, "no such host") from error
            return [
                ResolveResult(
                    hostname=host, host=a.socket_address[0], port=port, family=a.family, proto=0, flags=0
                )
                for a in found
                if family in (socket.AF_UNSPEC, a.family)
            ]

        async def close(self) -> None:
            """Nothing is held."""

    return Resolver()


def _client_failure(error: aiohttp.ClientError) -> Exception:
    import aiohttp

    match error:
        case aiohttp.ClientConnectorCertificateError():
            return HttpFailure("the certificate is not valid")
        case aiohttp.ClientConnectorDNSError():
            return HttpFailure("no such host")
        case aiohttp.ClientSSLError():
            return HttpFailure("no TLS connection")
        case aiohttp.ClientOSError():
            return _failure(error)
        case aiohttp.ServerDisconnectedError():
            return HttpFailure("the server closed the connection without a reply")
        case aiohttp.ClientPayloadError():
            return HttpFailure("the reply broke off")
        case aiohttp.ClientResponseError():
            return HttpFailure("what answers does not speak HTTP")
        case _:
            return HttpFailure(f"no reply ({type(error).__name__})")


def _failure(error: OSError) -> Exception:
    inner = getattr(error, "os_error", error)
    if isinstance(inner, ssl.SSLError):
        return HttpFailure("no TLS connection")
    if is_own(inner):
        return OwnFailure(reason(inner))
    return HttpFailure(reason(inner) if inner.errno else "no connection")
