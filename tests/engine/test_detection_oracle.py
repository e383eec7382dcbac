"""Random detections over random facts raise and close exactly the faults, at exactly the instants, that the slow oracle says."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from dsl.expressions import Expression
from dsl.program import Detection
from tests.engine.oracle import Oracle, seen
from tests.engine.programs import both, compare, detection, either, equals, known, negated, program
from tests.engine.world import World

# Events fall on whole seconds; holds, patience and freshness have fractions of their own, so that no two dues coincide.
HOLDS = (0.0, 2 + 1 / 7, 6 + 1 / 7)
PATIENCES = (0.0, 1 + 1 / 11, 5 + 1 / 11)
FRESH = (None, 1 + 1 / 3, 4 + 1 / 3)
TYPES = ("agent", "stream")
FIELDS = ("a", "b", "c")


def atoms(kind: str) -> st.SearchStrategy[Expression]:
    paths = st.sampled_from([f"{kind}.a", f"{kind}.b", f"{kind}.c", f"{kind}.name", "host.a"])
    return st.one_of(
        st.builds(equals, paths, st.sampled_from(["up", "down", "x", "y", 1.0, True])),
        st.builds(compare, paths, st.sampled_from([">", "<=", "!="]), st.sampled_from([0.0, 1.0, 2.0])),
        st.builds(known, paths),
    )


def conditions(kind: str) -> st.SearchStrategy[Expression]:
    return st.recursive(
        atoms(kind),
        lambda inner: (
            st.builds(both, inner, inner) | st.builds(either, inner, inner) | st.builds(negated, inner)
        ),
        max_leaves=4,
    )


def detections_of(kind: str) -> st.SearchStrategy[Detection]:
    some = conditions(kind)
    often, seldom = st.none() | some, st.none() | st.none() | some
    return st.builds(
        detection, st.just(""), some, of=st.just(kind), where=seldom, hold=st.sampled_from(HOLDS), until=often,
        until_hold=st.sampled_from(PATIENCES), unless=seldom, settle=st.sampled_from(PATIENCES),
    )  # fmt: skip


def named(found: list[Detection]) -> list[Detection]:
    return [replace(one, head=replace(one.head, name=f"rule{number}")) for number, one in enumerate(found)]


detections = st.lists(detections_of("agent") | detections_of("stream"), min_size=1, max_size=5).map(named)
_values = st.fixed_dictionaries(
    {name: st.sampled_from(["up", "down", 0.0, 1.0, 2.0, 1, True, False, None]) for name in FIELDS}
)
_subjects = st.sampled_from([("agent", "x"), ("agent", "y"), ("stream", "x"), ("host", "host")])
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("report"), _subjects, _values, st.sampled_from(FRESH)),
        st.tuples(st.just("report"), _subjects, _values, st.sampled_from(FRESH)),
        st.tuples(st.just("repeat"), _subjects),
        st.tuples(st.just("withdraw"), _subjects),
        st.tuples(st.just("wait"), st.integers(1, 9)),
    ),
    max_size=30,
)


def run(found: list[Detection], events: list[Any]) -> None:
    world, oracle = World(program(*found)), Oracle(found)
    last: dict[Any, Any] = {}
    now = 0
    for event in events:
        now += event[1] if event[0] == "wait" else 1
        world.at(now)
        if event[0] in ("report", "repeat"):
            subject = event[1]
            values, fresh_for = last.get(subject, ({"a": 1.0}, None)) if event[0] == "repeat" else event[2:]
            last[subject] = values, fresh_for
            world.report(*subject, fresh_for=fresh_for, source="probe", **values)
            oracle.report(now, subject, values, fresh_for)
        elif event[0] == "withdraw":
            world.withdraw(*event[1])
            oracle.withdraw(now, event[1])
        oracle.pass_time(now)
        assert seen(world) == oracle.faults()
    world.at(now + 30)
    oracle.pass_time(now + 30)
    assert seen(world) == oracle.faults()
    world.close()


NEVER_SEEN = detection("r", negated(known("agent.b")), hold=2.0)
HOST_BUSY = detection("r", compare("host.a", ">", 0.5))


@given(detections, happenings)
@example([NEVER_SEEN], [("report", ("agent", "x"), {"a": 1.0}, None)])
@example(
    [HOST_BUSY],
    [("report", ("host", "host"), {"a": 1.0}, None), ("report", ("agent", "x"), {"a": 1.0}, None)],
)
@example(
    [HOST_BUSY],
    [
        ("report", ("agent", "x"), {"a": 1.0}, None),
        ("report", ("host", "host"), {"a": 1.0}, None),
        ("withdraw", ("host", "host")),
    ],
)
@example(
    [detection("r", equals("agent.a", True))],
    [("report", ("agent", "x"), {"a": 1.0}, None), ("report", ("agent", "x"), {"a": True}, None)],
)
def test_faults_are_those_of_the_oracle(found: list[Detection], events: list[Any]) -> None:
    run(found, events)
