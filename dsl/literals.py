"""Small readings of single tokens: the parts of a path, the numbers and units of a quantity."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]{1,9})[0-9]*\]|\["([^"\n]*)"\]')
_TERM = re.compile(r"([0-9]+(?:\.[0-9]+)?)([A-Za-z]+)")

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
BYTES = {
    "B": 1.0,
    "kB": 1e3,
    "KB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "TB": 1e12,
    "PB": 1e15,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
    "TiB": 2.0**40,
    "PiB": 2.0**50,
}
# What people write who mean one of these, in lower case.
MEANT = {
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "min": "m",
    "mins": "m",
    "minute": "m",
    "minutes": "m",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
    "msec": "ms",
    "k": "kB",
    "kb": "kB",
    "mb": "MB",
    "g": "GB",
    "gb": "GB",
    "t": "TB",
    "tb": "TB",
    "ki": "KiB",
    "mi": "MiB",
    "gi": "GiB",
    "ti": "TiB",
    "mib": "MiB",
    "gib": "GiB",
    "kib": "KiB",
    "tib": "TiB",
}


@lru_cache(maxsize=4096)  # the same few fields, in thousands of rules
def path_parts(text: str) -> tuple[str | int, ...]:
    """`body.items[0].id` → ("body", "items", 0, "id")."""
    return tuple(int(match[2]) if match[2] else match[1] or match[3] or "" for match in _PART.finditer(text))


def terms(quantity: str) -> list[tuple[float, str]]:
    """`1h30m` → [(1.0, "h"), (30.0, "m")]."""
    return [(float(number), unit) for number, unit in _TERM.findall(quantity)]
