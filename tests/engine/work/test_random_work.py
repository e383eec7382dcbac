"""Whatever the graph: edges are respected, resources never oversubscribed, every run ends, and every adaptation leaves a graph."""

from __future__ import annotations

import json
from graphlib import TopologicalSorter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.work import Adjustment, Reserve, Retry, Step
from engine.effects import Do
from engine.planning.workflows.graph import critical_path, lengths, topological
from tests.engine.programs import equals
from tests.engine.work.parts import adaptation, automation, do, program, step, workflow
from tests.engine.work.work_world import Goes, WorkWorld, name_of

CORES, MEMORY = 4.0, 8.0


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Every step may come after any that stand before it."""
    found: list[Step] = []
    for number in range(draw(st.integers(1, 8))):
        earlier = [s.name for s in found]
        after = draw(st.lists(st.sampled_from(earlier), unique=True, max_size=3)) if earlier else []
        name = f"s{number}"
        found.append(
            step(
                name, *after, reserve=Reserve(draw(st.sampled_from([0.0, 1.0, 2.5, 4.0])), draw(st.sampled_from([0.0, 3.0, 8.0]))),
                optional=draw(st.booleans()), retry=Retry(draw(st.integers(0, 2)), 1.0),
                undo=[do(f"un{name}")] if draw(st.booleans()) else (),
            )
        )  # fmt: skip
    return found


# How long each step takes, and how many of its first attempts fail.
OUTCOMES = st.lists(
    st.tuples(st.integers(1, 20), st.sampled_from([0, 0, 0, 0, 1, 3])), min_size=8, max_size=8
)
Outcomes = list[tuple[int, int]]


def goes_of(how: Outcomes) -> dict[str, Any]:
    left = {f"s{number}": fails for number, (_, fails) in enumerate(how)}
    takes = {f"s{number}": float(takes) for number, (takes, _) in enumerate(how)}

    def goes(do: Do) -> Goes:
        name = name_of(do)
        left[name] -= 1
        return Goes(takes[name], "failed" if left[name] >= 0 else "succeeded")

    return dict.fromkeys(left, goes)


class Watched(WorkWorld):
    """What is held while steps run, at its most."""

    def send(self, event: Any) -> Any:
        effects = super().send(event)
        held = self.engine.work.resources.held.values()
        assert sum(reserve.cpu for reserve in held) <= CORES + 1e-6
        assert sum(reserve.memory for reserve in held) <= MEMORY + 1e-6
        return effects


def ran(graph: list[Step], how: Outcomes, strategy: str, *rules: Any) -> Watched:
    world = Watched(
        program(workflow("w", *graph), automation("job", "w", strategy=strategy), *rules), **goes_of(how)
    )
    world.capacity(cpu=CORES, memory=MEMORY)
    world.run("job")
    world.at(10_000)
    return world


@settings(max_examples=60)
@given(steps(), OUTCOMES, st.sampled_from(["efficient", "reliable", "adaptive"]))
def test_a_run_of_any_graph(graph: list[Step], how: Outcomes, strategy: str) -> None:
    world = ran(graph, how, strategy)
    rows = {row["step"]: row for row in world.table("step_run")}
    for one in graph:
        for name in one.after if rows[one.name].get("started_at") is not None else ():
            assert rows[name]["ended_at"] <= rows[one.name]["started_at"]
    run = world.workflow_run()
    failed = [s for s in graph if rows[s.name]["status"] == "failed" and not s.optional]
    assert run["status"] == ("failed" if failed else "succeeded")
    assert {row["status"] for row in rows.values()} <= {"succeeded", "failed", "cancelled", "undone"}
    if not failed:
        assert all(row.get("started_at") is not None for row in rows.values())
    assert world.engine.work.resources.held == {}
    assert world.engine.work.runs.under_way == {}


@settings(max_examples=60)
@given(steps(), OUTCOMES, st.sampled_from(["efficient", "reliable", "adaptive"]))
def test_a_run_never_takes_longer_than_one_after_the_other(
    graph: list[Step], how: Outcomes, strategy: str
) -> None:
    world = ran(graph, [(takes, 0) for takes, _ in how], strategy)
    run, takes = world.workflow_run(), {f"s{number}": float(takes) for number, (takes, _) in enumerate(how)}
    after = {s.name: s.after for s in graph}
    makespan = run["ended_at"] - run["started_at"]
    assert makespan <= sum(takes[s.name] for s in graph) + 1e-6
    assert makespan >= critical_path(after, takes.__getitem__) - 1e-6
    assert makespan >= sum(takes[s.name] * s.reserve.cpu for s in graph) / CORES - 1e-6


@settings(max_examples=60)
@given(steps(), OUTCOMES)
def test_what_was_done_is_undone_backwards(graph: list[Step], how: Outcomes) -> None:
    world: WorkWorld = ran(graph, how, "adaptive")
    if world.workflow_run()["status"] == "succeeded":
        return
    rows = {row["step"]: row for row in world.table("step_run")}
    undone = [name.removeprefix("un") for _, name in world.commands() if name.startswith("un")]
    assert set(undone) == {s.name for s in graph if s.undo and rows[s.name]["status"] == "undone"}
    ends = [rows[name]["ended_at"] for name in undone]
    assert ends == sorted(ends, reverse=True)


@st.composite
def adjustments(draw: st.DrawFn) -> Adjustment:
    names = st.sampled_from([f"s{number}" for number in range(10)])
    some = st.lists(names, max_size=2, unique=True).map(tuple)
    kind = draw(st.sampled_from(["skip", "add", "add", "replace", "retry", "order"]))
    new = step(draw(st.sampled_from(["n1", "n2", "s3"])))
    beginning = draw(st.booleans())
    return Adjustment(
        kind, draw(st.none() | names), new=new if kind in ("add", "replace") else None,
        after=() if beginning else draw(some), before=() if beginning else draw(some), at_beginning=beginning,
        by=draw(st.sampled_from(["priority", "topology", "cost"])),
    )  # fmt: skip


@settings(max_examples=60)
@given(
    steps(), OUTCOMES,
    st.lists(st.tuples(st.sampled_from(["running", "succeeded", "failed", "ready"]), adjustments()), min_size=1, max_size=4),
)  # fmt: skip
def test_whatever_is_adapted_a_run_ends_and_every_graph_can_be_run(
    graph: list[Step], how: Outcomes, changes: list[tuple[str, Adjustment]]
) -> None:
    rules = [
        adaptation(f"rule{number}", equals("step.status", status), change)
        for number, (status, change) in enumerate(changes)
    ]
    world = ran(graph, how, "adaptive", *rules)
    assert world.workflow_run()["status"] in ("succeeded", "failed")
    assert world.engine.work.resources.held == {}
    for row in world.table("adaptation"):
        before, after = json.loads(row["graph_before"]), json.loads(row["graph_after"])
        tuple(TopologicalSorter(after).static_order())
        assert all(set(earlier) <= set(after) for earlier in after.values())
        assert row["outcome"] == "applied" or before == after


@given(steps())
def test_topological_order_and_lengths(graph: list[Step]) -> None:
    after = {s.name: s.after for s in graph}
    order = topological(after)
    assert sorted(order) == sorted(after)
    assert all(order.index(name) < order.index(s.name) for s in graph for name in s.after)
    found = lengths(after, lambda name: 1.0)
    assert all(found[name] >= found[s.name] + 1 for s in graph for name in s.after)
