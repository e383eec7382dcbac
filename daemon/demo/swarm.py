"""The swarm of the demonstration on disk: its rules, its little programs, its configuration, in a directory of its own."""

from __future__ import annotations

import re
import shlex
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

_WRITTEN_PORT = re.compile(r"\b81\d\d\b")  # the ports of rules/demo/swarm.rules


@dataclass(frozen=True, slots=True)
class Swarm:
    """Where everything is. `ports` are the free ports by agent, in the order of the rules."""

    directory: Path
    ports: dict[str, int]

    @property
    def rules(self) -> Path:
        return self.directory / "rules"

    @property
    def programs(self) -> Path:
        return self.directory

    @property
    def pages(self) -> Path:
        """What was sent to the people on call."""
        return self.directory / "pages.jsonl"


def write_swarm(directory: Path) -> Swarm:
    """Writes the directory; the ports of the shipped rules are replaced by free ones."""
    shipped = files("rules") / "demo"
    text = (shipped / "swarm.rules").read_text(encoding="utf-8")
    written = sorted(set(_WRITTEN_PORT.findall(text)))
    free = dict(zip(written, free_ports(len(written)), strict=True))
    names = re.findall(r"^agent (\w+)", text, re.MULTILINE)
    swarm = Swarm(directory, {name: free[port] for name, port in zip(names, written, strict=True)})
    swarm.rules.mkdir(parents=True)
    healing = (shipped / "healing.rules").read_text(encoding="utf-8")
    pages = f"file:{swarm.pages}"
    (swarm.rules / "healing.rules").write_text(healing.replace("file:pages.jsonl", pages), encoding="utf-8")
    for name in ("swarm", "work"):
        text = (shipped / f"{name}.rules").read_text(encoding="utf-8")
        text = _WRITTEN_PORT.sub(lambda match: str(free[match.group()]), text)
        text = text.replace('directory "."', f'directory "{directory}"')
        (swarm.rules / f"{name}.rules").write_text(text, encoding="utf-8")
    _write_programs(swarm)
    return swarm


def _write_programs(swarm: Swarm) -> None:
    member = files("daemon") / "demo" / "member.py"
    python = shlex.quote(sys.executable)
    (swarm.directory / "bin").mkdir()
    _write_program(swarm, "member", f'exec {python} -I -S {shlex.quote(str(member))} "$@"')
    journal = shlex.quote(str(swarm.directory))
    _write_program(swarm, "repair", f'cd {journal} && mv -- "$1.journal" "$1.journal.broken"')
    _write_program(swarm, "renew", "exit 0  # says that all went well, and does nothing")
    _write_program(swarm, "sentiment", """sleep 0.3; echo '{"mood": 0.7}'""")
    _write_program(
        swarm, "orders", f"""sleep 0.3; test ! -e {journal}/orders.fails && echo '{{"placed": 3}}'"""
    )
    _write_program(swarm, "orders_by_hand", """sleep 0.3; echo '{"placed": 3, "by": "hand"}'""")
    _write_program(swarm, "housekeeping", "sleep 0.2")


def _write_program(swarm: Swarm, name: str, command: str) -> None:
    path = swarm.directory / "bin" / name
    path.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    path.chmod(0o755)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
