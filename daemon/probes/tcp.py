"""tcp ADDRESS"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import ProbeFailure, Reply, text_of
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.names import Address
    from daemon.world.world import World

WORD = ProbeWord(
    name="tcp",
    inside=("probe kind",),
    shape="address:ADDRESS",
    body="check",
    doc=(
        "Opens a connection and closes it again. A name with several addresses is connected when one of them is. Without `expect`, "
        "being connected is good; what is refused or unreachable is a reply too, with the reason in `reply.error`."
    ),
    example='tcp "127.0.0.1:5432"',
    reply={"connected": "flag", "duration": "duration", "error": "text"},
)


async def look(settings: Mapping[str, object], world: World) -> Reply:
    from time import monotonic

    from daemon.world.names import NameUnknown

    host, port = host_and_port(text_of(settings, "address"))
    began = monotonic()
    try:
        error = await _connected(await world.names.addresses(host, port))
    except NameUnknown as unknown:
        error = str(unknown)
    return {"connected": not error, "duration": monotonic() - began, "error": error}


def healthy(reply: Reply) -> bool:
    return reply["connected"] is True


def described(reply: Reply) -> str:
    return str(reply["error"]) or "connected"


def host_and_port(address: str) -> tuple[str, int]:
    """`db:5432`, `127.0.0.1:5432`, `[::1]:5432`. Raises ProbeFailure."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ProbeFailure(f"{address!r} is no address; write HOST:PORT")
    return host, int(port)


async def _connected(addresses: tuple[Address, ...]) -> str:
    """ "" once one of them answers, else why the last one did not."""
    error = "no address"
    for address in addresses:
        error = await _attempt(address)
        if not error:
            break
    return error


async def _attempt(address: Address) -> str:
    import asyncio
    import socket

    from daemon.world.failures import OwnFailure, is_own, reason

    try:
        with socket.socket(address.family, socket.SOCK_STREAM) as connection:
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, address.socket_address)
    except OSError as error:
        if is_own(error):
            raise OwnFailure(reason(error)) from error
        return reason(error)
    return ""
