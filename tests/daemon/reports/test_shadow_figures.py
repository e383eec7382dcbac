"""The figures of the shadow, computed in the database, against the obvious way of counting them."""

from __future__ import annotations

from statistics import median
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.reports.shadow import shadow_report
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.store.samples import TEN

Columns = dict[str, Any]
SLACK = 60
seconds = st.integers(0, 300)
subjects = st.sampled_from(["a", "b"])
spans = st.tuples(seconds, st.integers(0, 60), st.one_of(st.none(), st.integers(0, 120)))


@st.composite
def faults(draw: st.DrawFn) -> Columns:
    began, hold, lasting = draw(spans)
    return {
        "rule": draw(st.sampled_from(["f", "g"])), "subject": draw(subjects), "subject_type": "agent",
        "category": draw(st.sampled_from(["agent", "performance"])), "began_at": TEN + began,
        "raised_at": TEN + began + hold, "closed_at": None if lasting is None else TEN + began + hold + lasting,
    }  # fmt: skip


@st.composite
def detections(draw: st.DrawFn) -> Columns:
    began, hold, lasting = draw(spans)
    at = TEN + began + hold
    return {
        "kind": "fault", "rule": draw(st.sampled_from(["s", "t"])), "step": "fault", "subject": draw(subjects),
        "subject_type": "agent", "category": "agent", "began_at": TEN + began, "at": at,
        "ended_at": None if lasting is None else at + lasting,
    }  # fmt: skip


@st.composite
def recoveries(draw: st.DrawFn) -> Columns:
    began, wait, lasting = draw(spans)
    subject = draw(subjects)
    at, kind = TEN + began + wait, draw(st.sampled_from(["recovery", "orchestration"]))
    return {
        "kind": kind, "rule": kind, "step": "x", "subject": subject, "subject_type": "agent", "at": at,
        "began_at": TEN + began if kind == "recovery" else None, "ended_at": None if lasting is None else at + lasting,
        "outcome": draw(st.sampled_from([None, "gone", "stayed", "held_back"])), "would": f"exec, restart {subject}",
        "fault_id": draw(st.sampled_from([None, 1, 2])),
    }  # fmt: skip


@st.composite
def actions(draw: st.DrawFn) -> Columns:
    return {
        "kind": draw(st.sampled_from(["restart", "signal", "notify"])), "target": draw(subjects), "rule": "acts",
        "fault_id": draw(st.sampled_from([None, 1, 2])), "intended_at": TEN + draw(seconds),
    }  # fmt: skip


def together(one: Columns, fault: Columns) -> bool:
    until, closed = one["ended_at"] or float("inf"), fault["closed_at"] or float("inf")
    return bool(
        one["subject"] == fault["subject"] and fault["began_at"] <= until and closed >= one["began_at"]
    )


def of_detection(rule: str, shadows: list[Columns], real: list[Columns]) -> Columns:
    own = [one for one in shadows if one["rule"] == rule and one["kind"] == "fault"]
    beside = [[fault for fault in real if together(one, fault)] for one in own]
    earlier = [
        min(found["raised_at"] for found in met) - one["at"]
        for one, met in zip(own, beside, strict=True)
        if met
    ]
    first = min((one["at"] for one in own), default=0)
    alike = [fault for fault in real if fault["category"] == "agent" and fault["raised_at"] >= first]
    return {
        "firings": len(own),
        "agrees": sum(map(bool, beside)),
        "alone": sum(not met for met in beside),
        "earlier_s": median(earlier) if earlier else None,
        "missed": sum(not any(together(one, fault) for one in own) for fault in alike),
    }


def what_met(one: Columns, done: list[Columns]) -> str:
    is_recovery = one["kind"] == "recovery"
    begin = one["began_at"] if is_recovery else one["at"] - SLACK
    end = (one["ended_at"] or float("inf")) if is_recovery else one["at"] + SLACK
    met = [
        action["kind"] == "restart" and action["target"] == one["subject"]
        for action in done
        if action["kind"] != "notify"
        and begin <= action["intended_at"] <= end
        and (
            action["target"] == one["subject"] or (one["fault_id"] and action["fault_id"] == one["fault_id"])
        )
    ]
    return "agrees" if any(met) else "differs" if met else "alone"


def of_action(rule: str, shadows: list[Columns], done: list[Columns]) -> Columns:
    own = [one for one in shadows if one["rule"] == rule]
    fired = [one for one in own if one["outcome"] != "held_back"]
    beside = [what_met(one, done) for one in fired]
    alone = [one["outcome"] for one, met in zip(fired, beside, strict=True) if met == "alone"]
    return {
        "firings": len(fired), "held_back": len(own) - len(fired),
        **{name: beside.count(name) for name in ("agrees", "differs", "alone")},
        "needless": alone.count("gone") if rule == "recovery" else None,
        "stayed": alone.count("stayed") if rule == "recovery" else None,
    }  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    st.lists(faults(), max_size=6), st.lists(st.one_of(detections(), recoveries()), min_size=1, max_size=8),
    st.lists(actions(), max_size=6),
)  # fmt: skip
def test_counted_as_one_would(real: list[Columns], shadows: list[Columns], done: list[Columns]) -> None:
    rows = [Row("fault", number, columns) for number, columns in enumerate(real, 1)]
    rows += [Row("shadow_action", number, columns) for number, columns in enumerate(shadows, 101)]
    rows += [Row("action", number, columns) for number, columns in enumerate(done, 201)]
    with Store.open(":memory:") as store:
        store.writer.submit(rows).result()
        with store.reader() as reader:
            found = {(row["rule"]): row for row in shadow_report(reader, at=TEN + 1000)["rules"]}  # type: ignore[attr-defined]
    for rule in {one["rule"] for one in shadows}:
        of_fault = rule in ("s", "t")
        wanted = of_detection(rule, shadows, real) if of_fault else of_action(rule, shadows, done)
        assert {name: found[rule][name] for name in wanted} == wanted
