"""Host names to addresses, without letting one dead name server hold up everything that looks up anything."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from functools import lru_cache

from daemon.world.background import in_thread
from daemon.world.failures import OwnFailure

_LOOKUPS_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Address:
    family: socket.AddressFamily
    socket_address: tuple[str, int] | tuple[str, int, int, int]


class NameUnknown(Exception):
    """There is no such host, or no name server that would say so."""


class Names:
    """Looks names up in threads: at most one look-up of a name, and 64 in all, at one time."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[str, int], asyncio.Task[tuple[Address, ...]]] = {}

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """At least one address. Raises NameUnknown, and OwnFailure when too many look-ups hang."""
        found = numeric(host, port)
        return found if found is not None else await asyncio.shield(self._task((host, port)))

    def _task(self, name: tuple[str, int]) -> asyncio.Task[tuple[Address, ...]]:
        task = self._under_way.get(name)
        if task is None:
            if len(self._under_way) >= _LOOKUPS_LIMIT:
                raise OwnFailure(f"{_LOOKUPS_LIMIT} look-ups of names have not come back")
            task = self._under_way[name] = asyncio.create_task(in_thread(lambda: _looked_up(*name, 0)))
            task.add_done_callback(lambda done: self._settled(name, done))
        return task

    def _settled(self, name: tuple[str, int], task: asyncio.Task[tuple[Address, ...]]) -> None:
        self._under_way.pop(name, None)
        if not task.cancelled():
            task.exception()  # retrieved: whoever waited has it, and perhaps nobody waits any more


def _looked_up(host: str, port: int, flags: int) -> tuple[Address, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except socket.gaierror as error:
        raise NameUnknown(f"{host}: {(error.strerror or 'no such host').lower()}") from error
    except UnicodeError as error:
        raise NameUnknown(f"{host[:80]!r} is no name of a host") from error
    return tuple(Address(socket.AddressFamily(family), address) for family, _, _, _, address in found)  # type: ignore[arg-type]


@lru_cache(maxsize=1024)
def numeric(host: str, port: int) -> tuple[Address, ...] | None:
    """Of what is an address already; it means the same for ever. None for a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return _looked_up(host, port, socket.AI_NUMERICHOST)
