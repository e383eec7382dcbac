"""The command line: `volexd` runs the daemon, `volexd COMMAND` everything else."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from daemon.cli.failure import BROKEN_PIPE, INTERRUPTED, CommandFailed


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status. What a user can cause is told in a line and never as a traceback."""
    words = sys.argv[1:] if words is None else words
    _print_everything()
    try:
        status = _run(list(words))
        sys.stdout.flush()
        return status
    except CommandFailed as failure:
        for line in failure.lines:
            print(f"volexd: {line}", file=sys.stderr)
        return failure.status
    except BrokenPipeError:
        _let_go_of_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED


def _print_everything() -> None:
    """A letter that the locale has no code for is escaped; without this it would end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(words: list[str]) -> int:
    from daemon.cli.dispatch import dispatch

    return dispatch(words)


def _let_go_of_output() -> None:
    """Nobody reads it any more; at its end Python would flush it once again, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
