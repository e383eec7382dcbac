"""How values are written for people."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.written import written
from tests.engine.expressions import values


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "", "unknown"),
        (True, "flag", "true"),
        (3.0, "number", "3"),
        (0.1234567, "number", "0.123457"),
        (1e20, "number", "1e+20"),
        (0.05, "percent", "5%"),
        (0.25, "duration", "250ms"),
        (0, "duration", "0s"),
        (59.5, "duration", "59.5s"),
        (9000, "duration", "2h30m"),
        (-90, "duration", "-1m30s"),
        (512 * 2**20, "size", "512MiB"),
        (100, "size", "100B"),
        (0, "time", "1970-01-01T00:00:00Z"),
        (1e18, "time", "1e+18"),
        (float("inf"), "duration", "unknown"),
        (float("nan"), "time", "unknown"),
        ("text", "", "text"),
        ([1, "ü"], "", '[1, "ü"]'),
        (10**400, "duration", "about 1e400"),
    ],
    ids=range(20),
)
def test_written(value: Any, kind: str, text: str) -> None:
    assert written(value, kind) == text


@given(values, st.sampled_from(["", "number", "percent", "duration", "size", "time", "text", "flag"]))
def test_anything_can_be_written_as_anything(value: Any, kind: str) -> None:
    assert isinstance(written(value, kind), str)
