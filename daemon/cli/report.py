"""`volexd report`: what happened, from the database."""

from __future__ import annotations

import argparse
import re
import sys
import time
from datetime import UTC, datetime

from daemon.cli import reading
from daemon.cli.failure import CommandFailed
from daemon.cli.parser import add_format, one_of
from dsl.literals import SECONDS, terms

_DURATION = re.compile(rf"(?:\d{{1,9}}(?:\.\d{{1,9}})?(?:{'|'.join(SECONDS)}))+")
_FORMS = "write how long ago (90m, 24h, 7d), or a time: 2026-11-22T10:00"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name",
        type=one_of("healing"),
        metavar="NAME",
        help="healing: faults, recoveries, what helped, MTTD, MTTR",
    )
    parser.add_argument(
        "--since",
        metavar="1h|TIME",
        help="how far back: 90m, 24h, 7d, or 2026-11-22T10:00 (UTC unless it says)",
    )
    add_format(parser, "text", "json")
    reading.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from daemon.cli.output import print_json, width
    from daemon.reports.healing import as_text, healing_report

    now = time.time()
    since = None if arguments.since is None else instant(arguments.since, now)
    with reading.reader(arguments) as reader:
        report = healing_report(reader, since, at=now)
    if arguments.format == "json":
        print_json(report)
    else:
        sys.stdout.write(as_text(report, width()))
    return 0


def instant(written: str, now: float) -> float:
    """Seconds since 1970, of a duration before `now` or of an ISO-8601 time. Raises CommandFailed."""
    if _DURATION.fullmatch(written):
        return now - sum(number * SECONDS[unit] for number, unit in terms(written))
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise CommandFailed(f"--since {written!r}: {_FORMS}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
