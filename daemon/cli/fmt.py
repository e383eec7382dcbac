"""`volexd fmt`: writes rules in the one form in which they are written."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.parser import add_config

if TYPE_CHECKING:
    from daemon.cli.formatting import Pass

FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files and directories; default: the configured ones; -: standard input to standard output",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    parser.add_argument("--diff", action="store_true", help="write nothing; print what would change")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 all is formatted now, 1 something does not parse and stands as it stood, or with --check something would change."""
    from daemon.cli.formatting import passes

    done = passes(arguments.paths, arguments.config)
    failed = [_shown(one, arguments) for one in done]
    if not arguments.diff and not any(one.is_input for one in done):
        print(_summary(done, arguments.check))
    return FAILED if any(failed) else 0


def _shown(one: Pass, arguments: argparse.Namespace) -> bool:
    """Prints or writes what became of a file; whether it counts as failed."""
    from daemon.cli.output import coloured

    sys.stderr.write(one.rendered(colour=coloured()))
    if arguments.diff:
        sys.stdout.write(one.diff())
    elif arguments.check and one.changed:
        print(f"{one.name}: not in the form of volexd fmt", file=sys.stderr)
    elif not arguments.check and one.is_input:
        sys.stdout.write(one.after)
    elif not arguments.check and one.changed:
        one.write()
    return bool(one.findings) or (arguments.check and one.changed)


def _summary(done: list[Pass], check: bool) -> str:
    changed = sum(one.changed for one in done)
    files = f"{len(done)} {'file' if len(done) == 1 else 'files'}"
    if check:
        return f"{files} checked: {changed or 'none'} would change"
    return f"{files}: {changed or 'none'} changed"
