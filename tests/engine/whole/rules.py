"""Random rules of every kind, over facts and events of a few types."""

from __future__ import annotations

from collections.abc import Sequence

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
from dsl.parts import Happening, Moment, Schedule
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
WITHIN, EVERY = 3 + 1 / 4, Schedule("every", every=7.0, offset=3 / 8)
HOLDS, PATIENCES, FRESH = (0.0, 2 + 1 / 512), (0.0, 1 + 1 / 1024), (None, None, 5 + 1 / 2048)

TYPES = {
    name: p.FactType(name, "", (p.FactField("name", "text"),), ())
    for name in ("item", "other", "host", "made")
}
EVENTS = tuple(
    p.EventType(name, "", (p.FactField("tier", "text"), p.FactField("x", "number")))
    for name in ("poke", "nod")
)
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
    function = draw(st.sampled_from(["max", "min", "count", "changes", "increase", "last", "past", "absent"]))
    value, over = field(f"{name}.{draw(_x_or_more)}"), draw(st.sampled_from(OVERS))
    if function == "absent":
        return Window(function, value, name, over)
    window = Window(function, value, name, *((0.0, over) if function == "past" else (over,)))
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
def counted(draw: st.DrawFn, before: Sequence[p.Detection]) -> Expression:
    """About faults of others: those that were raised, and those that are open."""
    name = draw(st.sampled_from([rule.head.name for rule in before]))
    where = draw(st.none() | st.just(equals("fault.severity", "error")))
    over = draw(st.sampled_from(EVENT_OVERS))
    raised = Occurrences("fault", name, "fault", where, over, draw(st.sampled_from(ENDINGS)))
    states = [rule.head.name for rule in before if rule.on is None]
    if not states or draw(st.booleans()):
        return Compare(draw(_orders), raised, Constant(draw(_numbers)))
    # A fault of a moment may end in the instant in which it began; whether others see it in between is nowhere said.
    of_those = equals("fault.name", draw(st.sampled_from(states)))
    still = Aggregate("count", Members("fault", "fault", of_those))
    return Compare(draw(_orders), still, Constant(draw(_numbers)))


@st.composite
def conditions(draw: st.DrawFn, binding: p.Binding | None, before: Sequence[p.Detection] = ()) -> Expression:
    grouped = binding == GROUP
    names = variables(binding)
    parts = [
        aggregates(names, grouped),
        occurrences(("item",) if grouped else () if binding == MADE else names),
    ]
    if binding == MADE:
        parts.append(st.builds(lambda order, number: compare("made.value", order, number), _orders, _numbers))
        parts[0] = aggregates((), False)
    else:
        parts += [one(name) for name in names]
    parts.append(st.just(During("early")))
    if before:
        parts.append(counted(before))
    first, second = draw(st.one_of(parts)), draw(st.one_of(parts))
    return draw(st.sampled_from([first, both(first, second), either(first, second), negated(first)]))


def rules(most: int) -> st.SearchStrategy[list[p.Detection]]:
    """At most so many, each by its place; later ones may read the faults of those before."""
    return st.integers(1, most).flatmap(lambda count: _rules(count))


@st.composite
def _rules(draw: st.DrawFn, count: int) -> list[p.Detection]:
    found: list[p.Detection] = []
    for number in range(count):
        rule = draw(momentary(found)) if draw(st.booleans()) else draw(lasting(found))
        found.append(apart(replace(rule, head=replace(rule.head, name=f"rule{number}")), number / 2**14))
    return found


def apart(rule: p.Detection, shift: float) -> p.Detection:
    """What it waits for is due at other instants than with other rules: of faults that are raised in one instant, none is the first."""

    def longer(condition: p.Condition | None) -> p.Condition | None:
        return replace(condition, hold=condition.hold + shift) if condition and condition.hold else condition

    on = rule.on
    if on is not None:
        schedule = on.schedule and replace(on.schedule, offset=on.schedule.offset + shift)
        on = replace(on, within=on.within + shift, schedule=schedule)
    return replace(
        rule, when=longer(rule.when), until=longer(rule.until), unless=longer(rule.unless), on=on,
        settle=rule.settle and rule.settle + shift,
        tiers=tuple(replace(tier, when=longer(tier.when)) for tier in rule.tiers),
    )  # fmt: skip


@st.composite
def lasting(draw: st.DrawFn, before: Sequence[p.Detection] = ()) -> p.Detection:
    """Its fault is a state."""
    binding = draw(st.sampled_from([None, ITEM, ITEM, OTHER, GROUP, JOIN, SELF_JOIN, MADE]))
    some = conditions(binding, before)
    made = detection(
        "", draw(some), hold=draw(st.sampled_from(HOLDS)), settle=draw(st.sampled_from(PATIENCES)),
        until=draw(st.none() | st.none() | some), until_hold=draw(st.sampled_from(PATIENCES)),
    )  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        made = graded(made, draw(st.lists(tiers(binding), min_size=2, max_size=3)))
    return guarded(draw, replace(made, binding=binding), some, some)


