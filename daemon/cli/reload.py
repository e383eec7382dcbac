"""`volexd reload`: the daemon reads its rules again."""

from __future__ import annotations

import argparse

from daemon.cli import talk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 if the rules are in force now, 1 if they were refused."""
    answer = talk.post(arguments, "/reload", {})
    outcome = answer["outcome"]
    print(_MEANINGS.get(outcome, str(outcome)).format(**answer))
    return 1 if outcome == "refused" else 0


_MEANINGS = {
    "applied": "the rules are in force",
    "unchanged": "the rules are the ones already in force",
    "refused": "the rules are refused, and what ran goes on; `volexd --check` shows the {errors} errors",
}
