from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.editor.client import Client


@pytest.fixture(scope="package")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for all tests, each of which has a directory of its own; it ends as it should."""
    client = Client(tmp_path_factory.mktemp("editor"))
    yield client
    assert client.close() == 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test writes its rules; nothing is on disk yet."""
    return tmp_path / "my.rules"
