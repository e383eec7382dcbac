"""What a call makes: its dictionary, and the rules that this became."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.intelligence.invalid import InvalidCall
from daemon.intelligence.text import Writer, source_of
from dsl.diagnostics import Finding
from dsl.source import Source

KINDS = ("automation", "task", "workflow", "healing")


@dataclass(frozen=True, slots=True)
class Definition:
    """`name` is the id that the call returns. `keys` are, line by line, those of `config` that the text was made from.

    `parts` are the rules that are run by name, in the order in which they are: the automations and orchestrations of an automation.
    """

    kind: str
    name: str
    config: Mapping[str, Any]
    text: str
    keys: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def source(self) -> Source:
        return source_of(self.name, self.text)


def made(
    kind: str, name: str, config: Mapping[str, Any], writer: Writer, parts: Sequence[str] = ()
) -> Definition:
    return Definition(kind, name, config, writer.text(), tuple(writer.keys), tuple(parts))


def objection(definition: Definition, findings: Sequence[Finding]) -> InvalidCall:
    """The first error in the rules, as one about the key that they were made from."""
    errors = [finding for finding in findings if finding.severity == "error"]
    own = [finding for finding in errors if finding.span.file == definition.source.name]
    finding = (own or errors)[0]
    help_ = f"; {finding.help}" if finding.help else ""
    if not own:
        place = f"{finding.span.file}:{finding.span.line}"
        return InvalidCall("", f"the rules that are there do not allow it: {place}: {finding.message}{help_}")
    line = finding.span.line - 1
    key = definition.keys[line] if line < len(definition.keys) else ""
    return InvalidCall(key or definition.kind, f"{finding.message} ({finding.code}){help_}")
