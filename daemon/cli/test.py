"""`volexd test`: runs the `test` blocks of rules."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.parser import add_config, add_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.cli.checking import Rules
    from daemon.rehearsal.coverage import Branch
    from daemon.rehearsal.rehearse import Rehearsal
    from dsl.program import TestCase

    Covered = tuple[Sequence[Branch], set[Branch]]

_SUFFIXES = {"text": "txt", "json": "json", "junit": "xml"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files and directories; default: the configured ones; -: standard input",
    )
    add_format(parser, "text", "json", "junit")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="write the results into a file in this directory, named after the time, instead of printing them",
    )
    parser.add_argument(
        "--coverage",
        action="store_true",
        help="say which rules and branches the tests reach (text and json)",
    )
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 if all pass, 1 if one fails, or the rules have errors."""
    from daemon.cli.checking import checked
    from daemon.rehearsal.rehearse import rehearse

    sets = checked(arguments.paths, arguments.config)
    refused = [rules for rules in sets if rules.program is None]
    for rules in refused:
        sys.stderr.write(rules.rendered("text", colour=False))
        print("volexd: the rules have errors; no test was run", file=sys.stderr)
    if refused:
        return 1
    played = [
        (
            rules,
            [rehearse(rules.program, case, time.perf_counter) for case in _cases(rules, rules.program.tests)],
        )
        for rules in sets
        if rules.program is not None
    ]
    rehearsals = [rehearsal for _, found in played for rehearsal in found]
    if not rehearsals:
        named = ", ".join(sorted(source.name for rules in sets for source in rules.sources))
        print(f"volexd: no `test` blocks in {named or 'nothing'}", file=sys.stderr)
    now = time.time()
    covered = _covered(played) if arguments.coverage else None
    rendered = _rendered(rehearsals, arguments.format, now, covered)
    if arguments.output is None:
        sys.stdout.write(rendered)
    else:
        print(_written(rendered, arguments.output, arguments.format, now))
    return 0 if all(rehearsal.passed for rehearsal in rehearsals) else 1


def _cases(rules: Rules, tests: tuple[TestCase, ...]) -> list[TestCase]:
    """Those of the files that were named: a rule that they use was tested where it comes from."""
    named = {source.name for source in rules.sources}
    return [case for case in tests if case.place.file in named]


def _written(rendered: str, directory: Path, form: str, now: float) -> Path:
    """A new file; none that is there is touched."""
    from daemon.cli.failure import CommandFailed

    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = directory / f"volexd-test-{stamp}.{_SUFFIXES[form]}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(rendered)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CommandFailed(f"{path}: {reason}; name another directory with --output") from None
    return path


def _covered(played: Sequence[tuple[Rules, Sequence[Rehearsal]]]) -> Covered:
    """The branches of all rule sets, and those that a test of their own set reached."""
    from daemon.rehearsal.coverage import branches_of, reached

    branches: list[Branch] = []
    seen: set[Branch] = set()
    for rules, rehearsals in played:
        own = branches_of(rules.program, [source.name for source in rules.sources]) if rules.program else []
        branches += own
        seen |= {one for rehearsal in rehearsals for one in reached(own, rehearsal.rows)}
    return list(dict.fromkeys(branches)), seen


def _rendered(rehearsals: Sequence[Rehearsal], form: str, now: float, covered: Covered | None) -> str:
    from daemon.rehearsal import coverage

    if form == "json":
        from daemon.rehearsal.json import as_json

        return as_json(rehearsals, now, coverage.as_data(*covered) if covered else None)
    if form == "junit":
        from daemon.rehearsal.junit import as_junit

        return as_junit(rehearsals)
    from daemon.cli.output import coloured
    from daemon.rehearsal.text import as_text

    text = as_text(rehearsals, colour=coloured()) if rehearsals else ""
    return text + ("\n" + coverage.as_text(*covered) if covered else "")
