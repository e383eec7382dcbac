"""Which detections a condition over `fault` can hold for: asked of kinds and names, it is the same as asked of each."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.expressions import And, Compare, Constant, Expression, Field, Not, Or
from dsl.parts import Condition, Place, RuleHead
from dsl.program import CATEGORIES, SEVERITIES, Detection, Tier
from dsl.resolve.possible import Detections, can_hold

_NAMES = st.sampled_from(["a", "b", "c", "critical", "", "?"])
_ALWAYS = Condition(Constant(True))


@st.composite
def _detection(draw: st.DrawFn, name: str) -> Detection:
    severities = draw(st.lists(st.sampled_from(SEVERITIES), min_size=1, max_size=3, unique=True))
    tiers = tuple(Tier(one, _ALWAYS) for one in severities) if len(severities) > 1 else ()
    head, category = RuleHead(name, "", Place("x", 1)), draw(st.sampled_from(CATEGORIES))
    return Detection(head, None, severities[0], category, _ALWAYS, None, None, None, (), (), 0.0, tiers=tiers)


def _compared() -> st.SearchStrategy[Expression]:
    values = st.sampled_from([*CATEGORIES, *SEVERITIES]) | _NAMES
    fields = st.sampled_from(["name", "category", "severity", "attempts"])
    sides = fields.map(lambda name: Field("fault", (name,))) | values.map(Constant)
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "contains", "matches", "in"])
    several = st.lists(values, max_size=3).map(lambda some: Constant(tuple(some)))
    return st.builds(Compare, operators, sides, sides) | st.builds(Compare, st.just("in"), sides, several)


_CONDITIONS = st.recursive(
    _compared(),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        *(
            st.builds(kind, st.lists(inner, min_size=1, max_size=3).map(tuple))
            for kind in (And, Or)
        ),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(_NAMES, unique=True).flatmap(lambda names: st.tuples(*map(_detection, names))), _CONDITIONS)
def test_it_is_the_same(found: tuple[Detection, ...], where: Expression) -> None:
    detections = Detections(found)
    meant = detections.meant(where)
    right = [one for one in found if can_hold(where, one)]
    assert list(detections.of(meant)) == right
    assert [one for one in found if meant.has(one)] == right
