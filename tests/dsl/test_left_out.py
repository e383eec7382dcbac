"""A rule set without an error is whole: nothing that is declared is left out without a word, however it was edited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.program import Program
from dsl.source import Source

_HERE = Path(__file__).parent
_TEXTS = {
    name: (_HERE / name).read_text(encoding="utf-8") for name in ("work.rules", "tour.rules", "whole.rules")
}
_TOKENS = {name: re.findall(r"\w+(?:\.\w+)*|[^\w\s]|\s+", text) for name, text in _TEXTS.items()}
_INSERTED = {name: sorted({token for token in tokens if token.strip()}) for name, tokens in _TOKENS.items()}
_DECLARES = re.compile(
    r"^(workflow|automation|orchestration|adaptation|maintenance|detection|recovery|agent|channel|test|event|derive|calendar|alert|probe)\b",
    re.MULTILINE,
)


def _checked(name: str, text: str) -> Checked:
    text = text.replace("use std.healing { without agent_down }", "")
    return check([Source(name, text)], replace(vocabulary(), later={}))


def _declared(program: Program) -> int:
    work = (program.workflows, program.automations, program.orchestrations, program.adaptations)
    others = (program.maintenances, program.detections, program.recoveries, program.agents, program.channels)
    more = (program.events, program.derives, program.calendars, program.alerts, program.probes)
    return sum(map(len, (*work, *others, *more, program.tests)))


@pytest.mark.parametrize("name", _TEXTS)
def test_the_whole_file_is_right(name: str) -> None:
    found = _checked(name, _TEXTS[name])
    assert found.errors == ()
    assert found.program is not None
    assert _declared(found.program) == len(_DECLARES.findall(_TEXTS[name]))


def _edits(name: str) -> st.SearchStrategy[list[tuple[int, str]]]:
    place = st.integers(0, len(_TOKENS[name]) - 1)
    return st.lists(st.tuples(place, st.sampled_from(["", *_INSERTED[name]])), min_size=1, max_size=3)


@settings(deadline=None, max_examples=40)
@pytest.mark.parametrize("name", _TEXTS)
@given(data=st.data())
def test_nothing_is_left_out_without_a_word(name: str, data: st.DataObject) -> None:
    tokens = list(_TOKENS[name])
    for at, token in data.draw(_edits(name)):
        tokens[at] = token if tokens[at].strip() else tokens[at]
    text = "".join(tokens)
    found = _checked(name, text)
    if found.program is not None:
        assert _declared(found.program) == len(_DECLARES.findall(text))
