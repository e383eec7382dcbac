"""A rule set without an error is whole: nothing that is declared is left out without a word, however it was edited."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.program import Program
from dsl.source import Source

_TEXT = Path(__file__).with_name("work.rules").read_text(encoding="utf-8")
_TOKENS = re.findall(r"\w+(?:\.\w+)*|[^\w\s]|\s+", _TEXT)
_INSERTED = sorted({token for token in _TOKENS if token.strip()})
_DECLARES = re.compile(
    r"^(workflow|automation|orchestration|adaptation|maintenance|detection|recovery|agent|channel|test)\b",
    re.MULTILINE,
)


def _checked(text: str) -> Checked:
    return check([Source("work.rules", text)], vocabulary())


def _declared(program: Program) -> int:
    work = (program.workflows, program.automations, program.orchestrations, program.adaptations)
    others = (program.maintenances, program.detections, program.recoveries, program.agents, program.channels)
    return sum(map(len, (*work, *others, program.tests)))


def test_the_whole_file_is_right() -> None:
    found = _checked(_TEXT)
    assert found.findings == ()
    assert found.program is not None
    assert _declared(found.program) == len(_DECLARES.findall(_TEXT))


_EDITS = st.lists(
    st.tuples(st.integers(0, len(_TOKENS) - 1), st.sampled_from(["", *_INSERTED])), min_size=1, max_size=3
)


@settings(deadline=None, max_examples=150)
@given(_EDITS)
def test_nothing_is_left_out_without_a_word(edits: list[tuple[int, str]]) -> None:
    tokens = list(_TOKENS)
    for at, token in edits:
        tokens[at] = token if tokens[at].strip() else tokens[at]
    text = "".join(tokens)
    found = _checked(text)
    if found.program is not None:
        assert _declared(found.program) == len(_DECLARES.findall(text))
