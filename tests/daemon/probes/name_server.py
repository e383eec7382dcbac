"""A name server over UDP and TCP on a free port of 127.0.0.1, with a zone of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from dns import flags, message, rcode, rrset

ZONE = {
    ("api.test.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("api.test.", "AAAA"): ["2001:db8::1"],
    ("test.", "MX"): ["10 mail.test."],
    ("test.", "NS"): ["ns.test."],
    ("test.", "TXT"): ['"v=spf1 " "-all"'],
    ("_sip._tcp.test.", "SRV"): ["0 5 5060 api.test."],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["api.test."],
    ("long.test.", "TXT"): [f'"{number:04d}{"x" * 200}"' for number in range(40)],  # too long for UDP
}


def answered(wire: bytes, longest: int) -> bytes:
    """As a server does: an alias with what it stands for, and the truncation flag where the answer is too long."""
    query = message.from_wire(wire)
    question = query.question[0]
    name, record = question.name.to_text(), question.rdtype.name
    reply = message.make_response(query)
    if name == "www.test.":
        reply.answer.append(rrset.from_text(name, 60, "IN", "CNAME", "api.test."))
        name = "api.test."
    if (name, record) in ZONE:
        reply.answer.append(rrset.from_text(name, 60, "IN", record, *ZONE[name, record]))
    elif not any(known == name for known, _ in ZONE) and not reply.answer:
        reply.set_rcode(rcode.NXDOMAIN)
    if len(reply.to_wire(max_size=65535)) > longest:
        reply.answer.clear()
        reply.flags |= flags.TC
    return reply.to_wire(max_size=65535)


class _Datagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        self._transport.sendto(answered(data, 1200), sender)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    length = int.from_bytes(await reader.readexactly(2), "big")
    reply = answered(await reader.readexactly(length), 65535)
    writer.write(len(reply).to_bytes(2, "big") + reply)
    await writer.drain()
    writer.close()


@asynccontextmanager
async def a_name_server() -> AsyncIterator[str]:
    """Its address, as rules write it."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(_Datagrams, local_addr=("127.0.0.1", port))
    try:
        yield f"127.0.0.1:{port}"
    finally:
        transport.close()
        server.close()
