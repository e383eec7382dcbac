"""What only a process of its own can show: what a command loads, where its output goes, how it ends."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

import pytest

_RULES = 'agent api { unit process ["/usr/bin/api"] }\ndetection down {\n    for each agents\n    category agent\n}\n'
_LOADED = """
import sys
from daemon.cli import main
status = main(sys.argv[1:])
print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "a.rules"
    file.write_text(_RULES)
    return file


def loaded(*words: str, environment: Mapping[str, str]) -> set[str]:
    """The modules that a command needs."""
    command = [sys.executable, "-c", _LOADED, *words]
    done = subprocess.run(
        command, capture_output=True, text=True, env=dict(environment), timeout=60, check=False
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("words", "never"),
    [
        (["--check", "a.rules"], {"httptools", "sqlalchemy", "sqlmodel", "alembic", "psutil", "loguru", "rich", "yaml", "sqlite3"}),
        (["test", "a.rules"], {"httptools", "sqlalchemy", "sqlmodel", "alembic", "psutil", "loguru", "yaml", "sqlite3"}),
        (["why", "1", "--db", "none.db"], {"httptools", "sqlalchemy", "sqlmodel", "alembic", "lark", "loguru", "yaml", "engine"}),
        (["status", "--socket", "none.sock"], {"httptools", "sqlalchemy", "asyncio", "lark", "loguru", "yaml", "engine"}),
        (["--help"], {"httptools", "asyncio", "sqlalchemy", "lark", "loguru", "yaml", "engine", "msgspec"}),
    ],
)  # fmt: skip
def test_a_command_loads_only_what_it_needs(words: list[str], never: set[str], rules: Path) -> None:
    words = [str(rules) if word == "a.rules" else word for word in words]
    assert loaded(*words, environment=os.environ) & never == set()


def test_a_reader_that_goes_away_is_no_error(rules: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "daemon.cli", "--check", str(rules)],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("environment", "colours"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_on_a_terminal_that_wants_them(
    rules: Path, environment: dict[str, str], colours: bool
) -> None:
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    command = [sys.executable, "-m", "daemon.cli", "--check", str(rules)]
    with subprocess.Popen(command, stdout=theirs, env=plain | {"TERM": "xterm"} | environment) as process:
        os.close(theirs)
        shown = _all_of(ours)
    os.close(ours)
    assert process.returncode == 1
    assert (b"\x1b[" in shown) is colours


def _all_of(terminal: int) -> bytes:
    """Until the other side hangs up, which Linux tells as an error."""
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        return shown
    return shown


def test_text_that_the_locale_cannot_say_is_still_printed(rules: Path) -> None:
    rules.write_text(
        'channel x { url "log:" }\ntest "naïve ✓" {\n    at 5s expect no fault\n}\n', encoding="utf-8"
    )
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "daemon.cli", "test", str(rules)]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"1 passed" in done.stdout


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_caller_closed_end_nothing(rules: Path, closing: str) -> None:
    command = f"exec {quote(sys.executable)} -m daemon.cli --check {quote(str(rules))} {closing}"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


def test_nothing_to_read_is_told(tmp_path: Path) -> None:
    command = f"exec {quote(sys.executable)} -m daemon.cli --check - <&-"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr[:34]) == (2, b"volexd: -: standard input is close")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full on this machine")
def test_a_full_disk_is_told(rules: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "daemon.cli", "--check", str(rules)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, b"volexd: standard output: no space left on device\n")
