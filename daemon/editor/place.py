"""Where in a declaration a cursor stands, while it is being written: found in the text, because half of it does not parse yet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from daemon.editor.names import fitting, inner_families
from daemon.editor.words import words
from dsl.lexicon import Families
from dsl.parser import parse_block
from dsl.structure import TOKENS

_CONTINUES = re.compile(r"[ \t]*(?:(?:and|or|in|contains|matches)\b|[-+*/=<>!)\]])")
_GOES_ON = re.compile(r"(?:,|\b(?:and|or))[ \t]*$")
_BEFORE_MAP = re.compile(r"[:,=(\[]\s*$")


@dataclass(frozen=True, slots=True)
class Place:
    """`clause` is the text of the clause up to the cursor, `families` are those of the braces around it, `heads` the texts before
    these braces, the outermost first.

    `inside` says where in it: "" among its values, "text" or "expression" (between the braces of a text), "comment".
    """

    clause: str
    families: Families
    inside: str = ""
    heads: tuple[str, ...] = ()

    @property
    def begins(self) -> bool:
        """Whether the word of the clause itself is being written."""
        return not self.inside and re.fullmatch(r"\w*", self.clause) is not None


def place_at(text: str, offset: int) -> Place:
    """In the text of a block; an empty one is a line in column 1."""
    scan = _Scan(text[:offset], text)
    for match in TOKENS.finditer(text, 0, offset):
        if match[0][0] in "\"'#":
            scan.literal(match, offset)
        else:
            scan.sign(match[0], match.start())
    families: Families = ("file",)
    for head in scan.heads:
        families = _inner(head, families)
    return Place(scan.before[scan.start :].lstrip(), families, scan.inside, tuple(scan.heads))


class _Scan:
    """Reads tokens up to the cursor: `start` is that of the clause, `heads` are those of the braces around it."""

    def __init__(self, before: str, text: str) -> None:
        self.before, self.text = before, text
        self.start, self.inside = 0, ""
        self.heads: list[str] = []
        self.open: list[str] = []

    def literal(self, match: re.Match[str], offset: int) -> None:
        """A text or comment; one that the cursor cuts off is what it stands in."""
        if match.end() < offset:
            return
        if match[0][0] == "#":
            self.inside = "comment"
        elif not re.fullmatch(r"""("(\\.|[^"\\])*")|('[^']*')""", match[0]):
            self.inside = "expression" if _in_braces(match[0]) else "text"

    def sign(self, sign: str, at: int) -> None:
        if sign == "{":
            if (self.open and self.open[-1] != "body") or _BEFORE_MAP.search(self.before, self.start, at):
                self.open.append("{")
            else:
                self.open.append("body")
                self.heads.append(self.before[self.start : at].strip())
                self.start = at + 1
        elif sign in "([":
            self.open.append(sign)
        elif sign in ")]}":
            self._close(at)
        elif (not self.open or self.open[-1] == "body") and (sign == ";" or self._ends(at)):
            self.start = at + 1

    def _ends(self, at: int) -> bool:
        """Whether the end of this line ends the clause."""
        return not (_CONTINUES.match(self.text, at + 1) or _GOES_ON.search(self.before, self.start, at))

    def _close(self, at: int) -> None:
        if self.open and self.open.pop() == "body":
            self.heads.pop()
            self.start = at + 1


def _in_braces(text: str) -> bool:
    level = 0
    for letter in re.sub(r"\\.", "", text):
        level += (letter == "{") - (letter == "}")
    return text[0] == '"' and level > 0


def _inner(head: str, families: Families) -> Families:
    """The families of the clauses in the braces behind this head."""
    clause = parse_block(head).clause
    word, match = fitting(clause, families)
    if word is None:
        return ()
    inner = match.clause() if match is not None else None
    if inner is not None:
        of_inner, _ = fitting(inner, ("probe kind",))
        return (*inner_families(word), *(inner_families(of_inner) if of_inner else ()))
    if match is None:
        forms = words().forms(clause.word, families)
        return tuple(dict.fromkeys(family for form in forms for family in inner_families(form)))
    return inner_families(word)
