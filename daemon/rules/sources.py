"""Finding and reading files of rules: those that were named, those they use, and the standard ones that are shipped.

What everybody may write is not trusted: whoever may change rules may run programs.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dsl.diagnostics import Finding
from dsl.source import MAX_BYTES, NotText, Source, Span, decode

SUFFIX = ".rules"
STANDARD_INPUT = Path("-")
_STANDARD_NAME = re.compile(r"std\.([a-z][a-z0-9_]*)")


class RulesUnreadable(Exception):
    """A path that was asked for cannot be read at all; the message names it, the reason and the way out."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What was read. `findings` grows while `library` is asked for more, so look at it after the check."""

    sources: tuple[Source, ...]
    library: Library
    findings: list[Finding]


def read_rules(paths: Sequence[Path], distrust: str = "error") -> Rules:
    """The rules of files and directories, `-` is standard input, in their order: as given, then by name.

    `distrust` is the severity of what everybody may write. Raises RulesUnreadable.
    """
    reading = _Reading(distrust)
    sources = [source for path in paths for source in reading.at(path)]
    return Rules(tuple(sources), Library(_directories(paths), reading), reading.findings)


def rule_files(directory: Path) -> list[Path]:
    """NAME.rules in the order of their names, without what editors leave about. Raises RulesUnreadable."""
    try:
        names = sorted(entry.name for entry in os.scandir(directory) if not entry.is_dir())
    except OSError as error:
        raise _unreadable(directory, error) from None
    return [directory / name for name in names if name.endswith(SUFFIX) and not name.startswith((".", "#"))]


class Library:
    """What `use` finds: `std.NAME` among the shipped rules, a path inside the directories of the rules. `used` was found."""

    def __init__(self, directories: Sequence[Path], reading: _Reading) -> None:
        self.used: list[Source] = []
        self._directories = directories
        self._reading = reading

    def read(self, name: str) -> Source | None:
        """None: there is no such file, or it lies outside."""
        source = self._find(name)
        if source is not None:
            self.used.append(source)
        return source

    def _find(self, name: str) -> Source | None:
        standard = _STANDARD_NAME.fullmatch(name)
        if standard:
            return self._shipped(standard[1])
        for directory in self._directories:
            path = _inside(directory, name)
            if path is not None:
                return self._reading.used(path, str(path))
        return None

    def _shipped(self, name: str) -> Source | None:
        """The standard rules `std.NAME`, wherever volexd is installed."""
        from importlib.resources import as_file, files

        file = f"{name}{SUFFIX}"
        with as_file(files("rules") / "std" / file) as path:
            return self._reading.used(path, f"std/{file}") if path.is_file() else None


class _Reading:
    """Reads, and gathers what is found on the way."""

    def __init__(self, distrust: str) -> None:
        self.findings: list[Finding] = []
        self._names: dict[
            tuple[int, int], str
        ] = {}  # device and inode to the name under which it was read first
        self._distrust = distrust

    def at(self, path: Path) -> Iterator[Source]:
        if path == STANDARD_INPUT:
            yield from self._standard_input()
        elif path.is_dir():
            yield from self._directory(path)
        else:
            yield from self._file(path, str(path))

    def used(self, path: Path, name: str) -> Source | None:
        """A file that is used; one that was read before keeps its name, so that it is known to be the same."""
        try:
            return next(self._file(path, name), None)
        except RulesUnreadable as error:
            self._find("V210", "error", path, str(error))
            return None

    def _standard_input(self) -> Iterator[Source]:
        if sys.stdin is None:
            raise RulesUnreadable("-: standard input is closed; name a file of rules, or a directory")
        yield from self._decoded("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1))

    def _directory(self, directory: Path) -> Iterator[Source]:
        self._consider_trust(directory, os.stat(directory).st_mode)
        files = rule_files(directory)
        if not files:
            self._find(
                "V401", "warning", directory, f"the directory holds no file NAME{SUFFIX}: nothing is watched"
            )
        for file in files:
            yield from self._file(file, str(file))

    def _file(self, path: Path, name: str) -> Iterator[Source]:
        try:
            # Not blocking: a pipe that stands there under the name of a file would hold volexd up.
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    raise RulesUnreadable(f"{path}: not a file; rules stand in plain files NAME{SUFFIX}")
                self._consider_trust(path, found.st_mode)
                name = self._names.setdefault((found.st_dev, found.st_ino), name)
                yield from self._decoded(name, file.read(MAX_BYTES + 1))
        except OSError as error:
            raise _unreadable(path, error) from None

    def _decoded(self, name: str, data: bytes) -> Iterator[Source]:
        try:
            yield Source(name, decode(data))
        except NotText as error:
            span = Span(name, error.line, error.column, error.line, error.column + 1)
            self.findings.append(
                Finding(
                    "V100", "error", f"not a text: {error.reason}", span, help="rules are plain UTF-8 text"
                )
            )

    def _consider_trust(self, path: Path, mode: int) -> None:
        if mode & stat.S_IWOTH:
            message = "everybody may write it, and whoever may change rules may run programs"
            self._find("V410", self._distrust, path, message, f"chmod o-w {path}")

    def _find(self, code: str, severity: str, path: Path, message: str, way_out: str = "") -> None:
        self.findings.append(Finding(code, severity, message, Span(str(path), 1, 1, 1, 1), help=way_out))


def _directories(paths: Sequence[Path]) -> list[Path]:
    """Where `use PATH` looks: the directories given, and those of the files given."""
    found = [path if path.is_dir() else path.parent for path in paths if path != STANDARD_INPUT]
    return list(dict.fromkeys(found))


def _inside(directory: Path, name: str) -> Path | None:
    """The file of that name, if it is one and truly lies inside; links are followed before that is decided."""
    if "\0" in name:
        return None
    found = directory / name
    return found if found.is_file() and found.resolve().is_relative_to(directory.resolve()) else None


def _unreadable(path: Path, error: OSError) -> RulesUnreadable:
    reason = (error.strerror or str(error)).lower()
    return RulesUnreadable(f"{path}: {reason}; name a file of rules, or a directory with files NAME{SUFFIX}")
