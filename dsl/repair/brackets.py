"""Brackets that are missing, or too many. Where they do not add up, indentation says what was meant."""

from __future__ import annotations

import re

import msgspec

from dsl.diagnostics import Mistake
from dsl.repair.repair import Repair, braces_at_the_end
from dsl.structure import (
    INDENTED,
    LINE_BEGIN,
    blank,
    blank_texts,
    clause_starts,
    head_end,
    indent_at,
    is_whole,
    tokens,
    without_comments,
)

_PAIRS = {")": "(", "]": "[", "}": "{"}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_NAMES = {"(": "parenthesis", "[": "bracket", "{": "brace"}


def doubled(text: str) -> Repair | None:
    """`{ {` where one brace more is opened than closed; nothing begins with a brace."""
    bare = blank_texts(without_comments(text))
    match = re.search(r"\{[ \t]*(\{)", bare) if bare.count("{") > bare.count("}") else None
    if match is None:
        return None
    mistake = Mistake("V104", "one brace too many", *match.span(1), help="take it away", replacement="")
    return Repair(mistake, blank(text, *match.span(1)))


def without_braces(text: str) -> Repair | None:
    """A declaration that opens and closes no brace, though indented clauses follow its first line."""
    line_end = text.find("\n")
    if (
        line_end < 0
        or not INDENTED.match(text, line_end)
        or any(token in "{}([" for token, _ in tokens(text))
    ):
        return None
    at = len(without_comments(text[:line_end]).rstrip())
    help_ = "write `{` at the end of this line, and `}` behind the last clause"
    if text[at - 1] == ":":
        at -= 1
        help_ = "write `{` instead of the colon, and `}` behind the last clause"
    return Repair(_not_opened(at, help_), _opened(text, at, line_end) + "\n}")


class _Open(msgspec.Struct):
    bracket: str
    at: int
    indent: int
    left_at: int | None = None  # the line start at which indentation says it should have been closed


def brackets(text: str) -> Repair | None:
    stack: list[_Open] = []
    suspects: list[_Open] = []
    for token, at in tokens(text):
        if token in "([{":
            stack.append(_Open(token, at, indent_at(text, at)))
        elif token in ")]}":
            if not stack:
                return _closes_nothing(text, at, token)
            if stack[-1].bracket != _PAIRS[token]:
                return _mismatch(text, stack, at, token)
            closed = stack.pop()
            if closed.left_at is not None and token == "}":
                suspects.append(closed)
        elif token == "\n":
            _suspect(text, stack, at)
    if stack:
        return _unclosed(text, next((one for one in suspects + stack if one.left_at is not None), stack[-1]))
    return None


def _suspect(text: str, stack: list[_Open], line_end: int) -> None:
    """Marks what is open although the next line stands no deeper than the line that opened it."""
    match = LINE_BEGIN.match(text, line_end + 1)
    if match is None or match[2] in ")]}":
        return
    for opened in stack:
        if opened.left_at is None and len(match[1]) <= opened.indent and match[1]:
            opened.left_at = line_end


def _mismatch(text: str, stack: list[_Open], at: int, token: str) -> Repair:
    if any(opened.bracket == _PAIRS[token] for opened in stack):
        return _unclosed(text, stack[-1])
    return _closes_nothing(text, at, token)


def _closes_nothing(text: str, at: int, token: str) -> Repair:
    if token != "}":
        help_ = f"take it away, or write the `{_PAIRS[token]}` that is missing before it"
        mistake = Mistake("V104", f"this {_NAMES[_PAIRS[token]]} closes nothing", at, at + 1, help=help_)
        return Repair(mistake, blank(text, at, at + 1), max(s for s in clause_starts(text) if s <= at))
    last = text.rfind("\n", 0, at) + 1
    unopened = _unopened(text, last, at) if not text[last:at].strip() else None
    if unopened:
        return unopened
    culprit = _closer_behind_a_clause(text, at) or _early_closer(text, at)
    line = text.rfind("\n", 0, culprit) + 1
    before = blank_texts(text[line:culprit])
    if before.strip(" \t;}"):
        return _line_without_opening(text, line, culprit, "{" in before)
    return _unopened(text, line, culprit) or _superfluous(text, culprit)


