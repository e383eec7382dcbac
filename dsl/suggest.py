"""Did you mean …? The one nearest name, or none."""

from __future__ import annotations

from collections.abc import Collection, Iterator

_MANY = 300  # from so many names on, only those one slip away are looked for: by looking them up
_LONGEST = 64
_LETTERS = "abcdefghijklmnopqrstuvwxyz_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def closest(name: str, known: Collection[str]) -> str | None:
    """The known name with the fewest slips to `name`, when they are few for its length; ties go to the first by name."""
    if len(name) > _LONGEST:
        return None
    if len(known) > _MANY:
        names = set(known)
        return min((near for near in _one_slip_away(name) if near in names and near != name), default=None)
    most = max(1, min(3, len(name) // 3))
    near = [one for one in known if abs(len(one) - len(name)) <= most and one != name]
    found = min(((_slips(name.lower(), one.lower()), one) for one in near), default=(most + 1, ""))
    return found[1] if found[0] <= most else None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The help line, or nothing."""
    found = closest(name, known)
    return f"did you mean `{found}`?" if found else ""


def _one_slip_away(name: str) -> Iterator[str]:
    for at in range(len(name) + 1):
        head, tail = name[:at], name[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
            yield head + letter + tail[1:]


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
