"""`volexd check`, `volexd --check`: lints rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.parser import add_config, add_format

if TYPE_CHECKING:
    from dsl.diagnostics import Finding

ERRORS, WARNINGS = 1, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files and directories; default: the configured ones; -: standard input",
    )
    add_format(parser, "text", "json", "sarif", "github", "junit")
    parser.add_argument("--strict", action="store_true", help="warnings fail, with exit status 3")
    parser.add_argument(
        "--proofs",
        action="store_true",
        help="also what is proved of each rule set: that it ends, conflicts, blast radius (text, json)",
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="check everything, also what has not changed since it was checked",
    )
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 clean, 1 errors, 3 warnings under --strict."""
    from daemon.cli.checking import linted, merged
    from daemon.cli.output import coloured, print_document
    from daemon.rules.cache import cache_of

    if arguments.proofs:
        return _with_proofs(arguments)
    cache = None if arguments.no_cache else cache_of()
    rules = merged(linted(arguments.paths, arguments.config, cache))
    if arguments.format == "text":
        sys.stdout.write(rules.rendered("text", colour=coloured()))
        if not rules.findings:
            print(_nothing_found(len(rules.sources)))
    else:
        print_document(rules.rendered(arguments.format, colour=False))
    return _status(rules.findings, arguments.strict)


def _with_proofs(arguments: argparse.Namespace) -> int:
    """The findings, and what is proved of every rule set that could be read. Raises CommandFailed."""
    from daemon.cli.checking import checked, merged
    from daemon.cli.failure import CommandFailed
    from daemon.cli.output import coloured, print_document
    from daemon.cli.proving import as_document, as_text

    if arguments.format not in ("text", "json"):
        raise CommandFailed(f"--proofs is written as text or json, not as {arguments.format}")
    sets = checked(arguments.paths, arguments.config)
    rules = merged(sets)
    if arguments.format == "text":
        sys.stdout.write(rules.rendered("text", colour=coloured()))
        print_document(as_text(sets))
    else:
        print_document(as_document(sets, rules.rendered("json", colour=False)))
    return _status(rules.findings, arguments.strict)


def _nothing_found(files: int) -> str:
    return f"{files} {'file' if files == 1 else 'files'} checked: nothing found"


def _status(findings: Sequence[Finding], strict: bool) -> int:
    severities = {finding.severity for finding in findings}
    if "error" in severities:
        return ERRORS
    return WARNINGS if strict and "warning" in severities else 0
