from __future__ import annotations

from collections.abc import Iterator

import pytest

from daemon.intelligence import SystemIntelligence


@pytest.fixture
def system() -> Iterator[SystemIntelligence]:
    """In memory, without rules of its own."""
    with SystemIntelligence() as made:
        yield made
