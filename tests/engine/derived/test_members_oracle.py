"""Aggregates, groups and joins: the faults are those of a look at every member, after every event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dsl import program as p
from dsl.expressions import Aggregate, Arithmetic, Compare, Constant, Expression, Field, Members
from engine.analysis.evaluate import MEMBERS, evaluate
from tests.engine.programs import both, compare, detection, either, equals, field, negated, program
from tests.engine.world import World

TYPES = {name: p.FactType(name, "", (p.FactField("name", "text"),), ()) for name in ("item", "other", "host")}
Facts = dict[tuple[str, str], dict[str, Any]]
ITEM, OTHER = p.Binding("item", "item"), p.Binding("other", "other")
GROUP = p.Binding("item", "item", by=("tier",))
JOIN = p.Binding("item", "item", joined=(("other", "other"),), matching=("tier",))
SELF_JOIN = p.Binding("item", "a", joined=(("item", "b"),), matching=("tier",))

# --- conditions ---------------------------------------------------------------------------------------------------------

_tiers = st.sampled_from(["a", "b"])
_numbers = st.sampled_from([0.0, 1.0, 2.0])


def about(name: str) -> st.SearchStrategy[Expression]:
    """A condition about one thing."""
    return st.one_of(
        st.builds(equals, st.just(f"{name}.tier"), _tiers),
        st.builds(compare, st.just(f"{name}.x"), st.sampled_from([">", "<=", "!="]), _numbers),
        st.builds(equals, st.just(f"{name}.on"), st.booleans()),
    )


def between(member: str, outer: str) -> st.SearchStrategy[Expression]:
    """A condition that binds a member to what is outside."""
    return st.one_of(
        st.builds(compare, st.just(f"{member}.tier"), st.just("=="), st.just(field(f"{outer}.tier"))),
        st.builds(compare, st.just(f"{outer}.x"), st.just("=="), st.just(field(f"{member}.x"))),
        st.builds(compare, st.just(f"{member}.x"), st.just("<"), st.just(field(f"{outer}.x"))),
        st.builds(compare, st.just(f"{member}.x"), st.just(">="), st.just(field("host.x"))),
    )


@st.composite
def aggregates(draw: st.DrawFn, outers: tuple[str, ...], grouped: bool = False) -> Expression:
    """Each once as a condition: a count against a number, a sum against another, any, no, all."""
    kind = "item" if grouped else draw(st.sampled_from(["item", "other"]))
    name = draw(st.sampled_from([kind, "m"]))
    wheres = [about(name), st.builds(both, about(name), about(name))]
    visible = [outer for outer in outers if outer != name]
    if visible and not grouped:
        bound = between(name, draw(st.sampled_from(visible)))
        wheres += [bound, st.builds(both, bound, about(name)), st.builds(both, bound, bound)]
    where = draw(st.none() | st.one_of(wheres))
    members = Members(kind, name, where, of_group=grouped)
    function = draw(
        st.sampled_from(["any", "all", "no", "count", "count", "distinct", "sum", "avg", "min", "max"])
    )
    if function in ("any", "no"):
        return Aggregate(function, members)
    if function == "all":
        return Aggregate(function, members, draw(about(name)))
    operator = draw(st.sampled_from([">", ">=", "<", "<=", "==", "!="]))
    against = Constant(draw(st.sampled_from([0.0, 1.0, 2.0, 3.0])))
    value = None if function == "count" else field(f"{name}.{'tier' if function == 'distinct' else 'x'}")
    found = Aggregate(function, members, value)
    if draw(st.booleans()) or function != "count":
        return Compare(operator, found, against)
    return draw(
        st.sampled_from(
            [
                Compare(operator, against, found),
                Compare(operator, Arithmetic("/", found, Constant(2.0)), against),
            ]
        )
    )


@st.composite
def rules(draw: st.DrawFn) -> p.Detection:
    binding = draw(st.sampled_from([None, ITEM, OTHER, GROUP, JOIN, SELF_JOIN]))
    names = () if binding is None else (binding.name, *(name for _, name in binding.joined))
    grouped = binding is GROUP
    parts = [aggregates(names, grouped), aggregates(names, grouped)]
    if names and not grouped:
        parts += [about(name) for name in names]
    one, two = draw(st.one_of(parts)), draw(st.one_of(parts))
    condition = draw(st.sampled_from([one, both(one, two), either(one, two), negated(one)]))
    if binding is ITEM and draw(st.booleans()):
        binding = replace(binding, where=draw(about("item")))
    return replace(detection("", condition, of=None), binding=binding)


# --- what happens -------------------------------------------------------------------------------------------------------

_values = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["a", "b", None]),
        "x": st.sampled_from([0.0, 1.0, 2.0, None]),
        "on": st.sampled_from([True, False, None]),
    }
)
_subjects = st.sampled_from(
    [("item", "i"), ("item", "j"), ("item", "k"), ("other", "o"), ("other", "q"), ("host", "host")]
)
happenings = st.lists(
    st.tuples(_subjects, _values) | st.tuples(_subjects, _values) | st.tuples(_subjects, st.none()),
    max_size=14,
)

# --- the oracle ---------------------------------------------------------------------------------------------------------


class Oracle:
    """Looks at everything again after every event."""

    def __init__(self, found: list[p.Detection]) -> None:
        self.rules = found
        self.facts: Facts = {}
        self.open: set[tuple[str, str]] = set()

    def look(self) -> None:
        for rule in self.rules:
            name, still = rule.head.name, set()
            for key, bindings, members in self._subjects(rule.binding):
                still.add((name, key))
                self._follow(rule, (name, key), {**bindings, MEMBERS: members})
            self.open -= {fault for fault in self.open if fault[0] == name and fault not in still}

    def _follow(self, rule: p.Detection, fault: tuple[str, str], bindings: Mapping[str, Any]) -> None:
        where = rule.binding.where if rule.binding else None
        among = True if where is None else evaluate(where, bindings, 0.0)
        holds = evaluate(rule.when.expression, bindings, 0.0)
        if fault in self.open:
            if among is False or holds is False:
                self.open.discard(fault)
        elif among is True and holds is True:
            self.open.add(fault)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [values for (one, _), values in self.facts.items() if one == kind]

    def _subjects(self, binding: p.Binding | None) -> Iterator[tuple[str, dict[str, Any], Any]]:
        singles = {"host": self.facts.get(("host", "host"), {})}
        if binding is None:
            if singles["host"]:
                yield "host", singles, self.of
        elif binding.by:
            for tier in sorted({values["tier"] for values in self.of("item") if values["tier"]}):
                inside = [values for values in self.of("item") if values["tier"] == tier]
                yield tier, {**singles, "item": {"tier": tier}}, lambda kind, inside=inside: inside
        elif binding.joined:
            parts = ((binding.type, binding.name), *binding.joined)
            for combination in product(*(self.of(kind) for kind, _ in parts)):
                tiers = {values["tier"] for values in combination}
                if len(tiers) == 1 and None not in tiers:
                    names = [name for _, name in parts]
                    key = ", ".join(values["name"] for values in combination)
                    yield key, {**singles, **dict(zip(names, combination, strict=True))}, self.of
        else:
            for values in self.of(binding.type):
                yield values["name"], {**singles, binding.name: values}, self.of


def run(found: list[p.Detection], events: list[Any], reload_at: int | None = None) -> None:
    found = [replace(rule, head=replace(rule.head, name=f"rule{n}")) for n, rule in enumerate(found)]
    world, oracle = World(replace(program(*found), fact_types=TYPES)), Oracle(found)
    for number, (subject, values) in enumerate(events):
        world.at(number + 1.0)
        kind, key = subject
        if values is None:
            world.withdraw(kind, key)
            oracle.facts.pop(subject, None)
        else:
            world.report(kind, key, name=key, **values)
            oracle.facts[subject] = {"name": key, **values}
        oracle.look()
        if number == reload_at:
            world.load(replace(program(*found), fact_types=TYPES))
        assert world.open_faults() == oracle.open, (number, subject, values)
    world.close()


# With the profile `search` more of them: rules of all kinds together are in test_whole_oracle.
_fewer = settings(max_examples=max(120, settings.default.max_examples // 2))


@_fewer
@given(st.lists(rules(), min_size=1, max_size=3), happenings)
@example(
    [replace(detection("r", Aggregate("any", Members("item", "item", None))), binding=None)],
    [(("host", "host"), {"tier": None, "x": 0.0, "on": None})],
)
def test_faults_are_those_of_a_look_at_every_member(found: list[p.Detection], events: list[Any]) -> None:
    run(found, events)


@_fewer
@given(st.lists(rules(), min_size=1, max_size=3), happenings, st.integers(0, 10))
def test_a_reload_changes_nothing(found: list[p.Detection], events: list[Any], reload_at: int) -> None:
    run(found, events, reload_at)


def test_a_field_of_the_group_can_be_read() -> None:
    rule = replace(
        detection("r", Compare(">", Aggregate("sum", Members("item", "item", None, True), Field("item", ("x",))), Constant(2.0))),
        binding=GROUP,
        message=None,
    )  # fmt: skip
    world = World(replace(program(rule), fact_types=TYPES))
    world.report("item", "i", name="i", tier="a", x=1.0)
    world.report("item", "j", name="j", tier="a", x=1.5)
    world.report("item", "k", name="k", tier="b", x=2.0)
    assert world.open_faults() == {("r", "a")}
    assert world.fault("r")["subject_type"] == "item by tier"
    assert "sum(item.x) was 2.5" in world.why(world.fault("r")["id"])[-1]
