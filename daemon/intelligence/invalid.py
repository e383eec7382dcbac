"""What is wrong with the input of a call."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.suggestion import did_you_mean

LONGEST_SHOWN = 80


class InvalidCall(ValueError):
    """The text names the key, the value that was given, and the values that are allowed."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}" if key else message)
        self.key = key


def shown(value: object) -> str:
    """A value as it may stand in a message: short, on one line."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def none_of(key: str, value: object, allowed: Sequence[str]) -> InvalidCall:
    """`value` should have been one of these."""
    values = ", ".join(allowed) or "none yet"
    near = did_you_mean(value, allowed) if isinstance(value, str) and allowed else ""
    hint = f"; {near}" if near.startswith("did you mean") else ""
    return InvalidCall(key, f"{shown(value)} is none of {values}{hint}")
