"""`volexd whynot RULE [SUBJECT]`: what stands in a rule's way just now, asked of the running daemon."""

from __future__ import annotations

import argparse
from urllib.parse import urlencode

from daemon.cli import talk
from daemon.cli.parser import add_format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rule", metavar="RULE", help="a detection, recovery, orchestration, automation, alert or maintenance"
    )
    parser.add_argument(
        "subject",
        metavar="SUBJECT",
        nargs="?",
        default="",
        help="what it is about; not needed where there is one",
    )
    add_format(parser, "text", "json")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from daemon.cli.output import print_json
    from daemon.reports.text import plain

    asked = urlencode({"rule": arguments.rule, "subject": arguments.subject})
    document = talk.get(arguments, f"/whynot?{asked}")
    if arguments.format == "json":
        print_json(document)
        return 0
    for line in document["lines"]:
        print(f"{'  ' * int(line['depth'])}{plain(line['line'])}")
    return 0
