"""`volexd ack ID`: somebody takes care of a fault."""

from __future__ import annotations

import argparse

from daemon.cli import talk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of an open fault: see `volexd faults`")
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    talk.post(arguments, "/ack", {"fault": arguments.id})
    print(f"fault {arguments.id} is acknowledged")
    return 0
