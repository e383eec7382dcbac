"""One small service of the demonstration's swarm: a real process with a real HTTP server. Standard library only.

    member.py NAME PORT [--needs PORT …] [--journal FILE] [--slow SECONDS] [--stuck]

`GET /health` answers 200 with {"status": "healthy" | "unhealthy", "reason", "uptime"}, whatever the status: the body must be read.
It is unhealthy while something it needs does not answer, and while its memory is corrupt (`POST /corrupt`, which only a new process
cures). `POST /jobs` adds 60 jobs, of which it does about ten a second; `GET /backlog` says how many wait. With a journal it refuses to
start when the journal cannot be read, as a database would. `POST /reconnect` says that all went well and changes nothing. With
`--stuck FILE` it is unhealthy while that file exists.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import queue
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Member:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.started_at = time.monotonic()
        self.jobs: queue.Queue[int] = queue.Queue()
        self.corrupt = ""  # why, once it is

    def health(self) -> dict[str, object]:
        reason = self.corrupt or self.stuck() or self.missing_need()
        return {
            "service": self.options.name,
            "status": "unhealthy" if reason else "healthy",
            "reason": reason,
            "uptime": round(time.monotonic() - self.started_at, 3),
        }

    def stuck(self) -> str:
        """What no restart cures: the cause lies outside of the process."""
        found = self.options.stuck and os.path.exists(self.options.stuck)
        return "the certificate has expired" if found else ""

    def price(self) -> dict[str, object]:
        """A number that moves, as prices do."""
        return {"symbol": "BTC-USD", "price": round(50_000 + 1_000 * math.sin(time.monotonic()), 2)}

    def work(self) -> None:
        """Does the jobs one after the other, for as long as it lives."""
        while True:
            self.jobs.get()
            time.sleep(0.1)

    def backlog(self) -> dict[str, object]:
        return {"queues": [{"name": self.options.name, "waiting": self.jobs.qsize()}]}

    def assess(self) -> dict[str, object]:
        return {"ok": not self.corrupt, "limit": 10}

    def missing_need(self) -> str:
        for port in self.options.needs:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=0.3).close()
            except OSError as error:
                return f"port {port}: {error.strerror or error}"
        return ""


def handler_of(member: Member) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answers = {
                "/health": member.health,
                "/price": member.price,
                "/assess": member.assess,
                "/backlog": member.backlog,
            }
            found = answers.get(self.path)
            self.answer(200 if found else 404, found() if found else {"error": "no such page"})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/corrupt":
                member.corrupt = "its order book is corrupt"
            if self.path == "/jobs":
                for job in range(60):
                    member.jobs.put(job)
            self.answer(200, {"ok": True})

        def answer(self, status: int, body: dict[str, object]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


def read_journal(path: str) -> None:
    """The journal of the former life; one that cannot be read is a reason not to start."""
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            json.load(file)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("port", type=int)
    parser.add_argument("--needs", type=int, nargs="*", default=[])
    parser.add_argument("--journal", default="")
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--stuck", default="")
    options = parser.parse_args()
    try:
        read_journal(options.journal)
    except ValueError as error:
        print(f"{options.name}: the journal {options.journal} cannot be read: {error}", file=sys.stderr)
        return 3
    time.sleep(options.slow)  # it warms up: a real database takes its time, too
    ThreadingHTTPServer.daemon_threads = True
    member = Member(options)
    threading.Thread(target=member.work, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", options.port), handler_of(member)).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
