"""`volexd resume AGENT`: it is recovered again."""

from __future__ import annotations

import argparse

from daemon.cli import talk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agent", metavar="AGENT", help="the name of a paused agent")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    talk.post(arguments, "/resume", {"agent": arguments.agent})
    print(f"agent {arguments.agent} is recovered again")
    return 0
