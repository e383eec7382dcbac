"""`volexd lsp`: the language server, which editors start and talk to."""

from __future__ import annotations

import argparse
import os
import sys

from daemon.cli.failure import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="what it does anyway; many editors say it")


def run(arguments: argparse.Namespace) -> int:
    """Talks over standard input and output until it is told to end."""
    try:
        from daemon.editor.server import create
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise CommandFailed(
            "volexd was installed without its language server: pip install '.[editor]' in its checkout"
        ) from None
    # It closes what it writes to when it ends, and standard output is not only its own.
    create().start_io(sys.stdin.buffer, open(os.dup(sys.stdout.fileno()), "wb"))  # noqa: SIM115
    return 0
