"""Quotes and brackets of a block: which are not closed, which close nothing, where its clauses begin.

Works on a text that did not parse, so it trusts nothing but quotes, brackets, line ends and, where brackets do not add up, indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dsl.diagnostics import Mistake

MAX_DEPTH = 20

_TOKENS = re.compile(r"""#[^\n]*|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|["'][^\n]*|[(){}\[\]]|\n|;""")
_EMPTY_LINES = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_CONTINUES = re.compile(r"[ \t]*(?:(?:and|or|in|contains|matches)\b|[-+*/=<>!)\]])")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_NAMES = {"(": "parenthesis", "[": "bracket", "{": "brace"}
_SPACES = re.compile(r"[ \t]*")
_CLAUSE_HEAD = re.compile(r"[\s;]*[A-Za-z_]\w*\b(?![:.(])")
_DECLARATION_HEAD = re.compile(r"[A-Za-z_]\w*([ \t]+[A-Za-z_]\w*\b(?!\s*[:.(]))?")
_INDENTED = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)+[ \t]+(?!(?:and|or|in|contains|matches)\b)[A-Za-z_]")
_LINE_BEGIN = re.compile(r"([ \t]*)([^ \t\n#])")
_BEFORE_MAP = re.compile(r"[:,=(\[]\s*$")


@dataclass(frozen=True, slots=True)
class Repair:
    """One mistake of structure, and a text of the same length or longer in which it is not there any more."""

    mistake: Mistake
    text: str
    broken_at: int | None = None  # where the clause begins that lost something


def depth(text: str) -> int:
    """The deepest nesting of brackets."""
    deepest = level = 0
    for token, _ in _tokens(text):
        if token in "([{":
            level += 1
            deepest = max(deepest, level)
        elif token in ")]}":
            level = max(0, level - 1)
    return deepest


def first_repair(text: str) -> Repair | None:
    """The first mistake among quotes and brackets, if there is one."""
    return _unclosed_text(text) or _head_without_brace(text) or _brackets(text)


def clause_starts(text: str) -> list[int]:
    """Offsets at which a clause may begin: behind line ends, `;` and the braces of bodies."""
    starts = [0]
    stack: list[str] = []
    read_to = 0
    for token, at in _tokens(text):
        if at < read_to:
            continue
        in_clauses = not stack or stack[-1] == "{"
        if token == "{":
            is_map = not in_clauses or _BEFORE_MAP.search(text, max(0, at - 80), at) is not None
            stack.append("map" if is_map else "{")
        elif token in "([":
            stack.append(token)
        elif token in ")]}" and stack:
            stack.pop()
        read_to = at + 1 + _extent(_EMPTY_LINES, text, at + 1) if token == "\n" else at + 1
        ends = token == ";" or (token == "\n" and not _CONTINUES.match(text, read_to))
        if (token == "{" and stack[-1] == "{") or (token == "}" and in_clauses) or (ends and in_clauses):
            starts.append(read_to)
    return starts


def blank(text: str, start: int, end: int) -> str:
    """The same text with spaces from start to end; line ends stay."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def head_end(text: str, start: int) -> int:
    """Where the part of a clause ends that survives a mistake behind it: its word, and of a declaration its name."""
    return start + _extent(_CLAUSE_HEAD if start else _DECLARATION_HEAD, text, start)


def without_comments(text: str) -> str:
    """The same text with spaces for comments."""
    return _TOKENS.sub(lambda match: " " * len(match[0]) if match[0][0] == "#" else match[0], text)


def blank_texts(text: str) -> str:
    """The same text with spaces for texts."""
    return _TOKENS.sub(lambda match: " " * len(match[0]) if match[0][0] in "\"'" else match[0], text)


def indent_at(text: str, offset: int) -> int:
    start = text.rfind("\n", 0, offset) + 1
    return _extent(_SPACES, text, start)


def _extent(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() - start if match else 0


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Brackets, line ends and `;` that stand outside texts and comments."""
    for match in _TOKENS.finditer(text):
        if match[0][0] not in "#\"'":
            yield match[0], match.start()


# --- texts ------------------------------------------------------------------------------------------------------------


