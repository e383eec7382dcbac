"""Where notices go: a channel's `url` is an http(s) address, `log:`, or `file:/path`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from daemon.world.background import in_thread
from daemon.world.failures import reason
from daemon.world.secrets import SecretFailure
from daemon.world.settings import settings_of
from daemon.world.written import one_line
from dsl.program import Channel

if TYPE_CHECKING:
    from daemon.world.http import Http

SCHEMES = ("http", "https", "log", "file")
_REPLY_LIMIT = 4096


class ChannelFailure(Exception):
    """A notice could not be sent. The text never holds the address: it may be a secret."""


class Channels:
    """The channels of the program in force. Addresses are read (and secrets with them) at every notice, and never kept."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._channels: dict[str, Channel] = {}

    def replace(self, channels: tuple[Channel, ...]) -> None:
        self._channels = {channel.name: channel for channel in channels}

    async def send(self, name: str, message: Mapping[str, object], now: float) -> str:
        """Sends a message (as JSON, or as its `text`) and says what became of it. Raises ChannelFailure, OwnFailure."""
        url = self._url(name, now)
        scheme, _, rest = url.partition(":")
        match scheme.lower():
            case "http" | "https":
                return await self._posted(name, url, message)
            case "log":
                return _logged(name, message)
            case "file":
                return await _appended(name, rest, message)
            case _:
                raise ChannelFailure(f"channel {name}: its address is none of {', '.join(SCHEMES)}")

    def _url(self, name: str, now: float) -> str:
        channel = self._channels.get(name)
        if channel is None:
            raise ChannelFailure(f"there is no channel {name!r}")
        try:
            url = settings_of(channel.settings, {}, now).get("url")
        except SecretFailure as error:
            raise ChannelFailure(f"channel {name}: {error}") from error
        if not isinstance(url, str):
            raise ChannelFailure(f"channel {name} has no url")
        return url.strip()

    async def _posted(self, name: str, url: str, message: Mapping[str, object]) -> str:
        from daemon.world.http import HttpFailure, Request

        headers = {"Content-Type": "application/json"}
        try:
            reply = await self._http.fetch(
                Request("POST", url, headers, msgspec.json.encode(message)), _REPLY_LIMIT
            )
        except HttpFailure as error:
            raise ChannelFailure(f"channel {name}: {error}") from error
        if not 200 <= reply.status < 300:
            raise ChannelFailure(f"channel {name}: HTTP {reply.status}")
        return f"HTTP {reply.status}"


def _logged(name: str, message: Mapping[str, object]) -> str:
    from loguru import logger

    logger.bind(channel=name, fault=message.get("fault")).warning(
        "{}: {}", name, one_line(str(message.get("text")))
    )
    return "written to the log"


async def _appended(name: str, path: str, message: Mapping[str, object]) -> str:
    path = path.removeprefix("//")
    if not os.path.isabs(path):
        raise ChannelFailure(f"channel {name}: file: needs an absolute path")
    line = msgspec.json.encode(message) + b"\n"
    try:
        await in_thread(partial(_append, path, line))
    except OSError as error:
        raise ChannelFailure(f"channel {name}: its file cannot be written: {reason(error)}") from error
    return "appended to a file"


def _append(path: str, line: bytes) -> None:
    """One write, so that lines of several writers never mix; a link or a pipe is no file to append to."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, 0o640)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)
