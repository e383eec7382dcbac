"""Random conditions over a world so small that all of its facts can be tried."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    Negative,
    Not,
    Or,
)
from dsl.program import FactField, FactType
from dsl.proofs.example import NOW
from dsl.proofs.world import World

LEVELS = ("low", "medium", "high")
THING = FactType(
    "thing",
    "",
    (FactField("name", "text"),),
    (
        FactField("x", "number"),
        FactField("y", "number"),
        FactField("on", "flag"),
        FactField("level", "one of", LEVELS),
        FactField("text", "text"),
        FactField("seen", "time"),
    ),
)
WORLD = World({"thing": THING})
_VALUES: dict[str, tuple[object, ...]] = {
    "x": (None, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
    "y": (None, 0.0, 1.0, 2.0, 5.0),
    "on": (None, True, False),
    "level": (None, *LEVELS),
    "text": (None, "", "a", "b", "ab", "503"),
    "seen": (None, NOW, NOW - 1.0, NOW - 2.5),
}
NUMBERS = (0.0, 1.0, 2.0)
_PATTERNS = ("a", "[ab]+", "5..", ".*", "a|b", r"\d+")


def field(name: str) -> Field:
    return Field("thing", (name,))


def all_facts(names: set[str]) -> Iterator[dict[str, object]]:
    """Every combination of values of these fields, the others unknown."""
    ordered = sorted(names)
    for values in product(*(_VALUES[name] for name in ordered)):
        yield {name: value for name, value in zip(ordered, values, strict=True) if value is not None}


_constants = st.sampled_from(NUMBERS).map(Constant)
_x, _y, _seen = field("x"), field("y"), field("seen")
_quantities = st.one_of(
    st.sampled_from([_x, _y, _x, Call("since", (_seen,)), Call("remaining", (_seen,)), Arithmetic("-", Call("now", ()), _seen)]),
    st.builds(Arithmetic, st.sampled_from("+-*/"), st.sampled_from([_x, _y]), st.sampled_from([_x, _y, Constant(2.0), Constant(1.0)])),
    st.sampled_from([Negative(_x), Arithmetic("-", Constant(3.0), _x)]),
)  # fmt: skip
_orderings = st.sampled_from(["<", "<=", ">", ">="])
_numeric = st.one_of(
    st.builds(Compare, st.one_of(_orderings, st.sampled_from(["==", "!="])), _quantities, _constants | _quantities),
    st.builds(Compare, _orderings, _constants, _quantities),
    st.builds(Compare, st.just("in"), st.sampled_from([_x, _y]), st.sampled_from([Constant((0.0, 1.0)), Constant((2.0,)), Constant(())])),
)  # fmt: skip
_level, _text, _on = field("level"), field("text"), field("on")
_textual = st.one_of(
    st.builds(Compare, st.sampled_from(["==", "!="]), st.sampled_from([_level, _text]), st.sampled_from(["low", "high", "a", "b"]).map(Constant)),
    st.builds(Compare, _orderings, st.just(_level), st.sampled_from(LEVELS).map(Constant), st.just(LEVELS)),
    st.builds(Compare, st.just("in"), st.just(_level), st.sampled_from([Constant(("low", "high")), Constant(("medium",))])),
    st.builds(Compare, st.just("matches"), st.just(_text), st.sampled_from(_PATTERNS).map(Constant)),
    st.builds(Compare, st.just("contains"), st.just(_text), st.sampled_from(["a", "b"]).map(Constant)),
    st.builds(Compare, st.just("in"), st.just(_text), st.sampled_from([Constant("ab"), Constant(("a", "b"))])),
)  # fmt: skip
_known = st.sampled_from(["x", "y", "on", "level", "text", "seen"]).map(
    lambda name: Call("known", (field(name),))
)
_flags = st.sampled_from([_on, Compare("==", _on, Constant(True)), Compare("!=", _on, Constant(True)), Constant(True), Constant(False)])  # fmt: skip
_literals = st.one_of(_numeric, _numeric, _textual, _known, _flags)


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(And, several), st.builds(And, several), st.builds(Or, several), st.builds(Not, inner)
    )


conditions = st.recursive(_literals, _larger, max_leaves=8)
