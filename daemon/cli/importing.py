"""Reading the rule files of others, and writing what becomes of them, for `volexd import`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from daemon.cli.failure import CommandFailed
from daemon.importing.prometheus.files import Imported, Names, imported
from daemon.importing.prometheus.reading import MOST, RuleFile, Unreadable, read
from daemon.rules.sources import STANDARD_INPUT


def together(paths: Sequence[Path]) -> Imported:
    """One rule set of all files. Raises CommandFailed."""
    return imported([_file(path) for path in paths])


def to_directory(paths: Sequence[Path], directory: Path, *, overwrite: bool) -> list[Imported]:
    """A file of rules for each file, which can be loaded together. Nothing is written unless all can be. Raises CommandFailed."""
    names = Names()
    stems = Names()
    targets = [directory / f"{stems.one(_stem(path))}.rules" for path in paths]
    for target in targets:
        if not overwrite and os.path.lexists(target):
            raise CommandFailed(f"{target}: it is there already; --overwrite replaces it")
    done = [imported([_file(path)], names) for path in paths]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for target, one in zip(targets, done, strict=True):
            _write(target, one.text, overwrite)
    except OSError as error:
        raise CommandFailed(f"{error.filename or directory}: {_reason(error)}") from None
    return done


def _write(target: Path, text: str, overwrite: bool) -> None:
    with open(target, "w" if overwrite else "x", encoding="utf-8") as file:
        file.write(text)


def _stem(path: Path) -> str:
    if path == STANDARD_INPUT:
        return "series"
    return path.name.rsplit(".", 1)[0] or path.name


def _file(path: Path) -> RuleFile:
    try:
        return read(str(path), _text(path))
    except Unreadable as error:
        raise CommandFailed(str(error)) from None


def _text(path: Path) -> str:
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MOST + 1)
        else:
            # Not blocking: a pipe that stands there under the name of a file would hold the command up.
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                data = file.read(MOST + 1)
    except OSError as error:
        raise CommandFailed(f"{path}: {_reason(error)}; name a rule file of Prometheus") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CommandFailed(f"{path}:{line}: this is no UTF-8; rule files of Prometheus are") from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
