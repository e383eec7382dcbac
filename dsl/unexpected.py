"""The words for what the parser did not expect: the typical mistakes by name, everything else by what would have fitted."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec

from dsl.diagnostics import Mistake
from dsl.structure import without_comments

if TYPE_CHECKING:
    from lark import Token

_PREVIOUS = re.compile(r"""("[^"\n]*"|'[^'\n]*'|[\w.%\]]+|[^\w\s]{1,2})[ \t]*$""")

_COMPARED = re.compile(r"==|!=|<|>|\b(in|contains|matches)\b")

_SPACED = re.compile(
    r"\b(?!(?:and|or|not|in|contains|matches|when|unless|until)\b)([a-z_]\w*)[ \t]+\((?=[^()]*$)"
)

_NAMES = {
    "RBRACE": "`}`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "COMMA": "a comma",
    "_END": "the end of the line",
    "$END": "the end of the declaration",
    "EQUALS": "`=`",
    "NAME_IS": "a name with a colon",
}


class _Foreign(msgspec.Struct, frozen=True):
    """A sign of another language, and how the same is said here."""

    pattern: re.Pattern[str]
    message: str
    replacement: str


_FOREIGN = tuple(
    _Foreign(re.compile(pattern), message, replacement)
    for pattern, message, replacement in (
        (r"&&?", "`&&` is written `and`", "and"),
        (r"\|\|?", "`||` is written `or`", "or"),
        (r"!~", "`!~` is written `not matches`", "not matches"),
        (r"!(?!=)", "`!` is written `not`", "not "),
        (r"===", "`===` is written `==`", "=="),
        (r"=<", "`=<` is written `<=`", "<="),
        (r"=>", "`=>` is written `>=`", ">="),
        (r"=~", "`=~` is written `matches`", "matches"),
        (r"<>", "`<>` is written `!=`", "!="),
        (r"%", "a remainder is written `mod`", "mod"),
        (r"[“”„]", "texts stand between straight quotes", '"'),
        (r"[‘’]", "texts stand between straight quotes", "'"),
        (r":", "no colon here", ""),
        (r"//", "a comment begins with `#`", "#"),
        (r"/\*", "a comment begins with `#`", "#"),
    )
)


def characters(text: str, at: int) -> Mistake:
    """No token begins here."""
    foreign = _foreign(text, at) or _foreign(text, at - 1, least=2)
    if foreign:
        return foreign
    found = text[at : at + 1]
    if found.isdigit():
        number = re.compile(r"[\w.%:]+").match(text, at)
        end = number.end() if number else at + 1
        return Mistake(
            "V101", f"`{text[at:end]}` is no number", at, end, help="write 3, 3.5, 5%, 30s or 512MiB"
        )
    if not found:
        return Mistake("V101", "the declaration ends in the middle", at, at)
    if not found.isprintable() or found.isspace():
        message = f"there is an invisible character here, U+{ord(found):04X}"
        return Mistake(
            "V101", message, at, at + 1, help="write an ordinary space, or nothing", replacement=" "
        )
    if found.isalpha():
        word = re.compile(r"\w+").match(text, at)
        help_ = "outside of texts, names are made of a to z, A to Z, 0 to 9 and _"
        return Mistake(
            "V101", f"`{found}` is no letter of a name", at, word.end() if word else at + 1, help=help_
        )
    return Mistake("V101", f"`{found}` has no meaning here", at, at + 1)


def token(text: str, at: int, found: Token, accepted: Collection[str]) -> Mistake:
    """A token that does not fit what stands before it; `accepted` are the grammar's names of those that would."""
    foreign = _foreign(text, at) or _foreign(text, at - 1)
    if foreign:
        return foreign
    if found.type == "COMPARE" and re.search(r"\b(and|or|not)\s*$", text[:at]):
        help_ = "each side is a whole comparison: `x > 5 or x < 2`"
        return Mistake("V101", "there is nothing to compare with", at, at + len(found), help=help_)
    if found.type == "COMPARE" and "_END" in accepted:
        if not _COMPARED.search(text[text.rfind("\n", 0, at) + 1 : at]):
            help_ = "put the comparison in parentheses"
            return Mistake(
                "V101", "a value is expected here, not a comparison", at, at + len(found), help=help_
            )
        help_ = "write `a < b and b < c`"
        return Mistake("V101", "comparisons do not form a chain", at, at + len(found), help=help_)
    if found.type == "LBRACE" and "_END" in accepted:
        return Mistake(
            "V115", "a brace cannot begin here", at, at + 1, help="put it behind its clause, on the same line"
        )
    return _space_before_parenthesis(text, at, accepted) or _plain(text, at, found, accepted)


def _space_before_parenthesis(text: str, at: int, accepted: Collection[str]) -> Mistake | None:
    """`rate (x over 5m)`: with a space it is no call, and what a call may hold fits nowhere."""
    match = _SPACED.search(text, text.rfind("\n", 0, at) + 1, at) if "RPAR" in accepted else None
    if match is None:
        return None
    help_ = f"write `{match[1]}(`"
    return Mistake("V101", "no space before the parenthesis", match.start(), match.end(), help=help_)


def _foreign(text: str, at: int, least: int = 1) -> Mistake | None:
    """`least`: of so many letters, where the first of them was read as something else."""
    for foreign in _FOREIGN if at >= 0 else ():
        match = foreign.pattern.match(text, at)
        if match and len(match[0]) >= least:
            right = foreign.replacement.strip()
            help_ = f"write `{right}`" if right else "take it away"
            return Mistake(
                "V109", foreign.message, at, match.end(), help=help_, replacement=foreign.replacement
            )
    return None


def _plain(text: str, at: int, found: Token, accepted: Collection[str]) -> Mistake:
    expected = _expected(accepted)
    before = without_comments(text[:at]).rstrip()
    previous = (
        _PREVIOUS.search(before[before.rfind("\n") + 1 :][-80:])
        if "\n" not in text[len(before) : at]
        else None
    )
    after = f" after `{previous[1]}`" if previous else ""
    if found.type in ("_END", "$END") or not found.strip():
        return Mistake(
            "V101", f"expected {expected}{after}", len(before), len(before), f"{expected} is missing"
        )
    shown = f"`{found}`" if len(found) <= 30 else f"`{found[:27]}…`"
    return Mistake("V101", f"expected {expected}{after}, found {shown}", at, at + len(found))


def _expected(accepted: Collection[str]) -> str:
    if "NUMBER" in accepted:
        return "a value"
    if set(accepted) & {"WORD"}:
        return "a clause"
    names = [name for key, name in _NAMES.items() if key in accepted]
    return " or ".join(names[:3]) if names else "something else"
