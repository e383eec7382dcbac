"""What the first page shows is right: its rules are checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
RULES = [block for block in BLOCKS if re.match(r"(agent|workflow) ", block)]


@pytest.mark.parametrize("text", RULES, ids=lambda text: text.split("\n", 1)[0])
def test_the_rules_it_shows_are_right(text: str) -> None:
    assert [finding.message for finding in check([Source("readme.rules", text)], vocabulary()).findings] == []


def test_it_shows_healing_and_work() -> None:
    assert len(RULES) == 2
