"""Reading and checking rules, for the commands that do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon.cli.failure import CommandFailed
from daemon.sources import RulesUnreadable, read_rules
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.diagnostics import Finding, in_order
from dsl.program import Program
from dsl.render import formats
from dsl.source import Source


@dataclass(frozen=True, slots=True)
class Rules:
    """`program` is None when an error was found. `sources` are the files that were named, `used` those they use."""

    program: Program | None
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    used: tuple[Source, ...]

    def rendered(self, form: str, *, colour: bool) -> str:
        """The findings in one of the formats of `dsl.render`."""
        by_name = {source.name: source for source in (*self.sources, *self.used)}
        return formats()[form].render(self.findings, by_name, colour)


def checked(paths: Sequence[Path], config: Path | None) -> Rules:
    """The rules of these paths, else of the configured directories. Raises CommandFailed."""
    try:
        rules = read_rules(paths or _configured(config), distrust="warning")
        done = check(rules.sources, vocabulary(), library=rules.library)
    except RulesUnreadable as error:
        raise CommandFailed(str(error)) from None
    findings = in_order((*rules.findings, *done.findings))
    refused = any(finding.severity == "error" for finding in findings)
    return Rules(None if refused else done.program, findings, rules.sources, tuple(rules.library.used))


def _configured(config: Path | None) -> tuple[Path, ...]:
    from daemon.cli.configured import configured

    return configured(config).rules
