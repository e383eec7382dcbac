"""`volexd pause NAME`: an automation is held back, or nothing recovers an agent, for the time being."""

from __future__ import annotations

import argparse

from daemon.cli import talk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="the name of an agent or an automation: see `volexd status`"
    )
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    done = talk.post(arguments, "/pause", {"name": arguments.name})
    what = (
        "faults are detected, nothing is done about them" if done["kind"] == "agent" else "it begins no run"
    )
    print(f"{done['kind']} {arguments.name} is paused: {what} until `volexd resume`")
    return 0
