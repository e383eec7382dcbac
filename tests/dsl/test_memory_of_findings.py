"""Every code is found, and found no longer, after an edit just as in rules that nobody has seen before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.memory import Memory
from dsl.source import Source
from tests.dsl.expectations import MACHINE, TODAY, Case, OnlyThese, cases

_CASES = [case for path in sorted((Path(__file__).parent / "errors").glob("*.rules")) for case in cases(path)]
_WORDS = replace(vocabulary(), later={})
_MOST_BLOCKS = 3


def _checked(sources: tuple[Source, ...], memory: Memory | None) -> Checked:
    given = [source for source in sources if not source.name.startswith("std.")]
    library = OnlyThese(sources)
    return check(given, _WORDS, library=library, capacity=MACHINE, today=TODAY, memory=memory)


def _told(found: Checked) -> object:
    return found.findings, found.program, repr(found.program)


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"(?m)^(?=[a-z])", text) if block]


def _edited(text: str) -> Iterator[str]:
    """Without one of its declarations, with another number in it, moved, and with a name in it that nobody has."""
    blocks = _blocks(text)
    for at, block in enumerate(blocks[:_MOST_BLOCKS]):
        before, after = "".join(blocks[:at]), "".join(blocks[at + 1 :])
        yield before + after
        for pattern, instead in ((r"\d+", "7"), (r"\b(when|on|if|where)\b[^\n;}]*", r"\1 host.cpu > 3%")):
            other = re.sub(pattern, instead, block, count=1)
            if other != block:
                yield before + other + after
        yield f"{before}\n\n{block}{after}"


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_an_edit_away_from_every_code(case: Case) -> None:
    memory = Memory()
    first, *others = case.sources
    whole = _told(_checked(case.sources, None))
    assert _told(_checked(case.sources, memory)) == whole
    for text in dict.fromkeys(_edited(first.text)):
        edited = (Source(first.name, text), *others)
        assert _told(_checked(edited, memory)) == _told(_checked(edited, None)), text
        assert _told(_checked(case.sources, memory)) == whole, text


_ALL = [block for case in _CASES if len(case.sources) == 1 for block in _blocks(case.sources[0].text)]


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_declarations_of_all_cases_together(data: st.DataObject) -> None:
    """Rules that have nothing to do with each other meet, and part again."""
    memory = Memory()
    kept = data.draw(st.lists(st.sampled_from(_ALL), min_size=4, max_size=20, unique=True))
    for _ in range(4):
        at = data.draw(st.integers(0, len(kept)))
        if data.draw(st.booleans()) and kept:
            kept = [*kept[: max(at - 1, 0)], *kept[at:]]
        else:
            kept = [*kept[:at], data.draw(st.sampled_from(_ALL)), *kept[at:]]
        half = len(kept) // 2
        sources = (Source("a.rules", "".join(kept[:half])), Source("b.rules", "".join(kept[half:])))
        assert _told(_checked(sources, memory)) == _told(_checked(sources, None))
