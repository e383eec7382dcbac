"""Where a request goes: an http:// or https:// URL, taken apart."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}
# What may stand in a path or a query as it is; a percent sign too, for what is quoted already is not quoted again.
_KEPT = "%/:=&?~+!$,;'@()*[]"


class NoTarget(Exception):
    """The text is no URL that a request can go to; the message says why without repeating it, for it may be a secret."""


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is as name servers know it; `path` is what stands in the request line, the query with it.

    `named` is the value of the header `Host`, `authorization` that of its name if the URL has a user.
    """

    scheme: str
    host: str
    port: int
    path: str
    named: str
    authorization: str | None

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom it is sent to: headers (tokens among them) do not travel from one to another."""
        return self.scheme, self.host, self.port


@lru_cache(maxsize=1024)
def target_of(url: str) -> Target:
    """NoTarget."""
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError as error:
        raise NoTarget("that is no URL; write http://HOST[:PORT]/PATH") from error
    if parts.scheme not in _PORTS or not host:
        raise NoTarget("not an http:// or https:// URL with a host")
    shown = f"[{host}]" if ":" in host else host
    path = quote(parts.path, _KEPT) or "/"
    return Target(
        parts.scheme,
        host,
        port or _PORTS[parts.scheme],
        f"{path}?{quote(parts.query, _KEPT)}" if parts.query else path,
        shown if port in (None, _PORTS[parts.scheme]) else f"{shown}:{port}",
        None if parts.username is None else _basic(parts.username, parts.password or ""),
    )


def moved_to(url: str, location: str) -> str:
    """The URL that a reply's `Location` means. NoTarget."""
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise NoTarget("redirected to what is no URL") from error


def _ascii(host: str) -> str:
    """ValueError (UnicodeError) for what is no name in any script."""
    return host if host.isascii() else host.encode("idna").decode()


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
