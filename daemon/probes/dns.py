"""dns [a|aaaa|cname|mx|ns|ptr|srv|txt] NAME"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import ProbeFailure, Reply, text_of
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from dns.message import Message, QueryMessage
    from dns.name import Name
    from dns.rdata import Rdata
    from dns.rdatatype import RdataType

    from daemon.world.world import World

WORD = ProbeWord(
    name="dns",
    inside=("probe kind",),
    shape="[record:a|aaaa|cname|mx|ns|ptr|srv|txt] name:TEXT",
    body="dns",
    doc=(
        "Asks a name server, for the addresses (`a`) where no record is named; the name is whole, nothing is added to it, and of an "
        "address `ptr` asks what it is called. `answers` are texts: `192.0.2.1`, `10 mail.example.org`. `code` is its answer in words "
        "(NOERROR, NXDOMAIN, …). Without `expect`, at least one answer is good. No answer is a failure."
    ),
    example='dns "api.example.org"',
    reply={"answers": "list", "count": "number", "code": "text", "duration": "duration"},
)
_PATIENCE = 2.0  # seconds for a name server after which there is another one to ask
_PORT = 53

Server = tuple[str, int]


async def look(settings: Mapping[str, object], world: World) -> Reply:
    from time import monotonic

    from dns import rcode
    from dns.message import make_query
    from dns.rdatatype import from_text

    record = from_text(str(settings.get("record") or "a"))
    question = make_query(_name(text_of(settings, "name"), record), record)
    servers = await _servers(settings.get("server"), world)
    began = monotonic()
    reply = await _answered(question, servers)
    answers = _answers(reply, record)
    return {
        "answers": answers,
        "count": len(answers),
        "code": rcode.to_text(reply.rcode()),
        "duration": monotonic() - began,
    }


def healthy(reply: Reply) -> bool:
    return bool(reply["answers"])


def described(reply: Reply) -> str:
    return f"{reply['code']}, {reply['count'] or 'no'} answer{'' if reply['count'] == 1 else 's'}"


def _name(written: str, record: RdataType) -> Name:
    from dns import exception, name, rdatatype, reversename

    try:
        if record == rdatatype.PTR and not written.rstrip(".").endswith(".arpa"):
            return reversename.from_address(written)
        return name.from_text(written)
    except (exception.DNSException, ValueError, UnicodeError) as error:
        what = "address" if record == rdatatype.PTR else "name"
        raise ProbeFailure(f"{written!r} is no {what} that a name server can be asked for") from error


async def _servers(written: object, world: World) -> list[Server]:
    """Those of the machine where none is written."""
    from dns import resolver

    from daemon.probes.tcp import host_and_port
    from daemon.world.names import NameUnknown

    if written is None:
        try:
            return [(str(server), _PORT) for server in resolver.Resolver().nameservers]
        except resolver.NoResolverConfiguration as error:
            raise ProbeFailure('this machine names no name server; write `server "ADDRESS:53"`') from error
    host, port = host_and_port(str(written))
    try:
        addresses = await world.names.addresses(host, port)
    except NameUnknown as error:
        raise ProbeFailure(f"name server {written}: {error}") from error
    return [(each.socket_address[0], port) for each in addresses]


async def _answered(question: QueryMessage, servers: list[Server]) -> Message:
    """The reply of the first that gives one. The last has all the time that is left."""
    problem = "there is no name server to ask"
    for number, server in enumerate(servers, 1):
        try:
            return await _asked(question, server, _PATIENCE if number < len(servers) else None)
        except ProbeFailure as failure:
            problem = str(failure)
    raise ProbeFailure(problem)


async def _asked(question: QueryMessage, server: Server, patience: float | None) -> Message:
    """Over UDP, and over TCP what is too long for that. What does not answer this question is ignored."""
    from dns import asyncquery
    from dns.exception import DNSException, Timeout

    from daemon.world.failures import OwnFailure, is_own, reason

    host, port = server
    where = f"name server {host} port {port}"
    try:
        reply, _ = await asyncquery.udp_with_fallback(
            question, host, timeout=patience, port=port, ignore_unexpected=True, ignore_errors=True
        )
    except Timeout as error:
        raise ProbeFailure(f"{where}: no answer") from error
    except (DNSException, EOFError) as error:
        raise ProbeFailure(f"{where}: {str(error) or type(error).__name__}") from error
    except OSError as error:
        if is_own(error):
            raise OwnFailure(reason(error)) from error
        raise ProbeFailure(f"{where}: {reason(error)}") from error
    return reply


def _answers(reply: Message, record: RdataType) -> list[str]:
    """Those of the record that was asked for; the aliases on the way to it are none."""
    return [_written(one) for found in reply.answer if found.rdtype == record for one in found]


def _written(one: Rdata) -> str:
    """Without the dot at the end, which nobody writes in rules."""
    strings = getattr(one, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    return one.to_text().rstrip(".")
