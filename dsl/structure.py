"""The outer form of a text that may not parse: its brackets, where its clauses begin, how deep its lines are indented."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_DEPTH = 20

TOKENS = re.compile(r"""#[^\n]*|"[^"\\\n]*(?:\\.[^"\\\n]*)*+"|'[^'\n]*'|["'][^\n]*|[(){}\[\]]|\n|;""")
_EMPTY_LINES = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_CONTINUES = re.compile(r"[ \t]*(?:(?:and|or|in|contains|matches)\b|[-+*/=<>!)\]])")
_SPACES = re.compile(r"[ \t]*")
_CLAUSE_HEAD = re.compile(r"[\s;]*[A-Za-z_]\w*\b(?![:.(]|[^\x00-\x7f])", re.ASCII)
_DECLARATION_HEAD = re.compile(r"[A-Za-z_]\w*([ \t]+[A-Za-z_]\w*\b(?!\s*[:.(]|[^\x00-\x7f]))?", re.ASCII)
INDENTED = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)+[ \t]+(?!(?:and|or|in|contains|matches)\b)[A-Za-z_]")
LINE_BEGIN = re.compile(r"([ \t]*)([^ \t\n#])")
_BEFORE_MAP = re.compile(r"[:,=(\[]\s*$")


def depth(text: str) -> int:
    """The deepest nesting of brackets."""
    deepest = level = 0
    for token, _ in tokens(text):
        if token in "([{":
            level += 1
            deepest = max(deepest, level)
        elif token in ")]}":
            level = max(0, level - 1)
    return deepest


def clause_starts(text: str) -> list[int]:
    """Offsets at which a clause may begin: behind line ends, `;` and the braces of bodies."""
    starts = [0]
    stack: list[str] = []
    read_to = 0
    for token, at in tokens(text):
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


def closing(text: str, opening: int) -> int:
    """The offset behind the brace that closes the one at `opening`; the end of the text where none does."""
    level = 0
    for token, at in tokens(text):
        if at >= opening:
            level += (token == "{") - (token == "}")
            if level == 0 and token == "}":
                return at + 1
    return len(text)


def blank(text: str, start: int, end: int) -> str:
    """The same text with spaces from start to end; line ends stay."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def head_end(text: str, start: int) -> int:
    """Where the part of a clause ends that survives a mistake behind it: its word, and of a declaration its name."""
    return start + _extent(_CLAUSE_HEAD if start else _DECLARATION_HEAD, text, start)


def without_comments(text: str) -> str:
    """The same text with spaces for comments."""
    return TOKENS.sub(lambda match: " " * len(match[0]) if match[0][0] == "#" else match[0], text)


def blank_texts(text: str) -> str:
    """The same text with spaces for texts."""
    return TOKENS.sub(lambda match: " " * len(match[0]) if match[0][0] in "\"'" else match[0], text)


def is_whole(text: str) -> bool:
    """Whether every brace in it has its counterpart, as far as counting tells."""
    braces = [token for token, _ in tokens(text) if token in "{}"]
    return braces.count("{") == braces.count("}")


def indent_at(text: str, offset: int) -> int:
    start = text.rfind("\n", 0, offset) + 1
    return _extent(_SPACES, text, start)


def _extent(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() - start if match else 0


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """Brackets, line ends and `;` that stand outside texts and comments."""
    for match in TOKENS.finditer(text):
        if match[0][0] not in "#\"'":
            yield match[0], match.start()
