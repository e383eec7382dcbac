"""Comments by which an author allows a finding: `# volexd: allow V412 because …`, with `until 2027-01-31` where it is meant to end.

At the end of a line it is for that line. On a line of its own it is for the line after it, and directly before a declaration for the
whole declaration. Only warnings and notes can be silenced, and a silence that is wrong or of no use is a finding itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

import msgspec

from dsl.codes import CODES
from dsl.diagnostics import Finding, Fix, severity_of
from dsl.source import Source, Span
from dsl.structure import TOKENS
from dsl.suggest import closest

_HEAD = re.compile(r"#+[ \t]*volexd:[ \t]*", re.IGNORECASE)
_ALLOW = re.compile(r"allow[ \t]+(?=[^\s,])(?!because\b|until\b)")
_CODE = re.compile(r"([^\s,]+)[ \t]*(,?)[ \t]*")
_LAST_DAY = re.compile(r"\buntil[ \t]+(\d\S*)$")
# What makes a comment that begins with `volexd:` one that is meant to silence, however it is written.
_MEANT = re.compile(
    r"\bV\d+|^[^\w]*(allow|alow|allows|ignore|disable|silence|suppress|skip|mute|off|noqa)\b", re.IGNORECASE
)

_OF_SILENCES = "V48"
_MOST = 1000  # in one file; each is held against each finding
_MOST_CODES = 50  # in one comment
_HOW = "write `# volexd: allow V407 because …`, and `until 2027-01-31` behind the code if it is to end"


class Silence(msgspec.Struct, frozen=True):
    """`first` to `last` are the lines whose findings it is for. `until` is its last day."""

    comment: Span
    codes: tuple[tuple[str, Span], ...]
    first: int
    last: int
    until: date | None

    def covers(self, finding: Finding) -> bool:
        return finding.span.line <= self.last and finding.span.end_line >= self.first


class Silences(msgspec.Struct, frozen=True):
    """Of some files, by name. `findings`: what is wrong with how they are written."""

    by_file: Mapping[str, tuple[Silence, ...]]
    findings: tuple[Finding, ...]


def read_silences(sources: Iterable[Source]) -> Silences:
    findings: list[Finding] = []
    by_file = {
        source.name: tuple(_of_file(source, findings))
        for source in sources
        if "volexd:" in source.text.lower()
    }
    return Silences(by_file, tuple(findings))


def heard(findings: Sequence[Finding], silences: Silences, today: date | None) -> list[Finding]:
    """The findings less those that are silenced. Without a date no silence has ended."""
    return [one for one in findings if _silencing(one, silences, today) is None]


def judged(
    findings: Sequence[Finding], silences: Silences, today: date | None, given: Collection[str]
) -> Iterator[Finding]:
    """What is wrong with the silences themselves, after a check that found these things and silenced none of them.

    Whether a silence is of use is only said of the files that were given, and only where the check came to its end.
    """
    yield from silences.findings
    used = {(silence, one.code) for one in findings if (silence := _silencing(one, silences, today))}
    whole = not any(one.severity == "error" for one in findings)
    for file, of_file in silences.by_file.items():
        for silence in of_file:
            if _ended(silence, today):
                yield _finding("V484", f"this silence ended on {silence.until}", silence.comment, _ENDED)
            elif whole and file in given:
                yield from _of_no_use(silence, used)


_ENDED = "mend what it silenced, or set a new date"


def _of_no_use(silence: Silence, used: Collection[tuple[Silence, str]]) -> Iterator[Finding]:
    for code, span in silence.codes:
        known = CODES.get(code)
        if known is None or not _can_be_silenced(code) or not known.always or (silence, code) in used:
            continue
        alone = len(silence.codes) == 1
        fix = Fix(silence.comment, "") if alone else None
        help_ = "take it away, or put it at the end of the line that it is for, or directly before it"
        yield _finding("V485", f"there is no {code} here that this could silence", span, help_, fix)


def _silencing(finding: Finding, silences: Silences, today: date | None) -> Silence | None:
    """The silence that is for this finding, if there is one in force."""
    if finding.severity == "error" or not _can_be_silenced(finding.code):
        return None
    for silence in silences.by_file.get(finding.span.file, ()):
        names = (code for code, _ in silence.codes)
        if finding.code in names and silence.covers(finding) and not _ended(silence, today):
            return silence
    return None


def _ended(silence: Silence, today: date | None) -> bool:
    return today is not None and silence.until is not None and today > silence.until


def _can_be_silenced(code: str) -> bool:
    """Not V410 either: whoever may write the file without right could write the silence."""
    return severity_of(code) != "error" and not code.startswith(_OF_SILENCES) and code != "V410"


# --- reading --------------------------------------------------------------------------------------------------------------


def _of_file(source: Source, findings: list[Finding]) -> Iterator[Silence]:
    lines = _Lines(source.text.split("\n"))
    read = 0
    for number, line in enumerate(lines.all, 1):
        at = _comment(line) if "volexd:" in line.lower() else None
        head = _HEAD.match(line, at) if at is not None else None
        if at is None or head is None or not _MEANT.search(line[head.end() :]):
            continue
        comment = _Comment(source.name, number, at, line.rstrip())
        read += 1
        if read > _MOST:
            message = f"more than {_MOST} comments silence something in this file; the rest is not read"
            findings.append(_finding("V480", message, comment.whole, "mend what they silence"))
            return
        silence = _read(comment, head.end(), lines.meant(number, at), findings)
        if silence:
            yield silence


def _comment(line: str) -> int | None:
    """Where the comment of a line begins; a # inside a text begins none."""
    return next((match.start() for match in TOKENS.finditer(line) if match[0][0] == "#"), None)


