"""The engine's benchmarks: the workloads' answers against slow counting, volexd's answers to them, goals by their fixed names."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from benchmarks import engine
from benchmarks.curves import curves
from benchmarks.engine import ALL_THREADS, RUNS, Run, goals_of, rows_of
from benchmarks.peers.volexd import joins, negation, thresholds
from benchmarks.peers.volexd.programs import program_of
from benchmarks.peers.volexd.running import begun, raised
from benchmarks.results import markdown
from benchmarks.workloads import MACHINES, Threshold, crossed, w1, w1k, w2, w4
from dsl.program import Program
from engine.events import Event

FEW = 400  # events: what fires is counted event by event
NAMES = [
    "w1_vs_durable", "w1_vs_clips", "w1_vs_drools", "w1_growth", "w1k", "w2_vs_clips", "w2_vs_drools", "w3_vs_durable",
    "w3_vs_clips", "w4_vs_clips", "w4_vs_drools", "w5_engine_s",
]  # fmt: skip


def test_limits_crossed_upwards_are_counted_one_by_one() -> None:
    chance = random.Random(1)
    limits = sorted(chance.sample(range(100), 20))
    for _ in range(500):
        former, value = chance.randint(-1, 100), chance.randint(0, 100)
        assert crossed(limits, former, value) == sum(former <= limit < value for limit in limits)


def test_w1_and_w1k_fire_about_as_often() -> None:
    keyed, keyless = w1(1000, 20_000).firings[-1], w1k(1000, 20_000).firings[-1]
    assert 0.8 < keyless / keyed < 1.25


def fired(program: Program, events: Sequence[Event], before: Sequence[Event] = ()) -> list[int]:
    engine, counts = begun(program, before), [0]
    for event in events:
        counts.append(counts[-1] + raised(engine.step(event)))
    return counts


def test_volexd_answers_w1_event_by_event() -> None:
    rules, updates, firings = w1(10, FEW)
    assert fired(thresholds.program_of_w1(rules), thresholds.reports(updates)) == firings


def test_volexd_answers_w1k_event_by_event() -> None:
    limits, updates, firings = w1k(10, FEW)
    assert fired(thresholds.program_of_w1k(limits), thresholds.reports(updates)) == firings


def test_volexd_answers_w2_event_by_event() -> None:
    machines, policies, incidents, firings = w2(FEW)
    before = [*map(joins.of_machine, machines), *map(joins.of_policy, policies)]
    events = [joins.of_incident(incident, float(number)) for number, incident in enumerate(incidents)]
    assert fired(program_of(joins.RULES), events, before) == firings


def test_volexd_answers_w4_event_by_event() -> None:
    toggles, firings = w4(FEW)
    events = [negation.toggled(toggle, float(number)) for number, toggle in enumerate(toggles)]
    assert fired(program_of(negation.RULES), events, negation.before()) == firings
    assert 0 < firings[-1] < MACHINES


def figures(*without: str) -> engine.Figures:
    """Every run took 2, those of volexd 1."""
    found = {run: [1.0 if run.peer == "volexd" else 2.0] * 3 for run in RUNS if run.peer not in without}
    more = {run._replace(option=ALL_THREADS): runs for run, runs in found.items() if run.peer == "drools"}
    return {**found, **more}


def test_every_goal_has_its_name_and_its_figure() -> None:
    goals = {goal.name: goal for goal in goals_of(figures())}
    assert list(goals) == NAMES
    assert goals["w2_vs_drools"].value == 2.0
    assert goals["w2_vs_drools"].holds
    assert not goals["w2_vs_clips"].holds
    assert goals["w1_growth"].value == 1.0


def test_without_a_jdk_the_goals_against_drools_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    goals = {goal.name: goal for goal in goals_of(figures("drools"))}
    assert list(goals) == NAMES
    for name in ("w1_vs_drools", "w2_vs_drools", "w4_vs_drools"):
        assert goals[name].holds is None
        assert "no JDK" in goals[name].reason


def test_a_ratio_is_the_median_of_those_within_rounds() -> None:
    slow, quick = Run("clips", "w4", 1), Run("volexd", "w4", 1)
    found = {slow: [10.0, 80.0, 30.0], quick: [5.0, 10.0, 10.0]}
    assert engine.ratio(found, slow, quick) == 3.0


def test_the_table_says_that_durable_rules_hangs() -> None:
    table = markdown(rows_of(figures()), [])
    assert "| w1 N=10000 | durable | hangs |" in table
    assert not any(run.peer == "durable" and run.size == 10_000 for run in RUNS)


def test_growth_is_drawn_over_the_size_for_each_engine() -> None:
    lines = engine.growth(figures(), "among")
    assert lines == {
        "volexd": [(float(size), 1.0) for size in engine.FACTS],
        "clips": [(float(size), 2.0) for size in engine.FACTS],
    }
    drawn = ElementTree.fromstring(curves("Ten rules", "facts", "µs", lines))
    texts = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Ten rules: µs", "facts", "100,000", "volexd 1", "clips 2"} <= set(texts)
    circles = [
        (float(one.attrib["cx"]), float(one.attrib["cy"]))
        for one in drawn.iter("{http://www.w3.org/2000/svg}circle")
    ]
    ours, theirs = circles[: len(engine.FACTS)], circles[len(engine.FACTS) :]
    assert len({y for _, y in ours}) == len({y for _, y in theirs}) == 1, "what does not grow is flat"
    assert ours[0][1] > theirs[0][1], "less is lower"
    steps = {round(right - left, 1) for (left, _), (right, _) in pairwise(ours)}
    assert len(steps) == 1, "decades are equally wide"


def test_rules_made_by_hand_are_what_the_language_says() -> None:
    text = """
fact sample { key name: text; field agent: text, metric: text, value: number }
probe samples { webhook "/samples" into sample }
detection cpu_of_a0 {
    for each sample
    severity info
    category performance
    when     sample.agent == "a0" and sample.metric == "cpu" and sample.value > 70
}
detection above_70 { for each sample; severity info; category performance; when sample.value > 70 }
"""
    keyed, keyless = program_of(text).detections
    assert thresholds.of_agent(Threshold(0, "cpu", 70)).when == keyed.when
    assert thresholds.of_any(70).when == keyless.when
