"""The answer to `whynot`."""

from __future__ import annotations

from typing import NamedTuple

Line = tuple[int, str]


class Reason(NamedTuple):
    """`verdict`: acts (it does, or is about to), waits (for time to pass), no, unknown. Lines as in `why`: depth and text."""

    verdict: str
    lines: list[Line]


def deeper(lines: list[Line], by: int = 1) -> list[Line]:
    return [(depth + by, line) for depth, line in lines]


def verdict_of(value: object) -> str:
    return "unknown" if value is None else "no"


def said(verdict: str) -> str:
    return {"unknown": "unknown", "waits": "not true yet"}.get(verdict, "not true")
