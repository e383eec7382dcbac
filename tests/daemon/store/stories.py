"""Random but sensible histories, and what the figures of a report must be, worked out the slow and obvious way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from daemon.store.rows import Row
from tests.daemon.store.samples import TEN, fault


@dataclass(frozen=True)
class Story:
    """One fault: whole milliseconds of hold and repair, and its recoveries: outcome, and steps with outcomes."""

    rule: str
    held: float
    outcome: str | None
    lasted: float
    recoveries: tuple[tuple[str | None, tuple[tuple[str, str], ...]], ...]


_milliseconds = st.integers(0, 10_000_000).map(lambda number: number / 1000)
_attempts = st.tuples(
    st.sampled_from(["restart", "redeploy"]), st.sampled_from(["succeeded", "failed", "unneeded"])
)
_recoveries = st.tuples(
    st.sampled_from([None, "succeeded", "failed", "unneeded", "exhausted"]),
    st.lists(_attempts, max_size=3).map(tuple),
)
stories = st.lists(
    st.builds(
        Story,
        st.sampled_from(["agent_down", "disk_full"]),
        _milliseconds,
        st.sampled_from([None, "cleared", "cleared", "suppressed", "withdrawn"]),
        _milliseconds,
        st.lists(_recoveries, max_size=2).map(tuple),
    ),
    max_size=12,
)


def rows_of(told: Sequence[Story]) -> list[Row]:
    rows: list[Row] = []
    for number, story in enumerate(told):
        identity = 100 * number + 1
        closed = None if story.outcome is None else TEN + number + story.lasted
        rows.append(
            fault(
                identity,
                rule=story.rule,
                began_at=TEN + number - story.held,
                raised_at=TEN + number,
                closed_at=closed,
                outcome=story.outcome,
            )
        )
        for place, (outcome, attempts) in enumerate(story.recoveries):
            recovery = identity + 10 * (place + 1)
            rows.append(
                Row("recovery", recovery, {"fault_id": identity, "rule": "revive", "outcome": outcome})
            )
            for turn, (step, ended) in enumerate(attempts, 1):
                values = {
                    "fault_id": identity,
                    "recovery_id": recovery,
                    "rule": "revive",
                    "step": step,
                    "number": turn,
                }
                rows.append(Row("attempt", recovery + turn, {**values, "outcome": ended}))
    return rows


def expected(told: Sequence[Story]) -> list[dict[str, object]]:
    return [
        _of_rule(rule, [s for s in told if s.rule == rule]) for rule in sorted({story.rule for story in told})
    ]


def _of_rule(rule: str, told: list[Story]) -> dict[str, object]:
    cleared = [story for story in told if story.outcome == "cleared"]
    outcomes = [[outcome for outcome, _ in story.recoveries] for story in told]
    every = [outcome for of_fault in outcomes for outcome in of_fault]
    helped = [
        [step for _, steps in s.recoveries for step, ended in steps if ended == "succeeded"] for s in told
    ]
    counted = Counter(step for of_fault in helped for step in of_fault)
    decided = [of_fault for of_fault in outcomes if {"succeeded", "failed", "exhausted"} & set(of_fault)]
    return {
        "rule": rule,
        "faults": len(told),
        "open": sum(story.outcome is None for story in told),
        "cleared": len(cleared),
        "recovered_by_attempt": sum(map(bool, helped)),
        "mttd_s": mean([story.held for story in told]),
        "mttr_s": mean([story.lasted for story in cleared]),
        "recoveries": len(every),
        "succeeded": every.count("succeeded"),
        "success_rate": mean([float("succeeded" in of_fault) for of_fault in decided]),
        "exhausted": every.count("exhausted"),
        "what_helped": min(counted, key=lambda step: (-counted[step], step)) if counted else None,
    }


def mean(numbers: Sequence[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


def agree(found: object, wanted: object) -> bool:
    """Equal; numbers to the millisecond that reports are rounded to."""
    if isinstance(found, float) and isinstance(wanted, int | float):
        return abs(found - wanted) <= 0.0011
    return found == wanted
