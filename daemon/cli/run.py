"""`volexd run NAME`: an automation, a workflow or an orchestration, now and by hand."""

from __future__ import annotations

import argparse
import json

from daemon.cli import talk
from daemon.cli.failure import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="the name of an automation, a workflow or an orchestration"
    )
    parser.add_argument(
        "--arguments",
        metavar="JSON",
        default="{}",
        help="what a workflow is given: a JSON object, name to value",
    )
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    done = talk.post(arguments, "/run", {"name": arguments.name, "arguments": _given(arguments.arguments)})
    print(
        f"{done['kind']} {arguments.name} was asked to run; `volexd report {done['report']}` says what became of it"
    )
    return 0


def _given(text: str) -> dict[str, object]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"--arguments is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise CommandFailed('--arguments is a JSON object: {"symbols": ["BTC-USD"]}')
    return given
