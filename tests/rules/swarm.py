"""VolexSwarm in one process: small servers that answer as its agents do, and a `docker` that restarts them."""

from __future__ import annotations

import json
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shlex import quote
from typing import Any

AGENTS = {
    "research": 8001, "execution": 8002, "signal": 8003, "meta": 8004, "backtest": 8006, "optimize": 8007,
    "monitor": 8008, "risk": 8009, "compliance": 8010, "strategy": 8011, "news_sentiment": 8024,
    "strategy_discovery": 8025, "realtime_data": 8026,
}  # fmt: skip
VAULT, DATABASE = 8200, 5432
CONTAINER = "volexswarm-{}-1"

# What VolexSwarm's docker would be asked is asked of this process, and what it says is printed.
DOCKER = """\
import http.client, json, sys
swarm = http.client.HTTPConnection("127.0.0.1", {port}, timeout=30)
swarm.request("POST", "/docker", json.dumps(sys.argv[1:]))
print(swarm.getresponse().read().decode(), end="")
"""


def linked(**states: str) -> dict[str, dict[str, str]]:
    """`connectivity` as most agents write it."""
    return {name: {"status": state} for name, state in states.items()}


@dataclass
class Agent:
    """`answers` None: it accepts a connection and says nothing, as a container does in which nothing runs."""

    name: str
    answers: str | None = "healthy"
    connectivity: dict[str, Any] = field(
        default_factory=lambda: linked(database="connected", vault="connected", websocket="connected")
    )

    def body(self) -> dict[str, Any]:
        """Always under HTTP 200. The uptime is a constant: nothing may rest on it."""
        return {
            "status": self.answers,
            "agent": self.name,
            "uptime": "0h 0m",
            "connectivity": self.connectivity,
        }


@dataclass
class Exchange:
    """The connection of realtime_data, its two streams, and what it was asked to do."""

    connected: bool = True
    silent_since: datetime | None = None
    age_hours: float = 3.0
    posts: list[tuple[str, Any]] = field(default_factory=list)

    def quality(self) -> dict[str, Any]:
        seen = (self.silent_since or datetime.now(UTC)).replace(tzinfo=None).isoformat()
        of_stream = {"total_messages": 9, "valid_messages": 9, "last_update": seen, "latency_avg": 0}
        names = ("binance_BTCUSDT_aggTrade", "binance_ETHUSDT_aggTrade")
        return {"status": "success", "metrics": dict.fromkeys(names, of_stream) if self.connected else {}}

    def status(self) -> dict[str, Any]:
        remaining = 24 - self.age_hours
        one = {"age_hours": self.age_hours, "remaining_hours": remaining, "status": "active"}
        connections = {"binance": {**one, "needs_reconnect": remaining < 1}} if self.connected else {}
        return {"status": "success", "connections": connections, "total_connections": len(connections)}

    def post(self, path: str, body: Any) -> dict[str, Any]:
        self.posts.append((path, body))
        self.connected, self.silent_since, self.age_hours = True, None, 0.0
        return {"status": "success"}

    def fall_silent(self) -> None:
        """As a connection that broke: it is still in the list."""
        self.silent_since = datetime.now(UTC) - timedelta(minutes=5)


class Swarm:
    """`with Swarm(directory) as swarm:` everything is well; then change `agents`, `exchange`, `sealed`."""

    def __init__(self, directory: Path) -> None:
        self.agents = {name: Agent(name) for name in AGENTS}
        self.agents["monitor"].connectivity = {}  # some say nothing
        self.agents["risk"].connectivity = dict.fromkeys(("database", "vault", "websocket"), "connected")
        self.exchange = Exchange()
        self.sealed = False
        self.sessions = 20
        self.docker_calls: list[tuple[float, list[str]]] = []
        self._servers: list[socketserver.BaseServer] = []
        self.ports = {port: self._serve(self._agent(name)) for name, port in AGENTS.items()}
        self.ports[VAULT] = self._serve(self._vault)
        self.ports[DATABASE] = self._listen()
        self.docker = directory / "docker"
        asking = directory / "docker.py"
        asking.write_text(DOCKER.format(port=self._serve(self._docker)))
        self.docker.write_text(f'#!/bin/sh\nexec {quote(sys.executable)} -IS {quote(str(asking))} "$@"\n')
        self.docker.chmod(0o755)

    def restarts(self) -> list[str]:
        """The containers that were restarted, in order."""
        return [name for _, words in self.docker_calls if words[0] == "restart" for name in words[1:]]

    def __enter__(self) -> Swarm:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    # --- what they answer --------------------------------------------------------------------------------------------

    def _agent(self, name: str) -> Answer:
        def answer(method: str, path: str, body: Any) -> Any:
            agent = self.agents[name]
            if agent.answers is None:
                return None
            if name == "realtime_data" and method == "POST":
                return self.exchange.post(path, body)
            pages = {"/quality": self.exchange.quality, "/connections/status": self.exchange.status}
            return pages.get(path, agent.body)()

        return answer

    def _vault(self, method: str, path: str, body: Any) -> Any:
        return {"initialized": True, "sealed": self.sealed, "standby": False}

    def _docker(self, method: str, path: str, words: list[str]) -> Any:
        self.docker_calls.append((time.time(), words))
        if words[0] == "restart":
            for name, agent in list(self.agents.items()):
                if CONTAINER.format(name) in words[1:]:
                    self._restart(agent)
        if "psql" in words and "pg_stat_activity" in words[-1]:
            return {"name": "volextrades", "connections": self.sessions, "most": 200}
        return ""

    def _restart(self, agent: Agent) -> None:
        """Everything is made anew, so everything works; what has nothing to say goes on saying nothing."""
        fresh = Agent(agent.name).connectivity if agent.connectivity else {}
        self.agents[agent.name] = Agent(agent.name, connectivity=fresh)

    # --- servers -----------------------------------------------------------------------------------------------------

    def _serve(self, answer: Answer) -> int:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(answer))
        self._servers.append(server)
        return int(server.server_address[1])

    def _listen(self) -> int:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self._servers.append(server)
        return int(server.server_address[1])


Answer = Callable[[str, str, Any], Any]  # method, path and body to what is sent as JSON; None: nothing is


def handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(None)

        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null"))

        def _reply(self, body: Any) -> None:
            reply = answer(self.command, self.path, body)
            if reply is None:
                self.close_connection = True
                return
            data = b"" if reply == "" else json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    return Handler
