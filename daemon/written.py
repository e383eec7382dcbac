"""Text from outside, made fit for a log line or a detail: no line ends, no control characters, bounded."""

from __future__ import annotations

DETAIL_LIMIT = 500


def one_line(text: str, limit: int = DETAIL_LIMIT) -> str:
    """The text on one line; what cannot be printed is escaped, and what is too long is cut in its middle."""
    flat = "".join(char if char.isprintable() else _escaped(char) for char in text.strip()[: 4 * limit])
    if len(flat) <= limit:
        return flat
    half = limit // 2
    return f"{flat[:half]} … {flat[-half:]}"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
