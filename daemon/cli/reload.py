"""`volexd reload`: the daemon reads its rules again."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from daemon.cli import talk

_OUTCOMES = {
    "applied": "the rules are in force",
    "unchanged": "the rules are the ones already in force",
    "refused": "the rules are refused, and what ran goes on",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    talk.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 if the rules are in force now, 1 if they were refused."""
    answer = talk.post(arguments, "/reload", {})
    outcome = str(answer["outcome"])
    detail = f" ({answer['detail']})" if answer.get("detail") else ""
    print(_OUTCOMES.get(outcome, outcome) + detail)
    for finding in answer.get("findings", ()):
        print(_line(finding))
    return 1 if outcome == "refused" else 0


def _line(finding: Mapping[str, object]) -> str:
    from daemon.reports.text import plain

    return plain("{file}:{line}:{column}: {severity} {code}: {message}".format_map(finding))
