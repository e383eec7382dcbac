"""Random sequences of what happens, told to the engine and to the oracle alike."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dsl import program as p
from engine.events import Happened, Looked, Reported, TimePassed, Withdrawn
from tests.engine.whole.oracle import Whole
from tests.engine.whole.rules import FRESH, _numbers
from tests.engine.world import World

_values = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["a", "a", "b", None]),
        "x": st.sampled_from([0.0, 1.0, 2.0, 3.0, None]),
        "y": st.sampled_from([0.0, 1.0, 3.0]),
    }
)
_subjects = st.sampled_from(
    [("item", "i"), ("item", "j"), ("item", "k"), ("other", "o"), ("other", "q"), ("host", "host")]
)
_withdrawn = _subjects.filter(lambda subject: subject[0] != "host")  # which is always there
_report = st.tuples(_subjects, _values, st.sampled_from(FRESH))
_happened = st.tuples(
    st.just("happen"),
    st.sampled_from(["poke", "nod"]),
    st.sampled_from(["a", "a", "b"]),
    _numbers,
    st.sampled_from([0.0, 0.0, 3.0]),
)
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.lists(_report, min_size=1, max_size=1)),
        st.tuples(st.just("look"), st.lists(_report, min_size=2, max_size=4, unique_by=lambda each: each[0])),
        st.tuples(st.just("look"), st.lists(_report, min_size=2, max_size=4, unique_by=lambda each: each[0])),
        st.tuples(st.just("late"), _report, st.sampled_from([0.0, 1.5, 4.0])),
        _happened,
        _happened,
        _happened,
        st.tuples(st.just("withdraw"), _withdrawn, st.sampled_from([0.0, 2.0])),
        st.tuples(st.just("wait"), st.integers(1, 9)),
        st.tuples(st.just("reload")),
    ),
    min_size=5,
    max_size=20,
)


HOST_IS_THERE = ("look", [(("host", "host"), {}, None)])


def happen(world: World, oracle: Whole, program: p.Program, now: float, event: Any) -> None:
    if event[0] == "look":
        reports = tuple(
            Reported(now, *subject, {"name": subject[1], **values}, "probe", fresh_for)
            for subject, values, fresh_for in event[1]
        )
        world.send(reports[0] if len(reports) == 1 else Looked(now, reports))
        oracle.look_at(now, event[1])
    elif event[0] == "late":
        subject, said, fresh_for = event[1]
        values, then = {"name": subject[1], **said}, now - event[2]
        world.send(TimePassed(now))
        world.send(Reported(then, *subject, values, "probe", fresh_for))
        oracle.report_late(now, subject, said, then, fresh_for)
    elif event[0] == "happen":
        values = {"tier": event[2], "x": event[3]}
        world.send(Happened(now, event[1], values, now - event[4], "probe"))
        oracle.happen(now, event[1], values, now - event[4])
    elif event[0] == "withdraw":
        world.send(TimePassed(now))
        world.send(Withdrawn(now - event[2], *event[1]))  # as when the clock was set back
        oracle.withdraw(now, event[1])
    elif event[0] == "reload":
        world.load(program)
