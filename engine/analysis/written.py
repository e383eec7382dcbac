"""How values are written in messages: `{agent.latency}` of 0.25 as a duration is 250ms."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from math import isfinite

UNKNOWN = "unknown"
_SIZES = (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
_SPANS = (("d", 86400), ("h", 3600), ("m", 60))


def written(value: object, kind: str = "") -> str:
    """The value as text; `kind` is the type it was declared with, "" when nothing is known of it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 1000:  # no float holds it
        return f"about 1e{int(value.bit_length() * 0.30103)}"
    if isinstance(value, (int, float)):
        if not isfinite(value):
            return UNKNOWN
        return _NUMBERS.get(kind, plain)(value)
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def plain(value: float) -> str:
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else f"{value:.6g}"


def percent(value: float) -> str:
    return f"{plain(round(value * 100, 2))}%"


def size(value: float) -> str:
    for unit, scale in _SIZES:
        if abs(value) >= scale:
            return f"{plain(round(value / scale, 2))}{unit}"
    return f"{plain(value)}B"


def duration(value: float) -> str:
    """At most two units: 2h30m, 250ms."""
    if value < 0:
        return "-" + duration(-value)
    if 0 < value < 1:
        return f"{round(value * 1000, 3):.6g}ms"
    if value < 60:
        return f"{round(value, 2) or 0:.6g}s"
    parts: list[str] = []
    for unit, scale in (*_SPANS, ("s", 1)):
        count, value = divmod(value, scale)
        if count:
            parts.append(f"{int(count)}{unit}")
    return "".join(parts[:2])


def instant(value: float) -> str:
    """UTC ISO-8601; what no calendar reaches is written as its number."""
    try:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return plain(value)


_NUMBERS = {"percent": percent, "size": size, "duration": duration, "time": instant}
