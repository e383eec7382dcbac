"""Text in, checked program out: the one door of this room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
from msgspec.structs import replace

from dsl import checks
from dsl.capacity import Capacity
from dsl.diagnostics import Finding, in_order, one_for_a_mistake, severity_of
from dsl.files import Library, read_files
from dsl.memory import Memory
from dsl.program import Program
from dsl.resolve.known import Known
from dsl.resolve.whole import resolve
from dsl.silence import heard, judged, read_silences
from dsl.source import Source
from dsl.vocabulary.word import Vocabulary

MOST_FINDINGS = 500


class Checked(msgspec.Struct, frozen=True):
    """`program` is None when an error was found. `findings` stand in the order of their places. `known` is what was declared and
    could be read, errors or not: what an editor tells of. `understood` is the program where everything could be read, though a lint or a
    proof may object to it."""

    program: Program | None
    findings: tuple[Finding, ...]
    known: Known | None = None
    understood: Program | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")


def check(
    sources: Iterable[Source],
    vocabulary: Vocabulary,
    *,
    library: Library | None = None,
    capacity: Capacity | None = None,
    today: date | None = None,
    memory: Memory | None = None,
) -> Checked:
    """Checks a rule set. `library` finds what `use` names; without one nothing can be used. `capacity` is what the machine has
    that the rules are for; without one nobody asks whether what work reserves can ever be had. `today` is what the last day of
    a silence is held against; without it none has passed. `memory` is handed in again at the next check of the same
    rules, which then works out only what was changed; it changes nothing about what is found. Raises nothing."""
    memory = memory or Memory()
    words = memory.words(vocabulary)
    given = tuple(sources)
    files = read_files(given, words, library, memory)
    findings = list(files.findings)
    resolved = replace(resolve(files, words, findings, memory), capacity=capacity)
    findings.extend(checks.run(resolved, memory))
    findings = one_for_a_mistake(findings)
    silences = read_silences(file.source for file in files.by_name.values())
    about_silences = judged(findings, silences, today, {source.name for source in given})
    ordered = _bounded(in_order((*heard(findings, silences, today), *about_silences)))
    refused = any(finding.severity == "error" for finding in ordered)
    understood = resolved.program if resolved.complete else None
    return Checked(None if refused else resolved.program, ordered, resolved.known, understood)


def _bounded(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    if len(findings) <= MOST_FINDINGS:
        return findings
    errors_first = sorted(findings, key=lambda finding: finding.severity != "error")
    kept = in_order(errors_first[:MOST_FINDINGS])
    message = f"{len(findings)} findings; these are {MOST_FINDINGS} of them"
    return (*kept, Finding("V107", severity_of("V107"), message, kept[-1].span))
