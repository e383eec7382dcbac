"""What is wrong with the quotes and brackets of a block, and a text in which it is not wrong any more.

Works on a text that did not parse, so it trusts nothing but quotes, brackets, line ends and, where brackets do not add up, indentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dsl.diagnostics import Mistake
from dsl.structure import (
    INDENTED,
    LINE_BEGIN,
    TOKENS,
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


@dataclass(frozen=True, slots=True)
class Repair:
    """One mistake, and a text of the same length or longer in which it is not there any more."""

    mistake: Mistake
    text: str
    broken_at: int | None = None  # where the clause begins that lost something


def first_repair(text: str) -> Repair | None:
    """The first mistake among quotes and brackets, if there is one."""
    return (
        _unclosed_text(text) or _without_braces(text) or _doubled(text) or _brackets(text) or _selector(text)
    )


# --- what another language puts in braces --------------------------------------------------------------------------------

_SELECTOR = re.compile(r"(?<=[\w\])])\{\s*\w+\s*(?:=~|!~|!=|=)\s*(?:,\s*\w+\s*(?:=~|!~|!=|=)\s*)*\}")


def _selector(text: str) -> Repair | None:
    """`requests{job="api"}` of PromQL. Without it the rest of its line can be read."""
    match = _SELECTOR.search(blank_texts(without_comments(text)))
    if match is None:
        return None
    help_ = "write `for each TYPE where TYPE.FIELD == …`, and the value without braces"
    mistake = Mistake("V101", "what is meant is not chosen in braces", *match.span(), help=help_)
    return Repair(mistake, blank(text, *match.span()))


# --- texts ------------------------------------------------------------------------------------------------------------


def _unclosed_text(text: str) -> Repair | None:
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
    found = _braces_at_the_end(match[0][1:])
    outside = [token for token, _ in tokens(blank(text, match.start(), match.end())) if token in "{}"]
    missing = outside.count("{") - outside.count("}")
    return found if missing == found.count("}") - found.count("{") else ""


def _braces_at_the_end(text: str) -> str:
    """` } }` of `… x } }`."""
    tail = text[len(text.rstrip(" \t;{}")) :]
    return tail if "{" in tail or "}" in tail else ""


# --- brackets -----------------------------------------------------------------------------------------------------------


def _doubled(text: str) -> Repair | None:
    """`{ {` where one brace more is opened than closed; nothing begins with a brace."""
    bare = blank_texts(without_comments(text))
    match = re.search(r"\{[ \t]*(\{)", bare) if bare.count("{") > bare.count("}") else None
    if match is None:
        return None
    mistake = Mistake("V104", "one brace too many", *match.span(1), help="take it away", replacement="")
    return Repair(mistake, blank(text, *match.span(1)))


def _without_braces(text: str) -> Repair | None:
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


@dataclass(slots=True)
class _Open:
    bracket: str
    at: int
    indent: int
    left_at: int | None = None  # the line start at which indentation says it should have been closed


def _brackets(text: str) -> Repair | None:
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
    kept = "" if is_whole(piece) else _braces_at_the_end(piece)
    start = max(at for at in clause_starts(text[: opened.at]) if at <= opened.at)
    blanked = blank(text, head_end(text, start), end - len(kept))
    return Repair(mistake, blanked, start)
