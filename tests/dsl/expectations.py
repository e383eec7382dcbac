"""Error tests written in the language itself.

A file holds cases with a line `---` between them; each is checked by itself. What is expected stands as a comment on the failing line
(`# V203 a piece of the message`, several with ` & ` between them, `# V203@12 …` names the column), or, where the line ends in an unclosed
text, on the line above as `# next: V102 …`. A case without one has to be clean. `# file: NAME` begins another file of the same case.

They are checked as if the daemon ran all of the language: what it does not run yet (`dsl.vocabulary.later`) is no mistake of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from dsl.capacity import Capacity
from dsl.check import check
from dsl.diagnostics import Finding
from dsl.source import Source
from dsl.vocabulary.word import Vocabulary

_EXPECTED = re.compile(r"#(?P<next> next:)? (?P<all>V\d\d\d.*)$")
_ONE = re.compile(r"(V\d\d\d)(?:@(\d+))?(?: (.*))?")
_FILE = re.compile(r"^# file: (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    file: str
    line: int
    code: str
    column: int | None
    piece: str


@dataclass(frozen=True)
class Case:
    name: str
    sources: tuple[Source, ...]
    expected: tuple[Expected, ...]


class OnlyThese:
    """A library of the files of a case."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self._sources = {source.name: source for source in sources}

    def read(self, name: str) -> Source | None:
        return self._sources.get(name)


def cases(path: Path) -> Iterator[Case]:
    text = path.read_text(encoding="utf-8")
    line = 1
    for part in re.split(r"^---.*\n", text, flags=re.MULTILINE):
        sources = tuple(_sources(part))
        expected = tuple(one for source in sources for one in _expected(source))
        yield Case(f"{path.stem}:{line}", sources, expected)
        line += part.count("\n") + 1


def _sources(part: str) -> Iterator[Source]:
    """`main.rules` and the files after `# file: NAME`. Those whose names begin with `std.` are only there to be used."""
    pieces = _FILE.split(part)
    if pieces[0].strip() or len(pieces) == 1:
        yield Source("main.rules", pieces[0])
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        yield Source(name, text)


def _expected(source: Source) -> Iterator[Expected]:
    for number, line in enumerate(source.text.split("\n"), 1):
        found = _EXPECTED.search(line)
        for one in found["all"].split(" & ") if found else ():
            match = _ONE.fullmatch(one.strip())
            assert match, f"{source.name}:{number}: {one}"
            column = int(match[2]) if match[2] else None
            yield Expected(
                source.name, number + bool(found and found["next"]), match[1], column, match[3] or ""
            )


TODAY = date(2026, 11, 22)
MACHINE = Capacity(cpu=8, memory=16 * 1024.0**3, slots=None)  # of which nobody knows how many places it has


def findings_of(case: Case, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    given = [source for source in case.sources if not source.name.startswith(("std.", "lib/"))]
    words, library = replace(vocabulary, later={}), OnlyThese(case.sources)
    return check(given, words, library=library, capacity=MACHINE, today=TODAY).findings


def differences(expected: tuple[Expected, ...], found: tuple[Finding, ...]) -> list[str]:
    """What is missing and what is too much, in words."""
    rest = list(found)
    problems = []
    for one in expected:
        match = next((finding for finding in rest if _is(one, finding)), None)
        if match is None:
            problems.append(f"missing: {one.file}:{one.line} {one.code} {one.piece}")
        else:
            rest.remove(match)
    problems += [
        f"surplus: {f.span.file}:{f.span.line}:{f.span.column} {f.code} {f.message} (help: {f.help})"
        for f in rest
    ]
    return problems


def _is(expected: Expected, finding: Finding) -> bool:
    return (
        (expected.file, expected.line, expected.code) == (finding.span.file, finding.span.line, finding.code)
        and expected.column in (None, finding.span.column)
        and (
            expected.piece in finding.message
            or expected.piece in finding.help
            or expected.piece in finding.label
        )
    )