def _unclosed_text(text: str) -> Repair | None:
    for match in _TOKENS.finditer(text):
        quote = match[0][0]
        if quote in "\"'" and (len(match[0]) == 1 or match[0][-1] != quote or _escaped_end(match[0])):
            return _close_text(text, match)
    return None


def _escaped_end(literal: str) -> bool:
    return literal[0] == '"' and re.fullmatch(r'"(\\.|[^"\\\n])*"', literal) is None


def _close_text(text: str, match: re.Match[str]) -> Repair:
    quote = match[0][0]
    kept = _swallowed_braces(text, match)
    end = match.end() - len(kept)
    shown = match.start() + len(text[match.start() : end].rstrip())
    help_ = f"close it with {quote} on the same line"
    mistake = Mistake("V102", "this text is not closed", match.start(), shown, "opened here", help_)
    start = max(at for at in clause_starts(blank(text, match.start(), match.end())) if at <= match.start())
    return Repair(mistake, blank(text, min(head_end(text, start), match.start()), end), start)


def _swallowed_braces(text: str, match: re.Match[str]) -> str:
    """The braces at the end of the line that an unclosed text took with it, when the block needs them to be whole."""
    found = _braces_at_the_end(match[0][1:])
    outside = [token for token, _ in _tokens(blank(text, match.start(), match.end())) if token in "{}"]
    missing = outside.count("{") - outside.count("}")
    return found if missing == found.count("}") - found.count("{") else ""


def _braces_at_the_end(text: str) -> str:
    """` } }` of `… x } }`."""
    tail = text[len(text.rstrip(" \t;{}")) :]
    return tail if "{" in tail or "}" in tail else ""


# --- brackets -----------------------------------------------------------------------------------------------------------


def _head_without_brace(text: str) -> Repair | None:
    """A declaration whose first line opens no brace, though indented clauses follow and perhaps the closing brace."""
    line_end = text.find("\n")
    head = without_comments(text[:line_end]).rstrip()
    if (
        line_end < 0
        or any(bracket in blank_texts(head) for bracket in "{([")
        or not _INDENTED.match(text, line_end)
    ):
        return None
    level = sum((token == "{") - (token == "}") for token, _ in _tokens(text))
    if level > 0 or (level == 0 and "}" in text[line_end:]):
        return None
    at = len(head)
    help_ = "write `{` at the end of this line" + ("" if level < 0 else ", and `}` behind the last clause")
    mistake = Mistake("V103", "the brace of this declaration is not opened", at, at, "`{` is missing", help_)
    return Repair(mistake, text[:line_end] + "{\n" + text[line_end + 2 :] + ("" if level < 0 else "\n}"))


@dataclass(slots=True)
class _Open:
    bracket: str
    at: int
    indent: int
    left_at: int | None = None  # the line start at which indentation says it should have been closed


def _brackets(text: str) -> Repair | None:
    stack: list[_Open] = []
    last_root: _Open | None = None
    suspects: list[_Open] = []
    for token, at in _tokens(text):
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
            last_root = closed if not stack else last_root
        elif token == "\n":
            _suspect(text, stack, at)
    if stack:
        return _unclosed(text, next((one for one in suspects + stack if one.left_at is not None), stack[-1]))
    return None


def _suspect(text: str, stack: list[_Open], line_end: int) -> None:
    """Marks what is open although the next line stands no deeper than the line that opened it."""
    match = _LINE_BEGIN.match(text, line_end + 1)
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
    name = _NAMES[_PAIRS[token]]
    culprit = _early_closer(text, at) if token == "}" else at
    mistake = Mistake("V104", f"this {name} closes nothing", culprit, culprit + 1, help="take it away")
    return Repair(mistake, blank(text, culprit, culprit + 1))


def _early_closer(text: str, at: int) -> int:
    """The brace that closed the block too soon: the last one to do so from an indented line, else the one at `at`."""
    level = 0
    for token, position in _tokens(text[:at]):
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
    kept = _braces_at_the_end(text[opened.at + 1 : end])
    start = max(at for at in clause_starts(text[: opened.at]) if at <= opened.at)
    blanked = blank(text, head_end(text, start), end - len(kept))
    return Repair(mistake, blanked, start)
