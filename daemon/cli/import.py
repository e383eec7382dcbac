# ruff: noqa: N999 -- a command has its own name; nothing imports this file by a statement
"""`volexd import prometheus`: the alerting rules of Prometheus as rules of ours."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.failure import CommandFailed
from daemon.cli.parser import one_of

if TYPE_CHECKING:
    from daemon.importing.prometheus.files import Imported

LOST = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "system", type=one_of("prometheus"), metavar="prometheus", help="whose rules they are"
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="rule files in YAML; -: standard input"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="write DIR/NAME.rules for each NAME.yml; default: all together to standard output",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="with --output: replace files that are there already"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 every alert was translated, 1 some could not be and are told on standard error."""
    try:
        from daemon.cli.importing import to_directory, together
    except ModuleNotFoundError as error:
        if error.name != "promql_parser":
            raise
        raise CommandFailed(
            "volexd was installed without what reads PromQL: pip install '.[import]' in its checkout"
        ) from None
    if arguments.output is None:
        if arguments.overwrite:
            raise CommandFailed("--overwrite means nothing without --output DIR")
        done = [together(arguments.files)]
        sys.stdout.write(done[0].text)
    else:
        done = to_directory(arguments.files, arguments.output, overwrite=arguments.overwrite)
    return _told(done)


def _told(done: list[Imported]) -> int:
    """Says what could not be taken over, and how much was."""
    for note in (note for one in done for note in one.notes):
        said = "not translated" if note.lost else "left out"
        print(f"{note.file}:{note.line}: {note.alert}: {said}: {note.reason}", file=sys.stderr)
    alerts, translated = sum(one.alerts for one in done), sum(one.translated for one in done)
    left_out = sum(not note.lost for one in done for note in one.notes)
    print(f"translated {translated} of {alerts} alerts; {left_out or 'no'} parts left out", file=sys.stderr)
    return 0 if translated == alerts else LOST
