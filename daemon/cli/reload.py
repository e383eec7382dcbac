"""`volexd reload`: the daemon reads its rules again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

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
    for line in lines(answer):
        print(line)
    return 1 if answer["outcome"] == "refused" else 0


def lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """What became of it, what was under way and does not go on, and what was found in the rules."""
    from daemon.reports.text import plain

    outcome, detail = str(answer["outcome"]), answer["detail"]
    yield plain(_OUTCOMES.get(outcome, outcome) + (f" ({detail})" if detail else ""))
    for one in answer["carried"]["reset"]:
        whose = " of ".join(part for part in (one["about"], one["rule"]) if part)
        yield plain(f"reset: {one['what']}{f' of {whose}' if whose else ''} ({one['count']}): {one['why']}")
    for finding in answer["findings"]:
        yield plain("{file}:{line}:{column}: {severity} {code}: {message}".format_map(finding))
