"""`volexd report`: what happened, from the database."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daemon.cli import reading
from daemon.cli.failure import CommandFailed
from daemon.cli.parser import add_format, one_of
from dsl.literals import SECONDS, terms

if TYPE_CHECKING:
    from daemon.store.query import Reader

Report = dict[str, object]
AsText = Callable[[Report, int], str]

_DURATION = re.compile(rf"(?:\d{{1,9}}(?:\.\d{{1,9}})?(?:{'|'.join(SECONDS)}))+")
_FORMS = "write how long ago (90m, 24h, 7d), or a time: 2026-11-22T10:00"


REPORTS = {
    "automation": "what was set in motion, and what it changed",
    "workflow": "runs, steps, adaptations, what was learned",
    "healing": "faults, recoveries, what helped, MTTD, MTTR",
    "shadow": "what rules in the shadow would have done, beside what was",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name",
        type=one_of(*REPORTS),
        metavar="NAME",
        help="; ".join(f"{name}: {what}" for name, what in REPORTS.items()),
    )
    parser.add_argument(
        "--since",
        metavar="1h|TIME",
        help="how far back: 90m, 24h, 7d, or 2026-11-22T10:00 (UTC unless it says)",
    )
    parser.add_argument("--rule", metavar="NAME", help="of report shadow: this rule alone")
    add_format(parser, "text", "json")
    reading.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from daemon.cli.output import print_json, width

    now = time.time()
    since = None if arguments.since is None else instant(arguments.since, now)
    if arguments.rule is not None and arguments.name != "shadow":
        raise CommandFailed(f"--rule is for report shadow, not for report {arguments.name}")
    with reading.reader(arguments) as reader:
        report, as_text = _made(arguments.name, reader, since, now, arguments.rule)
    if arguments.format == "json":
        print_json(report)
    else:
        sys.stdout.write(as_text(report, width()))
    return 0


def _made(
    name: str, reader: Reader, since: float | None, now: float, rule: str | None
) -> tuple[Report, AsText]:
    """The report, and how it is set for people. Raises CommandFailed."""
    from daemon.reports import automation, healing, shadow, workflow

    if name == "shadow":
        try:
            return shadow.shadow_report(reader, since, at=now, rule=rule), shadow.as_text
        except shadow.NoSuchRule as unknown:
            raise CommandFailed(str(unknown)) from None
    if name == "automation":
        return automation.automation_report(reader, since, at=now), automation.as_text
    if name == "workflow":
        return workflow.workflow_report(reader, since, at=now), workflow.as_text
    return healing.healing_report(reader, since, at=now), healing.as_text


def instant(written: str, now: float) -> float:
    """Seconds since 1970, of a duration before `now` or of an ISO-8601 time. Raises CommandFailed."""
    if _DURATION.fullmatch(written):
        return now - sum(number * SECONDS[unit] for number, unit in terms(written))
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise CommandFailed(f"--since {written!r}: {_FORMS}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
