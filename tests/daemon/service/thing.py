"""A service that nobody wrote for volexd's demonstration: a small HTTP server whose mood can be changed from outside.

    thing.py PORT [MOOD_FILE]

`GET /state` answers 200 with {"state": "fine" | "ill"}: the word in the mood file when the process started, until `POST /fall-ill`.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

state = {"state": "fine"}


class Thing(BaseHTTPRequestHandler):
    def do_GET(self):
        data = json.dumps(state).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        state["state"] = "ill"
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer.daemon_threads = True
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Thing).serve_forever()
