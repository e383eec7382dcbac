"""Whole command lines as text archives: what is typed, what is printed, how it ends; then the files that it is about.

    # a comment
    $ volexd --check bad.rules < /dev/null
    what stands on standard output
    ! what stands on standard error
    = 1

    -- bad.rules --
    the text of a file

`= 0` is left out. Each command runs in this process, in a directory that holds the files; `< FILE` is standard input.
`pytest --snapshot-update` writes anew what is printed; read the diff.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.cli import main

_FILE = re.compile(r"^-- (\S+) --$", re.MULTILINE)
_MILLISECONDS = re.compile(r"\b\d+ ms\b|(?<=time=\")\d+\.\d{3}")


@dataclass(frozen=True)
class Archive:
    script: str
    files: dict[str, str]


def read_archive(path: Path) -> Archive:
    script, *pieces = _FILE.split(path.read_text(encoding="utf-8"))
    return Archive(
        script, {name: text.removeprefix("\n") for name, text in zip(pieces[::2], pieces[1::2], strict=True)}
    )


def write_archive(path: Path, archive: Archive) -> None:
    files = "".join(f"-- {name} --\n{text}" for name, text in archive.files.items())
    path.write_text(archive.script + files, encoding="utf-8")


def played(archive: Archive, directory: Path, patch: pytest.MonkeyPatch) -> str:
    """The script with what is really printed."""
    for name, text in archive.files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    patch.chdir(directory)
    lines = [line for line in archive.script.splitlines() if line.startswith(("#", "$")) or not line]
    return (
        "\n".join(_with_answer(line, directory, patch) for line in _single_spaced(lines)).strip("\n") + "\n\n"
    )


def _single_spaced(lines: list[str]) -> list[str]:
    """Without empty lines that follow each other: what stood between them is printed anew."""
    return [line for before, line in zip(["x", *lines], lines, strict=False) if line or before]


def _with_answer(line: str, directory: Path, patch: pytest.MonkeyPatch) -> str:
    if not line.startswith("$"):
        return line
    words = shlex.split(line.removeprefix("$"))
    assert words[0] == "volexd", line
    return "\n".join([line, *_answer(words[1:], directory, patch)])


def _answer(words: list[str], directory: Path, patch: pytest.MonkeyPatch) -> list[str]:
    typed = b""
    if "<" in words:
        typed = (directory / words.pop(words.index("<") + 1)).read_bytes()
        words.remove("<")
    with patch.context() as context:
        output, errors = io.StringIO(), io.StringIO()
        context.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        context.setattr(sys, "stdout", output)
        context.setattr(sys, "stderr", errors)
        status = main(words)
    shown = [_same_everywhere(line, directory) for line in output.getvalue().splitlines()]
    said = [f"! {_same_everywhere(line, directory)}" for line in errors.getvalue().splitlines()]
    return [*shown, *said, *([f"= {status}"] if status else [])]


def _same_everywhere(line: str, directory: Path) -> str:
    return _MILLISECONDS.sub("# ms", line.replace(str(directory), "DIR")).rstrip()


def quiet_surroundings(directory: Path, patch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine is seen: no configuration, no database, no daemon; a terminal of 110 columns."""
    for name in ("NO_COLOR", "VOLEXD_SOCKET", "RUNTIME_DIRECTORY"):
        patch.delenv(name, raising=False)
    patch.setenv("COLUMNS", "110")
    patch.setenv("STATE_DIRECTORY", os.fspath(directory / "state"))
    patch.setenv("RUNTIME_DIRECTORY", os.fspath(directory / "run"))
    patch.setattr("daemon.config.places.CONFIG", directory / "etc/volexd.yaml")
    patch.setattr("daemon.config.places.SYSTEM_SOCKET", directory / "none.sock")
