"""Did you mean …? The one nearest name, or none."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 64


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name with the fewest slips to `name`, when they are few for its length; ties go to the first by name."""
    most = max(1, min(3, len(name) // 3))
    best: tuple[int, str] | None = None
    for candidate in known:
        if abs(len(candidate) - len(name)) > most or len(candidate) > _LONGEST or candidate == name:
            continue
        found = (_slips(name.lower(), candidate.lower()), candidate)
        if found[0] <= most and (best is None or found < best):
            best = found
    return best[1] if best else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The help line, or nothing."""
    found = closest(name, known)
    return f"did you mean `{found}`?" if found else ""


def _slips(one: str, other: str) -> int:
    """Letters left out, added, exchanged or swapped with a neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i, *([0] * len(other))]
        for j, opposite in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
