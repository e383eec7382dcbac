"""Did you mean …?"""

from __future__ import annotations

import pytest

from dsl.suggest import closest


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("staus", ["status", "since"], "status"),
        ("agnet", ["agent", "disk"], "agent"),
        ("Agent", ["agent"], "agent"),
        ("xyz", ["status", "agent"], None),
        ("ab", ["cd"], None),
        ("agent", ["agent"], None),
        ("cat", ["car", "bat"], "bat"),
        ("", ["a"], "a"),
    ],
)
def test_closest(written: str, known: list[str], meant: str | None) -> None:
    assert closest(written, known) == meant
