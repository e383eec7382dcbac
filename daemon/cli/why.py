"""`volexd why ID`: how something came to be, what it follows from, and how it went, straight from the database."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from daemon.cli import reading
from daemon.cli.parser import add_format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "id",
        type=_identity,
        metavar="ID",
        help="of a fault, recovery, attempt, action, alert, run, step, adaptation, …",
    )
    add_format(parser, "text", "json")
    reading.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from daemon.cli.output import print_json
    from daemon.store.explanation import explanation

    with reading.reader(arguments) as reader:
        lines = explanation(reader, arguments.id)
    if arguments.format == "json":
        print_json({"id": arguments.id, "lines": lines})
    else:
        print("\n".join(_text(lines)) or f"{arguments.id}: nothing was written down about it")
    return 0


def _text(lines: Sequence[dict[str, object]]) -> Iterator[str]:
    from daemon.reports.text import instant, plain

    for line in lines:
        yield f"{instant(line['at'])}  {'  ' * int(str(line['depth']))}{plain(line['line'])}"


def _identity(word: str) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise argparse.ArgumentTypeError(
            f"{word!r} is no id; `volexd faults` and `volexd report healing` show ids"
        )
    return int(word)
