"""Random expressions and random values for hypothesis: well typed and not, nested, deep."""

from __future__ import annotations

from hypothesis import strategies as st

from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    ListOf,
    MapOf,
    Negative,
    Not,
    Or,
    Template,
)

NAMES = ("a", "b", "c", "name")
_numbers = st.one_of(
    st.integers(-3, 3), st.integers(min_value=10**30, max_value=10**400), st.floats(-3, 3), st.sampled_from([0.05, 1e308, -1e308])
)  # fmt: skip
_scalars = st.one_of(
    _numbers, st.booleans(), st.none(), st.sampled_from(["", "a", "b", "up", "low", "high", "5xx"])
)
values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
facts = st.dictionaries(st.sampled_from(NAMES), values, max_size=4)

_constants = st.one_of(
    _scalars.map(Constant), st.sampled_from([Constant(("a", "b", 1.0)), Constant((None, "a")), Constant(())])
)
_paths = st.lists(st.sampled_from([*NAMES, 0, 1]), min_size=1, max_size=2).map(tuple)
fields = st.builds(Field, st.sampled_from(["it", "host", "nothing"]), _paths)
_patterns = st.sampled_from([Constant("5.."), Constant("[a-b]*"), Constant("(up|low)")])
ORDER = ("low", "medium", "high")


def _calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.builds(Call, st.sampled_from(["since", "remaining", "known"]), st.tuples(inner))


def _compared(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "contains"])
    plain = st.builds(Compare, operators, inner, inner)
    ranked = st.builds(Compare, st.sampled_from(["<", "<=", ">", ">="]), inner, inner, st.just(ORDER))
    return plain | ranked | st.builds(Compare, st.just("matches"), inner, _patterns)


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=4).map(tuple)
    return st.one_of(
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Not, inner),
        _compared(inner),
        st.builds(Arithmetic, st.sampled_from(["+", "-", "*", "/", "mod"]), inner, inner),
        st.builds(Negative, inner),
        _calls(inner),
        st.builds(Template, st.tuples(st.just("x"), inner)),
        st.builds(ListOf, several),
        st.builds(MapOf, st.lists(st.tuples(st.sampled_from(NAMES), inner), max_size=2).map(tuple)),
    )


expressions = st.recursive(_constants | fields, _larger, max_leaves=12)
