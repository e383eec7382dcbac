"""From the rules on disk to the program that runs: all or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config import Config
from daemon.sources import RulesUnreadable, read_rules
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.diagnostics import Finding
from dsl.program import Program
from dsl.render.text import as_text as render
from dsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Loaded:
    """`program` is None when there is an error among the findings; then whatever runs stays."""

    program: Program | None
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]

    def as_text(self) -> str:
        """Everything that was found, for people."""
        return render(self.findings, {source.name: source for source in self.sources})

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]


def load_rules(config: Config) -> Loaded:
    """Read and check everything. It changes nothing, and may run in any thread."""
    try:
        rules = read_rules(config.rules)
    except RulesUnreadable as error:
        nowhere = Span(str(config.rules[0]) if config.rules else "", 1, 1, 1, 1)
        return Loaded(None, (Finding("V110", "error", str(error), nowhere),), ())
    checked = check(rules.sources, vocabulary(), library=rules.library)
    findings = (*rules.findings, *checked.findings)
    refused = any(finding.severity == "error" for finding in findings)
    return Loaded(None if refused else checked.program, findings, rules.sources)