def _superfluous(text: str, culprit: int) -> Repair:
    mistake = Mistake("V104", "this brace closes nothing", culprit, culprit + 1, help="take it away")
    return Repair(mistake, blank(text, culprit, culprit + 1))


def _line_without_opening(text: str, line: int, culprit: int, opens: bool) -> Repair:
    """A brace that closes nothing at the end of a line. Where the line opens none either, one is missing in it."""
    if opens:
        return _superfluous(text, culprit)
    help_ = "take it away, or write the `{` that is missing in this line"
    mistake = Mistake("V104", "this brace closes nothing", culprit, culprit + 1, help=help_)
    return Repair(mistake, blank(text, head_end(text, line) if line else culprit, culprit + 1), line)


def _unopened(text: str, line: int, culprit: int) -> Repair | None:
    """Before a brace on a line of its own: the line as deep as it, whose clauses stand deeper, and which opens none."""
    indent = culprit - line
    ends = [match.start() for match in re.finditer("\n", text[: line - 1 if line else 0])]
    for start, end in zip(reversed([-1, *ends]), reversed([*ends, line - 1]), strict=True):
        content = without_comments(text[start + 1 : end]).rstrip()
        if not content.strip() or len(content) - len(content.lstrip(" \t")) > indent:
            continue
        if end == line - 1 or "{" in blank_texts(content) or "}" in blank_texts(content):
            return None
        at = start + 1 + len(content)
        return Repair(_not_opened(at, "write `{` at the end of this line"), _opened(text, at, end))
    return None


def _opened(text: str, at: int, line_end: int) -> str:
    """An opening brace at the end of a line, in the place of its comment or of the indentation of the next line."""
    if at < line_end:
        return text[:at] + "{" + " " * (line_end - at - 1) + text[line_end:]
    return text[:line_end] + "{\n" + text[line_end + 2 :]


def _not_opened(at: int, help_: str) -> Mistake:
    return Mistake("V103", "the brace of this clause is not opened", at, at, "`{` is missing", help_)


def _closer_behind_a_clause(text: str, at: int) -> int | None:
    """The first brace behind a clause, in its line, that closes what an earlier line opened; where braces are too many, this one is."""
    opened: list[int] = []
    for token, position in tokens(text[:at]):
        if token == "{":
            opened.append(position)
        elif token == "}" and opened and "\n" in text[opened.pop() : position]:
            line = text.rfind("\n", 0, position) + 1
            if text[line:position].strip(" \t;}"):
                return position
    return None


def _early_closer(text: str, at: int) -> int:
    """The brace that closed the block too soon: the last one to do so from an indented line, else the one at `at`."""
    level = 0
    for token, position in tokens(text[:at]):
        level += (token == "{") - (token == "}")
        if token == "}" and level == 0 and indent_at(text, position) > 0 and "\n" in text[position:at]:
            return position
    return at


def _unclosed(text: str, opened: _Open) -> Repair:
    name = _NAMES[opened.bracket]
    closer = _CLOSERS[opened.bracket]
    mistake = Mistake(
        "V103",
        f"this {name} is not closed",
        opened.at,
        opened.at + 1,
        "opened here",
        f"close it with `{closer}`",
    )
    if opened.bracket == "{":
        return Repair(mistake, _with_brace(text, opened.left_at))
    return _without_rest_of_line(text, opened, mistake)


def _with_brace(text: str, line_end: int | None) -> str:
    """A closing brace where indentation says that it belongs, without moving what follows."""
    if line_end is None:
        return text + "\n}"
    return text[:line_end] + "}\n" + text[line_end + 2 :]


def _without_rest_of_line(text: str, opened: _Open, mistake: Mistake) -> Repair:
    line_end = text.find("\n", opened.at)
    end = opened.left_at if opened.left_at is not None else line_end if line_end >= 0 else len(text)
    piece = text[opened.at + 1 : end]
    kept = "" if is_whole(piece) else braces_at_the_end(piece)
    start = max(at for at in clause_starts(text[: opened.at]) if at <= opened.at)
    blanked = blank(text, head_end(text, start), end - len(kept))
    return Repair(mistake, blanked, start)
