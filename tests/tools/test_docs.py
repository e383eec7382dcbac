"""The pages that are made from data are the ones in the repository."""

from __future__ import annotations

from tools.docs import pages


def test_the_made_pages_are_current() -> None:
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date; run `make docs`"
