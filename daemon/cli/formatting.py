"""Formatting files of rules, for `volexd fmt`."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon.cli.failure import CommandFailed
from daemon.rules.sources import STANDARD_INPUT, RulesUnreadable, rule_files
from daemon.rules.writing import NotWritten, rewrite
from daemon.vocabulary import vocabulary
from dsl.diagnostics import Finding, severity_of
from dsl.format import format_source
from dsl.lexicon import lexicon
from dsl.render.text import as_text
from dsl.source import MAX_BYTES, NotText, Source, Span, decode


@dataclass(frozen=True, slots=True)
class Pass:
    """One file before and after. `path` is None for standard input. What is no text stays as it is: `after` is empty then."""

    name: str
    path: Path | None
    data: bytes
    before: str
    after: str
    findings: tuple[Finding, ...]

    @property
    def is_input(self) -> bool:
        return self.path is None

    @property
    def readable(self) -> bool:
        return not any(finding.code == "V100" for finding in self.findings)

    @property
    def changed(self) -> bool:
        return self.readable and self.data != self.after.encode()

    def write(self) -> None:
        """Raises CommandFailed."""
        assert self.path is not None
        try:
            rewrite(self.path, self.data, self.after.encode())
        except NotWritten as error:
            raise CommandFailed(f"{self.name}: cannot be written: {error}") from None

    def diff(self) -> str:
        if not self.changed:
            return ""
        before, after = (text.splitlines(keepends=True) for text in (_shown(self.data), self.after))
        written = difflib.unified_diff(before, after, self.name, f"{self.name} (formatted)")
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in written
        )

    def rendered(self, *, colour: bool) -> str:
        """What does not parse, as text for people; nothing if all does."""
        if not self.findings:
            return ""
        return as_text(self.findings, {self.name: Source(self.name, self.before)}, colour=colour) + "\n"


def passes(paths: Sequence[Path], config: Path | None) -> list[Pass]:
    """Raises CommandFailed."""
    declarations = lexicon(vocabulary()).families["file"]
    return [_pass(path, declarations) for path in _files(paths or _configured(config))]


def _pass(path: Path, declarations: Collection[str]) -> Pass:
    standard = path == STANDARD_INPUT
    name = "<stdin>" if standard else str(path)
    data = _input() if standard else _read(path)
    place = None if standard else path
    try:
        source = Source(name, decode(data))
    except NotText as error:
        span = Span(name, error.line, error.column, error.line, error.column + 1)
        message = f"not a text: {error.reason}"
        finding = Finding("V100", severity_of("V100"), message, span, help="rules are plain UTF-8 text")
        return Pass(name, place, data, "", "", (finding,))
    done = format_source(source, declarations)
    return Pass(name, place, data, source.text, done.text, done.findings)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files that were named, and those of the directories and below them; each once."""
    try:
        found = [file for path in paths for file in _at(path)]
    except RulesUnreadable as error:
        raise CommandFailed(str(error)) from None
    return list(dict.fromkeys(found))


def _at(path: Path) -> Iterator[Path]:
    if path == STANDARD_INPUT or not path.is_dir():
        yield path
        return
    for directory, below, _ in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from rule_files(Path(directory))


def _read(path: Path) -> bytes:
    try:
        # Not blocking: a pipe that stands there under the name of a file would hold the command up.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not path.is_file():
                raise CommandFailed(f"{path}: not a file; rules stand in plain files NAME.rules")
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CommandFailed(f"{path}: {reason}; name a file of rules, or a directory") from None


def _input() -> bytes:
    if sys.stdin is None:
        raise CommandFailed("-: standard input is closed; name a file of rules, or a directory")
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _shown(data: bytes) -> str:
    """As it stands in the file, its line ends included."""
    return data.decode("utf-8", "replace")


def _configured(config: Path | None) -> tuple[Path, ...]:
    from daemon.cli.configured import configured

    return configured(config).rules
