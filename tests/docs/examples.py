"""The examples of docs/language: every block of rules, and what the comment above it says of it.

<!-- with swarm -->             together with docs/language/examples/swarm.rules
<!-- finding V302 -->           gives exactly this finding
<!-- with swarm, finding V302 -->
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dsl.source import Source

PAGES = Path(__file__).parent.parent.parent / "docs" / "language"
_BLOCK = re.compile(r"(?:^<!--(?P<says>[^\n]*)-->\n)?^```rules\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """`name` is the page with the line of the block. `expected`: the one finding that it shows, if it shows one."""

    name: str
    text: str
    ground: tuple[str, ...]
    expected: str | None

    @property
    def sources(self) -> list[Source]:
        given = [Source(f"{name}.rules", _ground(name)) for name in self.ground]
        return [*given, Source("example.rules", self.text)]


def examples() -> list[Example]:
    return [example for page in sorted(PAGES.glob("*.md")) for example in _of_page(page)]


def _of_page(page: Path) -> Iterator[Example]:
    text = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(text):
        says = [part.split() for part in (match["says"] or "").split(",") if part.strip()]
        unknown = [part for part in says if part[0] not in ("with", "finding") or len(part) != 2]
        assert not unknown, f"{page.name}: a comment above a block says {unknown}"
        line = text.count("\n", 0, match.start("text")) + 1
        ground = tuple(what for word, what in says if word == "with")
        expected = next((what for word, what in says if word == "finding"), None)
        yield Example(f"{page.name}:{line}", match["text"], ground, expected)


@cache
def _ground(name: str) -> str:
    return (PAGES / "examples" / f"{name}.rules").read_text(encoding="utf-8")
