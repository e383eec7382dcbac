"""What a repair is."""

from __future__ import annotations

import msgspec

from dsl.diagnostics import Mistake


class Repair(msgspec.Struct, frozen=True):
    """One mistake, and a text of the same length or longer in which it is not there any more."""

    mistake: Mistake
    text: str
    broken_at: int | None = None  # where the clause begins that lost something


def braces_at_the_end(text: str) -> str:
    """` } }` of `… x } }`."""
    tail = text[len(text.rstrip(" \t;{}")) :]
    return tail if "{" in tail or "}" in tail else ""
