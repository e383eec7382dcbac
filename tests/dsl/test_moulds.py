"""A block that is cast has the tree that it has when it is parsed, whatever its names, numbers and texts are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dsl import automaton
from dsl.automaton import parse
from dsl.moulds import Moulds
from tests.dsl.test_automaton import _BLOCKS, _PIECES

_VALUE = re.compile(r"""[A-Za-z_]\w*|[0-9][\w.%:]*|"[^"\n]*"|'[^'\n]*'""")
_VALUES = [
    *(
        "a",
        "rule_17",
        "on",
        "for",
        "order",
        "android",
        "not",
        "in",
        "true",
        "falsehood",
        "contains",
        "mod",
        "é",
    ),
    *("0", "7", "7.5", "1.", "1.5.2", "10s", "1h30m", "5%", "0.5%", "10:30", "10:30:15", "1:2", "5s%", "7a7"),
    *('""', '"a"', '"{agent.name} \\" is"', '"# (["', '"é"', "''", "'a\"b'", "'\\'"),
]


def _alike(moulds: Moulds, text: str) -> None:
    assert moulds.tree(text) == automaton.parse(text, "block")


def test_the_shipped_rules_with_other_names_and_numbers() -> None:
    moulds = Moulds()
    for number in range(4):
        for block in _BLOCKS:
            named = re.sub(r"\b([a-z]+_[a-z_]+)\b", rf"\1{'x' * number}", block)
            _alike(moulds, re.sub(r"\b[1-9](?=[0-9]*[smh%])", str(number + 1), named))


def test_of_a_shape_the_third_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counting(text: str, *more: Any) -> Any:
        parsed.append(text)
        return parse(text, *more)

    monkeypatch.setattr(automaton, "parse", counting)
    moulds = Moulds()
    texts = [
        f'detection down_{n} {{ when agent.cpu > {n}% for {n}0s; message "{n}" }}' for n in range(1, 12, 2)
    ]
    found = [moulds.tree(text) for text in texts]
    assert parsed == texts[:2]
    assert found == [parse(text, "block") for text in texts]


_CHANGE = st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from([*_VALUES, *_PIECES]))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(_BLOCKS), st.lists(st.lists(_CHANGE, max_size=3), min_size=1, max_size=3))
@example("test x { at items[7] }", [[], [(0.9, "7.5")]])
@example('let x = {"odd key": [a b]}', [[], [(0.5, '"a\\"b"')], [(0.9, "order")]])
@example("test (x) { a: (b.c[0]) + (((1))) * -f(x) }", [[], [(0.2, "y")]])
def test_whatever_stands_in_its_place(text: str, changes: list[list[tuple[float, str]]]) -> None:
    moulds = Moulds()
    for _ in range(2):
        _alike(moulds, text)
    for some in changes:
        changed = text
        for where, value in some:
            found = list(_VALUE.finditer(changed))
            if found:
                start, end = found[int(where * len(found))].span()
                changed = changed[:start] + value + changed[end:]
        for _ in range(3):
            _alike(moulds, changed)
