"""What somebody may have meant: the one closest name, or the names there are."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """The end of a message: `did you mean retention_days?`, else `there are …`."""
    from difflib import get_close_matches

    names = list(known)
    closest = get_close_matches(written.lower(), names, n=1, cutoff=0.6)
    return f"did you mean {closest[0]}?" if closest else f"there are {', '.join(names)}"
