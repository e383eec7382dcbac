"""Texts with {expressions}: cut into what is said and where the expressions stand."""

from __future__ import annotations

import re

from dsl.diagnostics import Mistake
from dsl.syntax import Text

_SPECIAL = re.compile(r"[\\{}]")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "{": "{", "}": "}"}


def pieces(node: Text) -> list[str | tuple[int, int]] | Mistake:
    """Texts with their escapes resolved, and the offsets (start, end) of the expressions between them, in order."""
    found: list[str | tuple[int, int]] = []
    raw, base = node.raw, node.start + 1
    said: list[str] = []
    at = 0
    while special := _SPECIAL.search(raw, at):
        said.append(raw[at : special.start()])
        at, letter = special.start(), special[0]
        if letter == "\\":
            if raw[at + 1] not in _ESCAPES:
                return _bad_escape(raw[at + 1], base + at)
            said.append(_ESCAPES[raw[at + 1]])
            at += 2
        elif letter == "{":
            end = _closing(raw, at)
            if end is None:
                return Mistake(
                    "V116", "this brace is not closed in the text", base + at, base + at + 1, help=_LITERAL
                )
            if not raw[at + 1 : end].strip():
                return Mistake(
                    "V116", "there is nothing between the braces", base + at, base + end + 1, help=_LITERAL
                )
            found.extend(("".join(said), (base + at + 1, base + end)))
            said, at = [], end + 1
        else:
            return Mistake(
                "V116", "this brace was not opened in the text", base + at, base + at + 1, help=_LITERAL
            )
    said.append(raw[at:])
    return [piece for piece in (*found, "".join(said)) if piece != ""] or [""]


_LITERAL = "a brace that is meant as such is written \\{ or \\}, or the text stands in single quotes"


def _closing(raw: str, start: int) -> int | None:
    """The brace that closes the expression; braces and quotes inside it are its own."""
    level = 0
    quoted = False
    for at in range(start, len(raw)):
        letter = raw[at]
        quoted ^= letter == "'"
        if not quoted:
            level += (letter == "{") - (letter == "}")
            if level == 0:
                return at
    return None


def _bad_escape(letter: str, at: int) -> Mistake:
    help_ = 'known are \\n \\t \\" \\\\ \\{ \\}; in single quotes everything stands for itself'
    return Mistake("V116", f"`\\{letter}` means nothing", at, at + 2, help=help_)
