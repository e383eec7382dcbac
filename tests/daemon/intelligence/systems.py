"""A `SystemIntelligence` for tests, and small servers and programs for it to work on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MAINTENANCE = {"type": "system_maintenance", "maintenance_type": "cleanup"}


def maintenance(*command: str, **more: Any) -> dict[str, Any]:
    """A config with one rule that runs a command."""
    return {"orchestration_rules": [{**MAINTENANCE, "command": list(command), **more}]}


def program(path: Path, text: str) -> str:
    """A little program, to be run by its absolute path."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


class Site:
    """What a server says, and what it was asked: method, path and body."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.status = 200
        self.body: dict[str, Any] = {"status": "healthy"}
        self.asked: list[tuple[str, str, Any]] = []

    def posts(self) -> list[tuple[str, str, Any]]:
        return [one for one in self.asked if one[0] == "POST"]


@contextmanager
def site() -> Iterator[Site]:
    """A real HTTP server; inside it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    told = server.told = Site(server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        told: Site = self.server.told  # type: ignore[attr-defined]
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told.asked.append((self.command, self.path, json.loads(sent) if sent else None))
        answer = json.dumps(told.body).encode()
        self.send_response(told.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        return
