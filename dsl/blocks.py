"""Cuts a source into blocks: one declaration each, from its word in column 1 to the next one.

Nothing is parsed here. A block is read, reported on and cached by itself: its digest is the key, its text is all that the parser sees.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator

import msgspec

from dsl.diagnostics import Context, Finding, Fix, Mistake, severity_of
from dsl.habits import reworded
from dsl.source import Source, Span

_COLUMN_1 = re.compile(r"^(?![ \t\n#{})\]])(?:([A-Za-z_]\w*)|.)", re.MULTILINE)
_CONTENT = re.compile(r"^[ \t]*[^ \t\n#]", re.MULTILINE)
_TEXT_OR_BRACE = re.compile(r"""#[^\n]*|"[^"\\\n]*(?:\\.[^"\\\n]*)*+"|'[^'\n]*'|["'][^\n]*|[{}]""")


class Block(msgspec.Struct, frozen=True, gc=False):
    """`line` is that of its first character in `source`; `word` is what stands in column 1."""

    source: str
    text: str
    line: int
    word: str

    @property
    def digest(self) -> str:
        return hashlib.blake2b(self.text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def span(self, start: int, end: int) -> Span:
        line, column = self._position(start)
        end_line, end_column = self._position(max(start, end))
        return Span(self.source, line, column, end_line, end_column)

    def line_of(self, offset: int) -> int:
        return self._position(offset)[0]

    def _position(self, offset: int) -> tuple[int, int]:
        end = min(offset, len(self.text))
        return self.line + self.text.count("\n", 0, end), end - self.text.rfind("\n", 0, end)

    def finding(self, mistake: Mistake) -> Finding:
        mistake = reworded(self.text, mistake)
        span = self.span(mistake.start, mistake.end)
        context = tuple(Context(self.span(start, end), label) for start, end, label in mistake.context)
        fix = None if mistake.replacement is None else Fix(span, mistake.replacement)
        severity = severity_of(mistake.code)
        return Finding(
            mistake.code, severity, mistake.message, span, mistake.label, context, mistake.help, fix
        )


class Cut(msgspec.Struct, frozen=True, gc=False):
    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...]


def cut(source: Source, declarations: Collection[str]) -> Cut:
    """The blocks of a source, and what stands outside them. `declarations` are the words that may stand in column 1."""
    places, mistakes = _places(source.text, declarations)
    first = places[0][0] if places else len(source.text)
    stray = _CONTENT.search(source.text, 0, first)
    if stray:
        mistakes.append(_outside(stray.end() - 1))
    mistakes += [_outside(at) for at, word in places if not word]
    whole = _block(source, 0, len(source.text), 1, "")
    findings = tuple(
        whole.finding(mistake)
        for mistake in _one_for_a_run(source.text, sorted(mistakes, key=lambda one: one.start))
    )
    return Cut(tuple(_blocks(source, places)), findings)


def _blocks(source: Source, places: list[tuple[int, str]]) -> Iterator[Block]:
    line, counted = 1, 0
    ends = [*(start for start, _ in places), len(source.text)][1:]
    for (start, word), end in zip(places, ends, strict=True):
        line += source.text.count("\n", counted, start)
        counted = start
        if word:
            yield _block(source, start, end, line, word)


def _block(source: Source, start: int, end: int, line: int, word: str) -> Block:
    return Block(source.name, _without_trailing_comments(source.text[start:end]), line, word)


def _places(text: str, declarations: Collection[str]) -> tuple[list[tuple[int, str]], list[Mistake]]:
    """Where blocks begin. What stands in column 1 inside an open brace and is no declaration belongs to the block before;
    outside of braces, what is no word begins a piece that nobody reads (its word is empty)."""
    places: list[tuple[int, str]] = []
    mistakes: list[Mistake] = []
    level = read_to = 0  # braces open between the last place and read_to
    for match in _COLUMN_1.finditer(text):
        word, at = match[1] or "", match.start()
        if places and word not in declarations:
            level += _braces_opened(text, read_to, at)
            read_to = at
        if word in declarations or level <= 0:
            places.append((at, word))
            level, read_to = 0, at
        elif word:
            mistakes.append(_in_column_1(at, word))
    return places, mistakes


def _braces_opened(text: str, start: int, end: int) -> int:
    tokens = (match[0] for match in _TEXT_OR_BRACE.finditer(text, start, end))
    return sum((token == "{") - (token == "}") for token in tokens)


def _without_trailing_comments(text: str) -> str:
    """A comment behind a declaration's last line speaks of the next one."""
    end = len(text.rstrip())
    while end:
        line = text.rfind("\n", 0, end) + 1
        if line == 0 or not text[line:end].lstrip().startswith("#"):
            break
        end = line - 1
        while end and text[end - 1].isspace():
            end -= 1
    return text[:end]


def _in_column_1(at: int, word: str) -> Mistake:
    message = f"`{word}` stands in column 1, where only declarations stand"
    return Mistake(
        "V108", message, at, at + len(word), help="indent it, inside the braces of its declaration"
    )


def _outside(at: int) -> Mistake:
    help_ = "begin with a declaration, or put a # before it"
    return Mistake("V108", "this stands outside every declaration", at, at + 1, help=help_)


def _one_for_a_run(text: str, mistakes: list[Mistake]) -> list[Mistake]:
    """Lines that all lack their indentation are one mistake."""
    kept: list[Mistake] = []
    end = -1
    for mistake in mistakes:
        if not (kept and text.count("\n", end, mistake.start) <= 1):
            kept.append(mistake)
        end = mistake.start
    return kept
