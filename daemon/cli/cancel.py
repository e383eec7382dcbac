"""`volexd cancel NAME`: what runs of an automation or a workflow ends."""

from __future__ import annotations

import argparse

from daemon.cli import talk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name of an automation, or the id of a run")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    talk.post(arguments, "/cancel", {"name": arguments.name})
    print(f"{arguments.name} is cancelled: steps that were done are undone where the rules say how")
    return 0