@st.composite
def momentary(draw: st.DrawFn, before: Sequence[p.Detection] = ()) -> p.Detection:
    """Its fault begins in a moment."""
    kinds = ["event", "sequence", "sequence", "change", "change", "schedule"]
    kind = draw(st.sampled_from([*kinds, *(["fault", "fault"] if before else [])]))
    binding = draw(st.sampled_from([None, ITEM, ITEM, OTHER, GROUP, JOIN, SELF_JOIN, MADE]))
    if kind == "fault":
        on, binding, about = draw(faults(before))
    else:
        about = binding
        on = draw(
            {"event": events, "sequence": sequences, "change": changes, "schedule": schedules}[kind](binding)
        )
    some = conditions(about, before)
    made = detection("", Constant(True), until=draw(some), until_hold=draw(st.sampled_from(PATIENCES)))
    passing = one_of_happening(on.first) if on.first is not None else some
    return guarded(draw, replace(made, binding=binding, on=on), some, some | passing)


def guarded(
    draw: st.DrawFn,
    rule: p.Detection,
    lasting: st.SearchStrategy[Expression],
    then: st.SearchStrategy[Expression],
) -> p.Detection:
    """With what it is only about, what blocks it, and what is looked at in the moment in which it would be raised."""
    blocks = draw(st.none() | st.none() | st.builds(p.Condition, lasting, st.sampled_from(PATIENCES)))
    rule = replace(rule, unless=blocks, only_if=draw(st.none() | st.none() | then))
    if rule.binding == ITEM and draw(st.booleans()):
        return replace(rule, binding=replace(ITEM, where=draw(plain("item"))))
    return rule


def one_of_happening(happening: Happening) -> st.SearchStrategy[Expression]:
    name = happening.name
    return st.sampled_from([equals(f"{name}.tier", "a"), compare(f"{name}.x", ">", 0.0), known(f"{name}.x")])


def happening_of(name: str, binding: p.Binding | None, *first: str) -> st.SearchStrategy[Happening]:
    """Any, one that says something, or one that says the same as what the rule is about, or as the first one."""
    like = [f"{one}.tier" for one in (*variables(binding), *first)] if binding != MADE else []
    if binding == GROUP:
        like.append("item.tier")
    wheres = [
        None,
        None,
        compare(f"{name}.x", ">", 0.0),
        *(compare(f"{name}.tier", "==", field(path)) for path in like),
    ]
    kinds = ["poke"] if name == "poke" else ["poke", "nod"]
    return st.builds(Happening, st.sampled_from(kinds), st.just(name), st.sampled_from(wheres))


def variables(binding: p.Binding | None) -> tuple[str, ...]:
    """The variables of single facts."""
    return () if binding is None or binding.by else (binding.name, *(name for _, name in binding.joined))


def events(binding: p.Binding | None) -> st.SearchStrategy[Moment]:
    return st.builds(lambda first: Moment("event", first=first), happening_of("poke", binding))


def sequences(binding: p.Binding | None) -> st.SearchStrategy[Moment]:
    return st.builds(
        lambda first, then, followed: Moment("event", first=first, then=then, followed=followed, within=WITHIN),
        happening_of("poke", binding), happening_of("then", binding, "poke"), st.booleans(),
    )  # fmt: skip


def changes(binding: p.Binding | None) -> st.SearchStrategy[Moment]:
    paths = (
        [(name, at) for name in variables(binding) for at in "xy"] if binding != MADE else [("made", "value")]
    )
    paths += [("host", "x")] if binding != MADE else []
    values = st.sampled_from([None, None, 0.0, 1.0])
    return st.builds(
        lambda path, before, after: Moment("change", path=path, before=before, after=after),
        st.sampled_from(paths), values, values,
    )  # fmt: skip


def schedules(binding: p.Binding | None) -> st.SearchStrategy[Moment]:
    return st.just(Moment("schedule", schedule=EVERY))


@st.composite
def faults(draw: st.DrawFn, before: Sequence[p.Detection]) -> tuple[Moment, None, p.Binding | None]:
    """Of one of those before; what it is about is called by its type."""
    other = draw(st.sampled_from(before))
    binding = binding_of(other, before)
    where = draw(st.none() | st.none() | st.just(equals("fault.severity", "error")))
    return Moment("fault", (other.head.name,), where), None, None if binding == SELF_JOIN else binding


def binding_of(rule: p.Detection, before: Sequence[p.Detection]) -> p.Binding | None:
    """What its faults are about."""
    if rule.on is None or rule.on.kind != "fault":
        return None if rule.binding is None else replace(rule.binding, where=None)
    return binding_of(next(one for one in before if one.head.name == rule.on.names[0]), before)


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
