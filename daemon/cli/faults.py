"""`volexd faults`: the open faults."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from daemon.cli import talk
from daemon.cli.parser import add_format

_COLUMNS = (">id", "severity", "fault", "subject", "since", ">attempts", "message")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_format(parser, "text", "json")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """0, also when there are some: `volexd faults --format json` is for machines."""
    from daemon.cli.output import print_json, width
    from daemon.reports.text import table

    document = talk.get(arguments, "/faults")
    if arguments.format == "json":
        print_json(document)
    elif not document["faults"]:
        print("no open faults")
    else:
        sys.stdout.write(table("open faults", _COLUMNS, map(_row, document["faults"]), width()))
    return 0


def _row(fault: Mapping[str, object]) -> tuple[str, ...]:
    from daemon.cli.output import clock
    from daemon.reports.text import plain

    cells = (fault.get(name) for name in ("id", "severity", "name", "subject"))
    return (
        *map(plain, cells),
        clock(fault.get("since")),
        plain(fault.get("attempts")),
        plain(fault.get("message")),
    )
