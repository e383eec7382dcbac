"""`volexd resume NAME`: what was paused by hand goes on."""

from __future__ import annotations

import argparse

from daemon.cli import talk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name of a paused agent or automation")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    done = talk.post(arguments, "/resume", {"name": arguments.name})
    print(f"{done['kind']} {arguments.name} goes on")
    return 0
