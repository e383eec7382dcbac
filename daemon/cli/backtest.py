"""`volexd backtest`: what rules would have detected and done, played over what was recorded."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli import reading
from daemon.cli.failure import CommandFailed
from daemon.cli.parser import add_format

if TYPE_CHECKING:
    from daemon.backtest.play import Played
    from daemon.backtest.record import Record
    from daemon.cli.checking import Rules
    from dsl.program import Program


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rules",
        type=Path,
        action="append",
        metavar="PATH",
        help="files and directories; default: the configured ones",
    )
    parser.add_argument(
        "--diff", type=Path, metavar="PATH", help="play other rules too, and say what they change"
    )
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="the record: columns at,type,key,field,value"
    )
    parser.add_argument(
        "--prometheus",
        type=Path,
        metavar="FILE",
        help="the record: the JSON answer of a range query of Prometheus",
    )
    parser.add_argument("--since", metavar="1h|TIME", help="from when on: 24h, 7d, or 2026-11-22T10:00")
    parser.add_argument("--until", metavar="1h|TIME", help="until when")
    parser.add_argument(
        "--coverage", action="store_true", help="say which rules and branches the record reaches"
    )
    add_format(parser, "text", "json")
    reading.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """0, whatever it found; 1 if the rules have errors."""
    from daemon.backtest.findings import as_text_report, difference, document
    from daemon.cli.checking import checked
    from daemon.cli.output import print_json, width

    rules = checked(arguments.rules or [], arguments.config)
    others = checked([arguments.diff], arguments.config) if arguments.diff else []
    if any(_refused(one) for one in (*rules, *others)):
        return 1
    program = _one(rules, "--rules")
    record = _record(arguments, program)
    played = _played(program, record)
    found = document(program, record, played)
    if others:
        found["difference"] = difference(played, _played(_one(others, "--diff"), record))
    covered = ""
    if arguments.coverage:
        covered = _coverage(found, rules, played)
    if arguments.format == "json":
        print_json(found)
    else:
        sys.stdout.write(as_text_report(found, width()) + covered)
    return 0


def _refused(rules: Rules) -> bool:
    if rules.program is None:
        sys.stderr.write(rules.rendered("text", colour=False))
    return rules.program is None


def _one(rules: list[Rules], option: str) -> Program:
    """Each directory of rules is a set of its own; a backtest is of one."""
    if len(rules) != 1 or rules[0].program is None:
        names = ", ".join(sorted({source.name for one in rules for source in one.sources})) or "nothing"
        raise CommandFailed(f"{option}: a backtest is of one rule set, and these are {len(rules)}: {names}")
    return rules[0].program


def _record(arguments: argparse.Namespace, program: Program) -> Record:
    from daemon.backtest.record import Unusable, from_csv, from_database
    from daemon.cli.report import instant

    now = time.time()
    since, until = (
        None if word is None else instant(word, now) for word in (arguments.since, arguments.until)
    )
    try:
        if arguments.csv is not None:
            return from_csv(str(arguments.csv), _text(arguments.csv), since, until)
        if arguments.prometheus is not None:
            from daemon.backtest.prometheus import (
                from_prometheus,
            )  # here: what it scrapes with takes long to load

            text = _text(arguments.prometheus)
            return from_prometheus(str(arguments.prometheus), text, program.fact_types, since, until)
        with reading.reader(arguments) as reader:
            return from_database(reader, since, until)
    except Unusable as error:
        raise CommandFailed(str(error)) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandFailed(f"{path}: this is no UTF-8 text") from None
    except OSError as error:
        raise CommandFailed(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _played(program: Program, record: Record) -> Played:
    from daemon.backtest.play import NeverEnds, play

    try:
        return play(program, record, _Progress())
    except NeverEnds as error:
        raise CommandFailed(str(error)) from None


class _Progress:
    """On a terminal, once a second, how far it is; a short one says nothing."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def __call__(self, part: float) -> None:
        if sys.stderr.isatty() and (time.monotonic() - self._told_at > 1.0 or part == 1.0):
            self._told_at = time.monotonic()
            sys.stderr.write(f"\r{part:4.0%} played" if part < 1.0 else "\r\x1b[K")
            sys.stderr.flush()


def _coverage(found: dict[str, object], rules: list[Rules], played: Played) -> str:
    from daemon.rehearsal.coverage import as_data, as_text, branches_of, reached

    named = [source.name for one in rules for source in one.sources]
    branches = branches_of(_one(rules, "--rules"), named)
    seen = reached(branches, played.rows)
    found["coverage"] = as_data(branches, seen)
    return "\n" + as_text(branches, seen)
