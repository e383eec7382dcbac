"""The pages of the findings: `docs/findings/Vnnn.md`, in Markdown.

They stand where people look for documentation, and are installed beside the rooms. They are found by their place and not by the name
of a package: any other distribution may bring a package `docs` of its own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PAGES = Path(__file__).parent.parent / "docs" / "findings"


@cache
def page(code: str) -> str:
    """The page of a code that there is; a test keeps one for each."""
    return (_PAGES / f"{code}.md").read_text(encoding="utf-8")


def sections(code: str) -> dict[str, str]:
    """The parts of a page by their headings: What it means, Example, Why it matters, How to fix."""
    parts = page(code).split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
