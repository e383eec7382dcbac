"""`volexd status`: how the running daemon is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from daemon.cli import talk
from daemon.cli.parser import add_format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_format(parser, "text", "json")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from daemon.cli.output import print_json

    status = talk.get(arguments, "/status")
    if arguments.format == "json":
        print_json(status)
    else:
        print("\n".join(_lines(status)))
    return 0


def _lines(document: Mapping[str, object], indent: str = "") -> Iterator[str]:
    """`name  value`, what is inside of something below it."""
    from daemon.cli.output import clock
    from daemon.reports.text import plain

    widest = max((len(name) for name in document), default=0)
    for name, value in document.items():
        title = name.replace("_", " ")
        if isinstance(value, Mapping):
            yield f"{indent}{title}{'' if value else '  none'}"
            yield from _lines(value, indent + "  ")
        else:
            shown = ("no", "yes")[value] if isinstance(value, bool) else plain(value)
            yield f"{indent}{title:<{widest}}  {clock(value) if name == 'since' else shown}"