class _Comment(msgspec.Struct, frozen=True):
    file: str
    number: int
    at: int
    line: str  # without spaces at its end

    def span(self, start: int, end: int) -> Span:
        return Span(self.file, self.number, start + 1, self.number, end + 1)

    @property
    def whole(self) -> Span:
        return self.span(self.at, len(self.line))


def _read(comment: _Comment, start: int, lines: tuple[int, int], findings: list[Finding]) -> Silence | None:
    """None where it is not understood; a reason that is missing does not keep it from being meant."""
    line = comment.line
    allow = _ALLOW.match(line, start)
    if allow is None:
        findings.append(
            _finding("V480", "this comment is not understood, and silences nothing", comment.whole, _HOW)
        )
        return None
    named = list(islice(_named(line, allow.end()), _MOST_CODES + 1))
    if len(named) > _MOST_CODES:
        message = f"this comment names more than {_MOST_CODES} codes, and silences nothing"
        findings.append(_finding("V480", message, comment.whole, "mend what it is for"))
        return None
    codes = [(match[1], comment.span(*match.span(1))) for match in named]
    findings.extend(_wrong_codes(codes))
    written, reason = _last_day(line[named[-1].end() :])
    if not reason:
        help_ = "say why behind `because`, for whoever reads it in a year"
        findings.append(_finding("V481", "this silence gives no reason", comment.whole, help_))
    until = _day(written) if written else None
    if written and until is None:
        findings.append(
            _finding(
                "V480", f"`{written}` is no date", comment.whole, "write it as 2027-01-31, the year first"
            )
        )
        return None
    return Silence(comment.whole, tuple(codes), *lines, until)


def _named(line: str, start: int) -> Iterator[re.Match[str]]:
    """The codes from `start` on: one, and more behind commas, or behind spaces if they look like codes."""
    match = _CODE.match(line, start)
    while match:
        yield match
        following = _CODE.match(line, match.end())
        match = following if following and (match[2] or re.match(r"V?\d", following[1])) else None


def _last_day(rest: str) -> tuple[str, str]:
    """The date as it is written, or nothing; the reason, or nothing. `until` stands before `because` or at the very end."""
    before, because, reason = rest.partition("because")
    first = re.match(r"until[ \t]+(\S+)[ \t]*$", before.strip() + " ")
    if first:
        return first[1], reason.strip() if because else ""
    last = _LAST_DAY.search(reason)
    return (last[1], reason[: last.start()].strip()) if last else ("", reason.strip())


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.rstrip(".,;")) if re.match(r"\d{4}-\d\d-\d\d", written) else None
    except ValueError:
        return None


def _wrong_codes(codes: Sequence[tuple[str, Span]]) -> Iterator[Finding]:
    for code, span in codes:
        if code not in CODES:
            near = f"V{code}" if f"V{code}" in CODES else closest(code, CODES)
            help_ = f"did you mean `{near}`?" if near else "`volexd explain` lists all codes"
            fix = Fix(span, near) if near else None
            yield _finding("V482", f"there is no code `{code}`", span, help_, fix)
        elif not _can_be_silenced(code):
            title = CODES[code].title
            message = f"{code} ({title}) cannot be silenced: only warnings and notes about rules can"
            yield _finding("V483", message, span, "mend what it finds, and take this comment away")


class _Lines(msgspec.Struct):
    """The lines of a file, from which it is told what a comment is for; what was found for the one before holds for many."""

    all: list[str]
    target: int = 0  # the first line behind the comments that were looked at last, counted from 0
    content: bool | None = None  # whether anything stands in it but comments
    end: tuple[int, int] = (
        -1,
        0,
    )  # a line that begins a declaration, counted from 0, and the number of its last one

    def meant(self, number: int, at: int) -> tuple[int, int]:
        """The first and the last line that a comment in this line is for."""
        if self.all[number - 1][:at].strip():
            return number, number
        self.target = target = max(number, self.target)
        while target < len(self.all) and self.all[target].lstrip().startswith("#"):
            self.target = target = target + 1
        if target >= len(self.all) or not self.all[target].strip():
            return (number, number) if self._declares() else (1, number)
        if _begins_declaration(self.all[target]):
            return number, self._end_of_declaration(target)
        return number, target + 1

    def _declares(self) -> bool:
        if self.content is None:
            self.content = any(_content(line) for line in self.all)
        return self.content

    def _end_of_declaration(self, first: int) -> int:
        if self.end[0] != first:
            later = range(first + 1, len(self.all))
            last = next((at for at in later if _begins_declaration(self.all[at])), len(self.all))
            self.end = first, last
        return self.end[1]


def _begins_declaration(line: str) -> bool:
    return bool(line) and line[0] not in " \t#{})]"


def _content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _finding(code: str, message: str, span: Span, help_: str, fix: Fix | None = None) -> Finding:
    return Finding(code, severity_of(code), message, span, help=help_, fix=fix)
