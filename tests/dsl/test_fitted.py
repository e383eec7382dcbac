"""A clause that is like one that fitted binds what it binds when it is held against the shape itself."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.vocabulary import vocabulary
from dsl.fitted import fitted
from dsl.match import match_clause
from dsl.parser import parse_block
from dsl.shape import words_of

_SHAPES = sorted({word.shape for word in vocabulary().words})
_VALUES = [
    *(
        "a",
        "(a)",
        "a.b",
        "a + 1",
        "not a",
        "(not a)",
        "a == 1",
        '"t"',
        "'r'",
        "5s",
        "3",
        "7%",
        "10:30",
        "true",
    ),
    *("[a]", "x: 1", "f(a)", ",", "where a.b", "= 1", "each", "agent", "(each)"),
]


@st.composite
def _written(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A shape, and some clauses of values and of its own words."""
    shape = draw(st.sampled_from(_SHAPES))
    words = sorted(words_of(shape)) or ["a"]
    own = st.sampled_from([*words, *(f"({word})" for word in words), *(f"not {word}" for word in words)])
    items = st.lists(st.sampled_from(_VALUES) | own, max_size=7)
    return shape, draw(st.lists(items.map(" ".join), min_size=1, max_size=6))


@settings(deadline=None, max_examples=300)
@given(_written())
def test_it_is_the_same(written: tuple[str, list[str]]) -> None:
    shape, clauses = written
    for said in (*clauses, *clauses):
        clause = parse_block(f"x {said}").clause
        assert fitted(shape, clause) == match_clause(shape, clause)


def test_the_examples_of_all_words() -> None:
    for word in vocabulary().words:
        for example in (word.example, word.example.replace('"', '"more ')):
            clause = parse_block(example).clause
            assert fitted(word.shape, clause) == match_clause(word.shape, clause)
