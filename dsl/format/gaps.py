"""What stands between two tokens and means nothing to the rules: line ends, blank lines, comments."""

from __future__ import annotations

import re

import msgspec

_SEPARATORS = re.compile(r"[ \t;]*")


class Gap(msgspec.Struct, frozen=True):
    """`behind` is the comment that follows on the same line; `above` are the comments on lines of their own that come then, with ""
    for a blank line (never two in a row). `breaks`: what follows stands on another line."""

    behind: str = ""
    above: tuple[str, ...] = ()
    breaks: bool = False


NOTHING = Gap()
NEW_LINE = Gap(breaks=True)


def read_gap(text: str) -> Gap:
    """`text` holds blanks, line ends, `;` and comments, and nothing else."""
    if "\n" not in text and "#" not in text:
        return NOTHING
    first, *rest = (_comment(line) for line in text.split("\n"))
    above: list[str] = []
    for line in rest[:-1]:  # the last one is the indentation of what follows
        if line is not None and (line or (above or [" "])[-1]):
            above.append(line)
    return Gap(first or "", tuple(above), bool(rest))


def _comment(line: str) -> str | None:
    """The comment of a line, "" if it is blank. None: nothing but a `;`, which leaves no trace."""
    match = _SEPARATORS.match(line)
    rest = line[match.end() if match else 0 :].rstrip(" \t")
    return rest if rest or ";" not in line else None


def joined(one: Gap, other: Gap) -> Gap:
    """Both, when what stood between them goes."""
    if one.breaks:
        own = (other.behind,) if other.behind else ()
        return Gap(one.behind, _single((*one.above, *own, *other.above)), True)
    return other


def without_blank_ends(lines: tuple[str, ...], first: bool, last: bool) -> tuple[str, ...]:
    """Without the blank line at the beginning, at the end, or both."""
    if first and lines[:1] == ("",):
        lines = lines[1:]
    return lines[:-1] if last and lines[-1:] == ("",) else lines


def _single(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for index, line in enumerate(lines) if line or index == 0 or lines[index - 1])
