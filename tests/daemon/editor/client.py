"""An editor as the server sees it: a process over pipes, and JSON-RPC in the frames of the protocol."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PATIENCE = 120.0  # seconds; only a server that hangs takes that long


class Failed(Exception):
    """The server answered with an error."""


class Client:
    """Texts are written with `|` where the cursor stands; `open` takes it out and remembers it."""

    def __init__(self, directory: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "daemon.cli", "lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        self._changed = threading.Condition()
        self._answers: dict[int, Json] = {}
        self._told: dict[str, Json] = {}  # uri to its newest diagnostics
        self._shown: list[str] = []  # what went wrong in the server
        self._ended = False
        self._last = 0
        self._versions: dict[str, int] = {}
        threading.Thread(target=self._listen, daemon=True).start()
        self.capabilities = self.request(
            "initialize",
            {"processId": None, "rootUri": directory.as_uri(), "capabilities": {"textDocument": {}}},
        )["capabilities"]
        self.notify("initialized", {})

    # --- the protocol ---

    def request(self, method: str, params: Json | None) -> Any:
        self._last += 1
        number = self._last
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        answer = self._wait(lambda: self._answers.pop(number, None), method)
        if "error" in answer:
            raise Failed(answer["error"]["message"])
        return answer.get("result")

    def notify(self, method: str, params: Json) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def close(self) -> int:
        """The exit status."""
        self.request("shutdown", None)
        self.notify("exit", {})
        return self._process.wait(PATIENCE)

    def _send(self, message: Json) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        while header := pipe.readline():
            if not header.lower().startswith(b"content-length:"):
                continue
            while pipe.readline().strip():
                pass
            self._hear(json.loads(pipe.read(int(header.partition(b":")[2]))))
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _hear(self, message: Json) -> None:
        with self._changed:
            if "method" not in message:
                self._answers[message["id"]] = message
            elif message["method"] == "textDocument/publishDiagnostics":
                self._told[message["params"]["uri"]] = message["params"]
            elif message["method"] == "window/showMessage":
                self._shown.append(message["params"]["message"])
            self._changed.notify_all()

    def _wait(self, found: Callable[[], Any], what: str) -> Any:
        with self._changed:
            result = found()
            while result is None:
                assert self._shown == []
                assert not self._ended, f"the server ended before {what}"
                assert self._changed.wait(PATIENCE), f"nothing came of {what}"
                result = found()
            return result

    # --- texts ---

    def open(self, path: Path, text: str) -> Json:
        """The place of the cursor, as the requests about it want it."""
        at = text.find("|")
        written = text.replace("|", "", 1) if at >= 0 else text
        uri = path.as_uri()
        self._versions[uri] = version = self._versions.get(uri, 0) + 1
        if version == 1:
            document = {"uri": uri, "languageId": "volexd", "version": version, "text": written}
            self.notify("textDocument/didOpen", {"textDocument": document})
        else:
            self.notify(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": written}]},
            )
        return {"textDocument": {"uri": uri}, "position": position(text, max(at, 0))}

    def forget(self, path: Path) -> None:
        """So that what is told of it next is waited for."""
        with self._changed:
            self._told.pop(path.as_uri(), None)

    def close_file(self, path: Path) -> None:
        self._versions.pop(path.as_uri())
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def findings(self, path: Path) -> list[Json]:
        """Those of the text as it was written last."""
        uri = path.as_uri()
        version = self._versions.get(uri)

        def found() -> list[Json] | None:
            told = self._told.get(uri)
            if told is None or (version is not None and told.get("version") != version):
                return None
            return list(told["diagnostics"])

        return list(self._wait(found, f"the findings of {path.name}"))


def position(text: str, offset: int) -> Json:
    """In UTF-16, as every editor can."""
    before = text[:offset]
    line = before[before.rfind("\n") + 1 :]
    return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}


def changed(text: str, edits: list[Json]) -> str:
    """The text after edits as the protocol gives them."""
    lines = text.split("\n")

    def offset(place: Json) -> int:
        line = lines[place["line"]].encode("utf-16-le")[: place["character"] * 2].decode("utf-16-le")
        return sum(len(one) + 1 for one in lines[: place["line"]]) + len(line)

    for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text
