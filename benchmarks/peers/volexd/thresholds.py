"""W1: "metric M of agent A above T". W1k: "any agent, value above T"."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.peers.volexd.programs import compare, detection, fact_types
from benchmarks.peers.volexd.running import INTERVAL, run
from benchmarks.workloads import Threshold, Update, among, w1, w1k
from dsl.expressions import And
from dsl.program import Detection, Program
from engine.events import Reported


def of_agent(rule: Threshold) -> Detection:
    parts = (
        compare("sample", "agent", "==", f"a{rule.agent}"),
        compare("sample", "metric", "==", rule.metric),
        compare("sample", "value", ">", float(rule.above)),
    )
    return detection(f"{rule.metric}_of_a{rule.agent}", "sample", And(parts))


def of_any(limit: int) -> Detection:
    return detection(f"above_{limit}", "sample", compare("sample", "value", ">", float(limit)))


def program_of_w1(rules: Sequence[Threshold]) -> Program:
    return Program(fact_types("sample"), detections=tuple(of_agent(rule) for rule in rules))


def program_of_w1k(limits: Sequence[int]) -> Program:
    return Program(fact_types("sample"), detections=tuple(of_any(limit) for limit in limits))


def report(update: Update, at: float) -> Reported:
    values = {"agent": f"a{update.agent}", "metric": update.metric, "value": float(update.value)}
    return Reported(at, "sample", f"{update.agent}/{update.metric}", values, "bench")


def reports(updates: Sequence[Update]) -> list[Reported]:
    return [report(update, number * INTERVAL) for number, update in enumerate(updates)]


def run_w1(count: int, *, as_json: bool) -> None:
    rules, updates, firings = w1(count)
    run(program_of_w1(rules), reports(updates), firings, as_json=as_json)


def run_among(count: int, *, as_json: bool) -> None:
    (rules, updates, firings), others = among(count)
    before = [report(other, 0.0) for other in others]
    run(program_of_w1(rules), reports(updates), firings, before=before, as_json=as_json)


def run_w1k(count: int, *, as_json: bool) -> None:
    limits, updates, firings = w1k(count)
    run(program_of_w1k(limits), reports(updates), firings, as_json=as_json)
