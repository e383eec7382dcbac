"""Random rules of every kind, over facts and events of a few types."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from dsl import program as p
from dsl.expressions import (
    Aggregate,
    Compare,
    Constant,
    During,
    Expression,
    Members,
    Occurrences,
    Window,
)
from tests.engine.programs import (
    both,
    compare,
    detection,
    either,
    equals,
    field,
    head,
    known,
    negated,
)

# Events fall on whole seconds. Everything else has a fraction of its own, exact in binary, so that no two dues coincide by chance.
OVERS = (3 + 1 / 16, 7 + 1 / 32)
EVENT_OVERS, ENDINGS = (4 + 1 / 64, 9 + 1 / 128), (0.0, 2 + 1 / 256)
HOLDS, PATIENCES, FRESH = (0.0, 2 + 1 / 512), (0.0, 1 + 1 / 1024), (None, None, 5 + 1 / 2048)

TYPES = {
    name: p.FactType(name, "", (p.FactField("name", "text"),), ())
    for name in ("item", "other", "host", "made")
}
EVENTS = (p.EventType("poke", "", (p.FactField("tier", "text"), p.FactField("x", "number"))),)
# The engine's time begins at midnight; the clock of a calendar counts in microseconds.
CALENDARS = (p.Calendar("early", (p.Hours((), 6.3, 11.7), p.Hours((), 17.3, 30.7))),)
TIERS = ("warning", "error", "critical")
ITEM, OTHER, MADE = p.Binding("item", "item"), p.Binding("other", "other"), p.Binding("made", "made")
GROUP = p.Binding("item", "item", by=("tier",))
JOIN = p.Binding("item", "item", joined=(("other", "other"),), matching=("tier",))
SELF_JOIN = p.Binding("item", "a", joined=(("item", "b"),), matching=("tier",))

_numbers = st.sampled_from([0.0, 1.0, 2.0])
_orders = st.sampled_from([">", ">=", "<", "<="])
_x_or_more = st.sampled_from(["x", "y"])


def plain(name: str) -> st.SearchStrategy[Expression]:
    """About the values of now."""
    return st.one_of(
        st.builds(equals, st.just(f"{name}.tier"), st.sampled_from(["a", "b"])),
        st.builds(
            lambda at, order, number: compare(f"{name}.{at}", order, number), _x_or_more, _orders, _numbers
        ),
        st.builds(known, st.just(f"{name}.x")),
    )


@st.composite
def windows(draw: st.DrawFn, name: str) -> Expression:
    """About the samples of one fact."""
    function = draw(st.sampled_from(["max", "min", "count", "changes", "increase", "last"]))
    window = Window(function, field(f"{name}.{draw(_x_or_more)}"), name, draw(st.sampled_from(OVERS)))
    return Compare(draw(_orders), window, Constant(draw(_numbers)))


def one(name: str) -> st.SearchStrategy[Expression]:
    """About one fact."""
    return st.one_of(plain(name), windows(name), st.builds(both, plain(name), windows(name)))


@st.composite
def aggregates(draw: st.DrawFn, outers: tuple[str, ...], grouped: bool) -> Expression:
    kind = "item" if grouped else draw(st.sampled_from(["item", "other"]))
    name = (
        "item" if kind == "item" and (grouped or draw(st.booleans())) else "m" if kind == "item" else "other"
    )
    where = draw(st.none() | one(name))
    if where is not None and outers and not grouped and name not in outers and draw(st.booleans()):
        where = both(compare(f"{name}.tier", "==", field(f"{outers[0]}.tier")), where)
    members = Members(kind, name, where, of_group=grouped)
    function = draw(st.sampled_from(["any", "no", "all", "count", "count", "sum", "avg", "max", "distinct"]))
    if function in ("any", "no"):
        return Aggregate(function, members)
    if function == "all":
        return Aggregate(function, members, draw(one(name)))
    value = {"count": None, "distinct": field(f"{name}.tier")}.get(function, field(f"{name}.x"))
    if function in ("sum", "max") and draw(st.booleans()):
        value = Window("last", field(f"{name}.x"), name, OVERS[0])
    return Compare(draw(_orders), Aggregate(function, members, value), Constant(draw(_numbers)))


@st.composite
def occurrences(draw: st.DrawFn, outers: tuple[str, ...]) -> Expression:
    wheres: list[Expression | None] = [None, compare("poke.x", ">", 0.0), equals("poke.tier", "a")]
    wheres += [compare("poke.tier", "==", field(f"{outer}.tier")) for outer in outers]
    counted = Occurrences(
        "event",
        "poke",
        "poke",
        draw(st.sampled_from(wheres)),
        draw(st.sampled_from(EVENT_OVERS)),
        draw(st.sampled_from(ENDINGS)),
    )
    return Compare(draw(_orders), counted, Constant(draw(_numbers)))


@st.composite
def conditions(draw: st.DrawFn, binding: p.Binding | None) -> Expression:
    grouped = binding is GROUP
    names = () if binding is None or grouped else (binding.name, *(name for _, name in binding.joined))
    parts = [
        aggregates(names, grouped),
        occurrences(("item",) if grouped else () if binding is MADE else names),
    ]
    if binding is MADE:
        parts.append(st.builds(lambda order, number: compare("made.value", order, number), _orders, _numbers))
        parts[0] = aggregates((), False)
    else:
        parts += [one(name) for name in names]
    parts.append(st.just(During("early")))
    first, second = draw(st.one_of(parts)), draw(st.one_of(parts))
    return draw(st.sampled_from([first, both(first, second), either(first, second), negated(first)]))


@st.composite
def rules(draw: st.DrawFn) -> p.Detection:
    binding = draw(st.sampled_from([None, ITEM, ITEM, OTHER, GROUP, JOIN, SELF_JOIN, MADE]))
    made = detection(
        "", draw(conditions(binding)), hold=draw(st.sampled_from(HOLDS)), settle=draw(st.sampled_from(PATIENCES)),
        until=draw(st.none() | st.none() | conditions(binding)), until_hold=draw(st.sampled_from(PATIENCES)),
        unless=draw(st.none() | st.none() | conditions(binding)),
    )  # fmt: skip
    if binding is ITEM and draw(st.booleans()):
        binding = replace(ITEM, where=draw(plain("item")))
    if draw(st.integers(0, 3)) == 0:
        made = graded(made, draw(st.lists(tiers(binding), min_size=2, max_size=3)))
    return replace(made, binding=binding)


def tiers(binding: p.Binding | None) -> st.SearchStrategy[p.Condition]:
    return st.builds(p.Condition, conditions(binding), st.sampled_from((*PATIENCES, HOLDS[-1])))


def graded(rule: p.Detection, found: list[p.Condition]) -> p.Detection:
    """As it is resolved from text: `when` is that one of its tiers holds."""
    when = p.Condition(either(*(condition.expression for condition in found)), 0.0)
    made = tuple(p.Tier(severity, condition) for severity, condition in zip(TIERS, found, strict=False))
    return replace(rule, when=when, severity=TIERS[0], tiers=made)


@st.composite
def derived(draw: st.DrawFn) -> p.Derive:
    where = draw(st.none() | plain("item"))
    value = draw(
        st.sampled_from(
            [
                field("item.x"),
                Aggregate(
                    "sum",
                    Members("other", "other", compare("other.tier", "==", field("item.tier"))),
                    field("other.x"),
                ),
                Window("last", field("item.x"), "item", OVERS[0]),
            ]
        )
    )
    return p.Derive(head("made"), replace(ITEM, where=where), (("value", value),))
