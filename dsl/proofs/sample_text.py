"""A text that a regular expression matches: its first alternatives, its fewest repetitions. Whoever asks holds it against the pattern."""

from __future__ import annotations

import re

_CLASSES = {
    "d": "0",
    "w": "a",
    "s": " ",
    "D": "a",
    "W": "-",
    "S": "a",
    "b": "",
    "B": "",
    "A": "",
    "Z": "",
    "n": "\n",
    "t": "\t",
}
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?:|\?P<\w+>|\?[ims]+\))?|.", re.DOTALL)
_COUNT = re.compile(r"(\*|\+|\?|\{(\d*)(?:,\d*)?\})\??")
_TRIED = "a0-_.A 5/:x"


def text_for(pattern: str) -> str | None:
    """None where none is found this way."""
    try:
        found = _Reading(pattern).choice()
        return found if re.compile(pattern, re.ASCII).fullmatch(found) else None
    except (re.error, RecursionError, IndexError):
        return None


class _Reading:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def choice(self) -> str:
        """The first alternative; the others are read and dropped."""
        found = self.sequence()
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            self.sequence()
        return found

    def sequence(self) -> str:
        found = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            found += self.repeated(self.single())
        return found

    def single(self) -> str:
        match = _PIECE.match(self.pattern, self.at)
        assert match is not None
        self.at = match.end()
        piece = match[0]
        if piece[0] == "(":
            return "" if piece.endswith(")") else self.group()
        if piece[0] == "[" and len(piece) > 1:
            return _of_class(piece)
        if piece[0] == "\\" and len(piece) > 1:
            return _CLASSES.get(piece[1], piece[1])
        return {".": "a", "^": "", "$": ""}.get(piece, piece)

    def group(self) -> str:
        found = self.choice()
        self.at += 1
        return found

    def repeated(self, piece: str) -> str:
        match = _COUNT.match(self.pattern, self.at)
        if match is None or match[1] in ("{}", "{,}"):
            return piece
        self.at = match.end()
        return piece * (int(match[2] or 0) if match[1][0] == "{" else 1 if match[1] == "+" else 0)


def _of_class(piece: str) -> str:
    written = re.sub(r"[\[\]^\\-]", "", piece)
    return next((one for one in (*written, *_TRIED) if re.fullmatch(piece, one, re.ASCII)), "")
