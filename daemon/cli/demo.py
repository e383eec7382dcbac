"""`volexd demo`: a swarm that breaks and is healed, in about a minute."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--db", metavar="FILE", help="keep the database there, for `volexd why` and sqlite3")
    parser.add_argument(
        "--json", action="store_true", help="one JSON document; progress goes to standard error"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 if everything was healed or escalated as its rules say, else 1."""
    from daemon import demo

    return demo.run(arguments.db, arguments.json)
