"""`volexd pause AGENT`: nothing recovers it for the time being."""

from __future__ import annotations

import argparse

from daemon.cli import talk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agent", metavar="AGENT", help="the name of an agent: see `volexd status`")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    talk.post(arguments, "/pause", {"agent": arguments.agent})
    print(
        f"agent {arguments.agent} is paused: faults are detected, nothing is done about them until `volexd resume`"
    )
    return 0
