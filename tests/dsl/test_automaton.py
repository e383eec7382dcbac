"""The loop that parses blocks does what lark does, and the tables that it parses by are those of the grammar."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, Token, UnexpectedInput

from dsl import automaton
from dsl.blocks import cut
from dsl.builder import Builder, Sign
from dsl.source import Source
from dsl.tables import NAME, grammar, tables
from dsl.tabulate import STARTS
from tools.tables import FILE, written

_RULES = Path(__file__).parents[2] / "rules"
_TOUR = Path(__file__).with_name("tour.rules").read_text(encoding="utf-8")
_SOURCES = [_TOUR, *(path.read_text(encoding="utf-8") for path in sorted(_RULES.rglob("*.rules")))]
_WORDS = {
    "agent",
    "detection",
    "recovery",
    "fact",
    "probe",
    "test",
    "workflow",
    "automation",
    "orchestration",
}
_BLOCKS = sorted({block.text for text in _SOURCES for block in cut(Source("x", text), _WORDS).blocks})
_PIECES = sorted({piece for block in _BLOCKS for piece in re.findall(r"\w+|\s+|[^\w\s]+", block)})


def test_the_tables_are_those_of_the_grammar() -> None:
    assert written() == FILE.read_bytes(), f"{NAME} is out of date; run `make tables`"
    assert tables().digest in FILE.read_text(encoding="utf-8")


def test_the_shipped_rules_become_the_same_trees() -> None:
    for block in _BLOCKS:
        assert automaton.parse(block, "block") == _by_lark(block, "block") is not None


_EDIT = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 8), st.sampled_from(["", *_PIECES]))


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(_BLOCKS), st.lists(_EDIT, max_size=4), st.sampled_from(STARTS))
def test_whatever_the_text_both_read_it_alike(
    text: str, edits: list[tuple[float, int, str]], start: str
) -> None:
    for where, removed, inserted in edits:
        at = int(where * (len(text) + 1))
        text = text[:at] + inserted + text[at + removed :]
    assert automaton.parse(text, start) == _by_lark(text, start)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_expressions_are_read_alike(text: str) -> None:
    assert automaton.parse(text, "expression") == _by_lark(text, "expression")


def _by_lark(text: str, start: str) -> object:
    try:
        return _lark().parse(text, start=start)
    except UnexpectedInput:
        return None


@cache
def _lark() -> Lark:
    return Lark(
        grammar(),
        parser="lalr",
        lexer="contextual",
        start=STARTS,
        maybe_placeholders=False,
        transformer=_ForLark(),
    )


class _ForLark:
    """The builder as lark calls it: with its tokens, and with lists of what rules are made of."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(Builder(), name)
        if name.isupper():
            return lambda token: method(str(token), token.start_pos, token.end_pos)
        return lambda children: method([_sign(child) for child in children])


def _sign(child: object) -> object:
    if isinstance(child, Token):
        return Sign(child.start_pos or 0, child.end_pos or 0, str(child))
    return child
