"""The command line: `volexd` runs the daemon, `volexd COMMAND` everything else."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

from daemon.cli.failure import BROKEN_PIPE, INTERRUPTED, USAGE, CommandFailed

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


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
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        _let_go_of_output()
        print(f"volexd: standard output: {os.strerror(error.errno).lower()}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _print_everything() -> None:
    """A letter that the locale has no code for is escaped, and a stream that the caller closed swallows what it is given."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 -- for as long as the process lives
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(words: list[str]) -> int:
    from daemon.cli.dispatch import dispatch

    return dispatch(words)


def _let_go_of_output() -> None:
    """Nobody reads it any more; at its end Python would flush it once again, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
