"""From a webhook to what follows from it: a rule takes an event and its action is a request to somebody else.

Counted is, for each event, the time from the first byte of the post to the arrival of the whole request that the action sends,
both at this process. In between lie the event, the rule, the rows that say what is intended and why, their durable commit (`fsync`),
the connection and the request. The next event is sent when the action of the one before has arrived and both requests are
answered; so nothing queues.
"""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.running import running

EVENTS, WARMING = 2000, 300
_PATIENCE_S = 10.0
_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
_END = b"\r\n\r\n"

RULES = """\
language 1
event deploy {{ field agent: text, version: number }}
probe deployments {{ webhook "/deploy" into deploy }}
orchestration told {{
    on    event deploy where deploy.version >= 0
    limit 1000000 per 1h overall
    then  {{ http post "http://127.0.0.1:{port}/told" {{ body version: deploy.version }} }}
}}
"""


@dataclass(frozen=True)
class Latency:
    """Milliseconds; of `cpu_ms` an event, all threads of volexd."""

    each_ms: list[float]
    cpu_ms: float

    def quantile(self, share: float) -> float:
        return quantile(self.each_ms, share)


class WrongArrivalError(Exception):
    """Something else came, or came twice, or did not come."""


def quantile(figures: list[float], share: float) -> float:
    return sorted(figures)[min(int(share * len(figures)), len(figures) - 1)]


def latency(environment: dict[str, str], events: int = EVENTS) -> Latency:
    """Of so many events, after some that are not counted."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_PATIENCE_S)
        hooks = _free_port()
        rules = RULES.format(port=listening.getsockname()[1])
        configuration = f"webhooks: {{address: 127.0.0.1:{hooks}}}\n"
        with running(rules, environment, configuration) as volexd, _connected(hooks) as sending:
            for number in range(WARMING):
                _once(sending, listening, number)
            before = volexd.used()
            each = [_once(sending, listening, WARMING + number) for number in range(events)]
            return Latency(each, (volexd.used() - before) / events * 1000)


def _once(sending: socket.socket, listening: socket.socket, number: int) -> float:
    """Milliseconds."""
    body = f'{{"agent": "api", "version": {number}}}'.encode()
    head = f"POST /deploy HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    began = time.perf_counter()
    sending.sendall(head.encode() + _END + body)
    with listening.accept()[0] as arriving:
        arriving.settimeout(_PATIENCE_S)
        said = _request(arriving)
        took = (time.perf_counter() - began) * 1000
        arriving.sendall(_ANSWER)
    if f'"version":{number}' not in said.replace(".0", ""):
        raise WrongArrivalError(f"event {number} was followed by {said!r}")
    taken = sending.recv(4096)
    if not taken.startswith(b"HTTP/1.1 202"):
        raise WrongArrivalError(f"event {number} was answered with {taken!r}")
    return took


def _request(connection: socket.socket) -> str:
    """The body of the one request that comes."""
    received = b""
    while _END not in received:
        received += _more(connection)
    head, _, body = received.partition(_END)
    lengths = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    ]
    while len(body) < int(lengths[0]):
        body += _more(connection)
    return body.decode()


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise WrongArrivalError("the action's request broke off")
    return data


def _connected(port: int) -> socket.socket:
    """The webhooks listen from their probe's first look on, which may come after READY."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), _PATIENCE_S)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as asking:
        return int(asking.getsockname()[1])


def fsync_ms(times: int = 300) -> tuple[float, float]:
    """Median and 99th percentile of what this machine takes to make 24 KiB safe, where the database of a benchmark lies."""
    took = []
    with tempfile.TemporaryDirectory(prefix="volexd-bench-") as name:
        file = os.open(Path(name) / "file", os.O_WRONLY | os.O_CREAT)
        for _ in range(times):
            os.write(file, b"x" * 24576)
            began = time.perf_counter()
            os.fsync(file)
            took.append((time.perf_counter() - began) * 1000)
        os.close(file)
    return statistics.median(took), quantile(took, 0.99)
