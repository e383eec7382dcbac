"""Numbers, durations and names as the rule language writes them."""

from __future__ import annotations

import re
from math import isfinite

_SPANS = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_WORDS = frozenset({"and", "or", "not", "in", "contains", "matches", "true", "false", "mod"})


def number(value: float) -> str | None:
    """Without an exponent, which the language does not have; None where it is no number there."""
    if not isfinite(value):
        return None
    text = format(value, ".15g")
    if "e" in text:
        text = format(value, ".12f").rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    return text


def duration(seconds: float) -> str:
    """The greatest units that make it whole: 90m is 1h30m."""
    if seconds != int(seconds):
        return f"{number(seconds * 1000)}ms"
    left, parts = int(seconds), []
    for unit, size in _SPANS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def name_of(text: str) -> str:
    """A name of the language: letters, digits and underscores."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    if not name or name[0].isdigit() or name in _WORDS:
        name = f"_{name}"
    return name


def raw(text: str) -> str:
    """A text that stands for itself: in single quotes, or, where it holds one, in double quotes with escapes."""
    if "'" not in text and "\n" not in text:
        return f"'{text}'"
    return quoted(text)


def quoted(text: str) -> str:
    """In double quotes; nothing in it is an expression."""
    for letter in ("\\", '"', "{", "}"):
        text = text.replace(letter, f"\\{letter}")
    return f'"{text}"'.replace("\n", "\\n").replace("\t", "\\t")
