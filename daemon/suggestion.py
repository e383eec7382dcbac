"""What somebody may have meant: the one closest name, or the names there are."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.suggest import closest


def did_you_mean(written: str, known: Sequence[str]) -> str:
    """The end of a message: `did you mean retention_days?`, else `there are …`."""
    found = closest(written, known)
    return f"did you mean {found}?" if found else f"there are {', '.join(known)}"
