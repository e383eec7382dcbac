"""Reading and checking rules, for the commands that do."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.failure import CommandFailed
from daemon.rules.before import Asked, Before
from daemon.rules.cache import Cache
from daemon.rules.sources import STANDARD_INPUT, RulesUnreadable, read_rules, rule_files
from daemon.rules.sources import Rules as RulesRead
from daemon.world.capacity import of_this_machine
from dsl.diagnostics import Finding, in_order
from dsl.render import formats
from dsl.source import Source

if TYPE_CHECKING:
    from dsl.check import Checked
    from dsl.files import Library
    from dsl.program import Program


@dataclass(frozen=True, slots=True)
class Rules:
    """One rule set. `program` is None when an error was found. `sources` are the files that were named, `used` those they use.
    `understood` is the program where everything in it could be read: what can be proved of it."""

    program: Program | None
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    used: tuple[Source, ...]
    understood: Program | None = None

    def rendered(self, form: str, *, colour: bool) -> str:
        """The findings in one of the formats of `dsl.render`."""
        by_name = {source.name: source for source in (*self.sources, *self.used)}
        found = formats()[form]
        if found.for_repository:
            return found.render(*_from_here(self.findings, by_name), colour)
        return found.render(self.findings, by_name, colour)


def _from_here(
    findings: Sequence[Finding], sources: Mapping[str, Source]
) -> tuple[list[Finding], dict[str, Source]]:
    """The same with absolute paths below the current directory made relative to it."""
    here = Path.cwd()
    names = {finding.span.file for finding in findings} | set(sources)
    below = {name: str(Path(name).relative_to(here)) for name in names if Path(name).is_relative_to(here)}
    return (
        [one.in_files(below) for one in findings],
        {below.get(name, name): source for name, source in sources.items()},
    )


def checked(paths: Sequence[Path], config: Path | None) -> list[Rules]:
    """The rule sets of these paths, else of the configured directories. Raises CommandFailed."""
    try:
        return [_one_set(rule_set) for rule_set in rule_sets(paths or _configured(config))]
    except RulesUnreadable as error:
        raise CommandFailed(str(error)) from None


def linted(paths: Sequence[Path], config: Path | None, cache: Cache | None) -> list[Rules]:
    """The same without their programs: of what was checked before and has not changed since, the cache knows the findings.

    Raises CommandFailed.
    """
    try:
        return [_linted(rule_set, cache) for rule_set in rule_sets(paths or _configured(config))]
    except RulesUnreadable as error:
        raise CommandFailed(str(error)) from None


def rule_sets(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """What belongs together: everything that was named. But in a directory that holds no rules itself, every directory of
    rules below it is a set of its own, as it would be for a daemon. Raises RulesUnreadable."""
    collections = {path: below for path in paths if (below := _sets_below(path))}
    together = tuple(path for path in paths if path not in collections)
    return [*([together] if together else []), *((one,) for below in collections.values() for one in below)]


def _sets_below(path: Path) -> list[Path]:
    """None for a file, and for a directory that holds rules itself."""
    if path == STANDARD_INPUT or not path.is_dir() or rule_files(path):
        return []
    below = sorted(folder for folder in path.rglob("*/") if not _hidden(folder.relative_to(path)))
    return [folder for folder in below if folder.is_dir() and rule_files(folder)]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _one_set(paths: Sequence[Path]) -> Rules:
    rules = read_rules(paths, distrust="warning")
    done = _check(rules.sources, rules.library)
    found = replace(_found(rules, done.findings), understood=done.understood)
    refused = any(finding.severity == "error" for finding in found.findings)
    return found if refused else replace(found, program=done.program)


def _linted(paths: Sequence[Path], cache: Cache | None) -> Rules:
    if cache is None or STANDARD_INPUT in paths:
        return _one_set(paths)
    rules = read_rules(paths, distrust="warning")
    known = Before(cache, rules.sources, of_this_machine(), _today()).findings(rules.library)
    if known is not None:
        return _found(rules, known)
    rules = read_rules(
        paths, distrust="warning"
    )  # once more: what was asked in vain may be no part of them now
    asked = Asked(rules.library)
    done = _check(rules.sources, asked)
    Before(cache, rules.sources, of_this_machine(), _today()).keep(done.findings, asked)
    return _found(rules, done.findings)


def _check(sources: Sequence[Source], library: Library) -> Checked:
    from daemon.vocabulary import (
        vocabulary,
    )  # this and the checker take longer to import than unchanged rules to look at
    from dsl.check import check

    with _without_collector():
        return check(sources, vocabulary(), library=library, capacity=of_this_machine(), today=_today())


@contextmanager
def _without_collector() -> Iterator[None]:
    """A check makes much and throws little away: looking for garbage in it again and again would be a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _found(rules: RulesRead, findings: Sequence[Finding]) -> Rules:
    return Rules(None, in_order((*rules.findings, *findings)), rules.sources, tuple(rules.library.used))


def _today() -> date:
    """What the last day of a silence is held against: the day in UTC, as the daemon does."""
    return datetime.now(UTC).date()


def merged(sets: Sequence[Rules]) -> Rules:
    """All of them as one, for what only shows findings. The program is None: there is no one program."""
    return Rules(
        None,
        tuple(finding for rules in sets for finding in rules.findings),
        tuple(source for rules in sets for source in rules.sources),
        tuple(source for rules in sets for source in rules.used),
    )


def _configured(config: Path | None) -> tuple[Path, ...]:
    from daemon.cli.configured import configured

    return configured(config).rules
