"""From the rules on disk to the program that runs: all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from daemon.config import Config
from daemon.rules.admission import unresolved
from daemon.rules.sources import RulesUnreadable, read_rules
from daemon.vocabulary import vocabulary
from daemon.world.capacity import of_this_machine
from daemon.world.commands import Commands
from dsl.check import check
from dsl.diagnostics import Finding, in_order, severity_of
from dsl.memory import Memory
from dsl.program import Program
from dsl.render.text import as_text as render
from dsl.silence import heard, read_silences
from dsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Loaded:
    """`program` is None when there is an error among the findings; then whatever runs stays.

    `named` are the files of the rules directories, `sources` these and what they use. With the `memory` the next load works out only what
    was changed.
    """

    program: Program | None
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    named: tuple[Source, ...] = ()
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def as_text(self) -> str:
        """Everything that was found, for people."""
        return render(self.findings, {source.name: source for source in self.sources})

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]


def utc_day(seconds: float) -> date:
    """The day of an instant; what the last day of a silence is held against is the same wherever volexd runs."""
    return datetime.fromtimestamp(seconds, UTC).date()


def load_rules(
    config: Config,
    commands: Commands,
    made: Sequence[Source] = (),
    *,
    today: date | None = None,
    memory: Memory | None = None,
) -> Loaded:
    """Read and check everything, with what calls `made` beside the files. It changes nothing, and may run in any thread.

    `today`: silences whose last day is over silence nothing; without it none is. `memory`: that of the last load of these rules, not used
    by another load at the same time."""
    memory = memory or Memory()
    try:
        rules = read_rules(config.rules)
    except RulesUnreadable as error:
        nowhere = Span(str(config.rules[0]) if config.rules else "", 1, 1, 1, 1)
        return Loaded(None, (Finding("V118", "error", str(error), nowhere),), (), memory=memory)
    capacity = of_this_machine(dict(config.work.slots))
    given = (*rules.sources, *made)
    checked = check(given, vocabulary(), library=rules.library, capacity=capacity, today=today, memory=memory)
    missing = tuple(_missing_programs(checked.program, commands)) if checked.program else ()
    sources = (*rules.sources, *rules.library.used, *made)
    findings = in_order((*rules.findings, *checked.findings, *heard(missing, read_silences(sources), today)))
    refused = any(finding.severity == "error" for finding in findings)
    return Loaded(None if refused else checked.program, findings, sources, rules.sources, memory)


def _missing_programs(program: Program, commands: Commands) -> Iterator[Finding]:
    """Told when the rules load, not in the night when one of them is needed; it may be installed until then."""
    for place, reason in unresolved(program, commands):
        span = Span(place.file, place.line, 1, place.line, 1)
        yield Finding("V411", severity_of("V411"), reason, span)
