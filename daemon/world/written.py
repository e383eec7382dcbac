"""Text from outside, made fit for a log line or a detail: no line ends, no control characters, bounded."""

from __future__ import annotations

DETAIL_LIMIT = 500


def one_line(text: str, limit: int = DETAIL_LIMIT) -> str:
    """The text on one line; what cannot be printed is escaped, and what is too long is cut in its middle."""
    short = _cut(text.strip(), limit)
    if short.isprintable():
        return short
    return _cut("".join(char if char.isprintable() else _escaped(char) for char in short), limit)


def _cut(text: str, limit: int) -> str:
    half = limit // 2 - 2
    return text if len(text) <= limit else f"{text[:half]} … {text[-half:]}"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
