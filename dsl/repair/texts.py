"""Texts of which a quote is missing."""

from __future__ import annotations

import re

from dsl.diagnostics import Mistake
from dsl.repair.repair import Repair, braces_at_the_end
from dsl.structure import TOKENS, blank, clause_starts, head_end, is_whole, tokens


def unclosed_text(text: str) -> Repair | None:
    for match in TOKENS.finditer(text):
        quote = match[0][0]
        if quote in "\"'" and (len(match[0]) == 1 or match[0][-1] != quote or _escaped_end(match[0])):
            return _close_text(text, match)
    return None


def _escaped_end(literal: str) -> bool:
    return literal[0] == '"' and re.fullmatch(r'"(\\.|[^"\\\n])*"', literal) is None


def _close_text(text: str, match: re.Match[str]) -> Repair:
    quote = match[0][0]
    if not match[0][1:].partition("#")[0].strip(" \t;{}"):
        unopened = _open_text(text, match)
        if unopened:
            return unopened
    kept = _swallowed_braces(text, match)
    end = match.end() - len(kept)
    shown = match.start() + len(text[match.start() : end].rstrip())
    help_ = f"close it with {quote} on the same line"
    mistake = Mistake("V102", "this text is not closed", match.start(), shown, "opened here", help_)
    start = _clause_of_text(blank(text, match.start(), match.end()), match.start())
    return Repair(mistake, blank(text, min(head_end(text, start), match.start()), end), start)


_WORDS_OF_A_TEXT = re.compile(r"(?:[^\s\"'{}]+[ \t]+){2,}[^\s\"']*$")


def _open_text(text: str, match: re.Match[str]) -> Repair | None:
    """A quote at the end of a line with many bare words before it: the one that opens is missing, not the one that closes. Its text
    may hold a `;`, so it begins as early in the line as braces allow."""
    line = text.rfind("\n", 0, match.start()) + 1
    starts = clause_starts(text[: match.start()])
    first = max(one for one in starts if one <= line)
    for start in (first, *(one for one in starts if one > line)):
        head = head_end(text, start)
        said = text[head : match.start()]
        if head >= line and is_whole(said) and _WORDS_OF_A_TEXT.search(said):
            return Repair(_not_opened_text(match), blank(text, head, match.start() + 1), start)
    return None


def _not_opened_text(match: re.Match[str]) -> Mistake:
    help_ = f"write {match[0][0]} before its first word"
    return Mistake(
        "V102", "the text that ends here is not opened", match.start(), match.start() + 1, help=help_
    )


def _clause_of_text(text: str, at: int) -> int:
    """Where the clause begins. Braces before the quote that are closed again were meant for the text."""
    line = text.rfind("\n", 0, at) + 1
    before = text[line:at]
    starts = [start for start in clause_starts(text) if start <= at]
    if "{" in before and before.count("{") == before.count("}"):
        starts = [start for start in starts if start <= line]
    return starts[-1]


def _swallowed_braces(text: str, match: re.Match[str]) -> str:
    """The braces at the end of the line that an unclosed text took with it, when the block needs them to be whole."""
    found = braces_at_the_end(match[0][1:])
    outside = [token for token, _ in tokens(blank(text, match.start(), match.end())) if token in "{}"]
    missing = outside.count("{") - outside.count("}")
    return found if missing == found.count("}") - found.count("{") else ""
