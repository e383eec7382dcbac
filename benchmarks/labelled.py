"""A series, and where something was wrong in it."""

from __future__ import annotations

from typing import NamedTuple


class Labelled(NamedTuple):
    """A series, and the windows in which something was wrong, as first and last index."""

    name: str
    instants: list[float]
    values: list[float]
    windows: list[tuple[int, int]]

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[0]
