"""Regular expressions that cannot take for ever.

The language promises RE2's behaviour (whole text, linear time); the engine matches with Python's `re`, which backtracks. So what RE2 does
not have is refused (look-around, back references), and what makes backtracking explode too: a repetition of something that can itself
be divided in several ways.
"""

from __future__ import annotations

import re
import warnings

import msgspec
from msgspec.structs import replace

MAX_LENGTH = 1000
MAX_REPEAT = 1000
MAX_UNBOUNDED = 6  # each adds a power of the text's length to the worst case
MAX_GROUPS = 20
_MANY = 10  # from so many repetitions on, a choice at each is too many choices

_ASCII = frozenset(map(chr, range(128)))
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[^\\]", re.DOTALL)
_QUANTIFIER = re.compile(r"([*+?]|\{([0-9]*)(,?)([0-9]*)\})([?+]?)")
_GROUP = re.compile(r"\((\?:|\?P<\w+>|\?[ims]+\)|\?[^:]?.?)?")


class _Piece(msgspec.Struct, frozen=True):
    """What the analysis needs of a part: what it may begin with, whether it may be empty, whether it can be divided at will."""

    first: frozenset[str]
    empty: bool = False
    loose: bool = False


class _Refused(Exception):
    pass


def objection(pattern: str) -> str | None:
    """Why this pattern is refused, or None."""
    if len(pattern) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern, re.ASCII)
            reader = _Reader(pattern)
            reader.choice(0)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    except _Refused as refused:
        return str(refused)
    if reader.unbounded > MAX_UNBOUNDED:
        return f"it has more than {MAX_UNBOUNDED} unlimited repetitions"
    return None


class _Reader(msgspec.Struct):
    """Recursive descent over a pattern that `re` has accepted."""

    pattern: str
    at: int = 0
    unbounded: int = 0

    def choice(self, depth: int) -> _Piece:
        if depth > MAX_GROUPS:
            raise _Refused(f"its groups are nested more than {MAX_GROUPS} deep")
        options = [self.sequence(depth)]
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else _either(options)

    def sequence(self, depth: int) -> _Piece:
        whole = _Piece(frozenset(), empty=True)
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            piece = self.repeated(self.single(depth))
            first = whole.first | piece.first if whole.empty else whole.first
            whole = _Piece(first, whole.empty and piece.empty, whole.loose or piece.loose)
        return whole

    def single(self, depth: int) -> _Piece:
        if self.pattern[self.at] == "(":
            return self.group(depth)
        match = _ATOM.match(self.pattern, self.at)
        if match is None:
            raise _Refused("it cannot be read")
        self.at = match.end()
        return _atom(match[0])

    def group(self, depth: int) -> _Piece:
        match = _GROUP.match(self.pattern, self.at)
        opening = match[1] or "" if match else ""
        if match is None or (opening and not re.fullmatch(r"\?:|\?P<\w+>|\?[ims]+\)", opening)):
            raise _Refused("look-around, back references and conditions are not supported")
        self.at = match.end()
        if opening.endswith(")"):
            return _Piece(frozenset(), empty=True)
        inner = self.choice(depth + 1)
        self.at += 1  # the closing parenthesis
        return inner

    def repeated(self, piece: _Piece) -> _Piece:
        match = _QUANTIFIER.match(self.pattern, self.at)
        if match is None or (match[1][0] == "{" and not (match[2] or match[4])):
            return piece
        self.at = match.end()
        if match[5] == "+":
            raise _Refused("possessive repetitions are not supported")
        least, most = _bounds(match)
        if max(least, most or 0) > MAX_REPEAT:
            raise _Refused(f"it repeats more than {MAX_REPEAT} times")
        self.unbounded += most is None
        if (most is None or most >= _MANY) and (piece.loose or piece.empty):
            raise _Refused("a repetition inside a repetition can take for ever; repeat only one of them")
        return replace(
            piece, empty=piece.empty or least == 0, loose=piece.loose or most is None or most > least
        )


def _bounds(match: re.Match[str]) -> tuple[int, int | None]:
    """How often at least and at most; None is without limit."""
    if match[1][0] in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[match[1][0]]
    least = int((match[2] or "0")[:9])
    if not match[3]:
        return least, least
    return least, int(match[4][:9]) if match[4] else None


def _either(options: list[_Piece]) -> _Piece:
    """Alternatives that may begin alike can be divided at will."""
    first: frozenset[str] = frozenset()
    loose = any(option.loose for option in options)
    for option in options:
        loose = loose or bool(first & option.first)
        first |= option.first
    return _Piece(first, any(option.empty for option in options), loose)


def _atom(text: str) -> _Piece:
    if text in ("^", "$", r"\b", r"\B", r"\A", r"\Z"):
        return _Piece(frozenset(), empty=True)
    if len(text) == 2 and text[0] == "\\" and text[1] in "123456789":
        raise _Refused("back references are not supported")
    if text == ".":
        return _Piece(_ASCII)
    compiled = re.compile(text, re.ASCII | re.IGNORECASE)
    return _Piece(frozenset(letter for letter in _ASCII if compiled.fullmatch(letter)) or frozenset(text))
