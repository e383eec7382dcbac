"""What the control socket asks of the daemon; `daemon.service` stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

Document = Mapping[str, object]  # plain JSON values


class Refused(Exception):
    """What was asked for is not possible; the message says why and what would be."""


class Controls(Protocol):
    """Called in the loop's thread. `by` is the user at the other end of the socket, as the kernel knows it."""

    def status(self) -> Document:
        """How the daemon is: state, version, rules, counts."""
        ...

    def faults(self) -> Sequence[Document]:
        """The open faults, the newest first: id, rule, subject, severity, since, message, attempts, …"""
        ...

    def facts(self, kind: str | None) -> Sequence[Document]:
        """What is known: type, key, values, sampled_at. Refused if there is no such type."""
        ...

    def whynot(self, rule: str, subject: str) -> Document:
        """What stands in a rule's way: verdict (acts, waits, no, unknown) and lines (depth, line). Refused if there is no such rule."""
        ...

    def command(self, name: str, subject: str, by: str, given: Document) -> Document:
        """`acknowledge` a fault by its id; `pause` or `resume` an agent or an automation by its name; `run` an automation, a workflow
        (given arguments) or an orchestration; `cancel` an automation or a run. Says of what `kind` it was. Refused if there is none."""
        ...

    async def call(self, name: str, arguments: Document, by: str) -> Document:
        """One of the eleven calls. Refused if it is none, or its arguments do not fit."""
        ...

    async def reload(self, by: str) -> Document:
        """Read the rules again: outcome (applied, refused, unchanged), findings as `--check` has them, detail."""
        ...
