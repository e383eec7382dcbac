"""Whether everything happened that the rules promise: judged by the rows of the database alone, after the fact."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.demo.scenarios import Scenario
from daemon.demo.work import Trouble, kept
from daemon.store.query import Found, Reader

_TOUCHING = "('restart', 'stop', 'signal', 'exec', 'http')"


@dataclass(frozen=True, slots=True)
class Verdict:
    name: str
    title: str
    as_promised: bool
    found: str  # what the rows say, for people


def judge(reader: Reader, scenario: Scenario, first_id: int, last_id: int) -> Verdict:
    """The rows with ids in (first_id, last_id] are those of the scenario."""
    span: dict[str, object] = {"first": first_id, "last": last_id}
    attempts = reader.rows(
        "SELECT step, outcome FROM attempt WHERE subject = :agent AND id > :first AND id <= :last ORDER BY id",
        agent=scenario.agent, **span,
    )  # fmt: skip
    recoveries = reader.rows(
        "SELECT outcome FROM recovery WHERE subject = :agent AND id > :first AND id <= :last ORDER BY id",
        agent=scenario.agent, **span,
    )  # fmt: skip
    steps = tuple((str(row["step"]), str(row["outcome"])) for row in attempts)
    ends = str(recoveries[-1]["outcome"]) if recoveries else "none"
    touched = _touched(reader, scenario, span)
    paged = _paged(reader, span)
    as_promised = (
        steps == scenario.steps
        and ends == scenario.ends
        and not touched
        and paged == (scenario.ends == "exhausted")
    )
    return Verdict(scenario.name, scenario.title, as_promised, _found(steps, ends, touched, paged))


def judge_trouble(reader: Reader, trouble: Trouble, first_id: int, last_id: int) -> Verdict:
    """Whether the rules did with the work what they promise."""
    promises = kept(reader, trouble, first_id, last_id)
    found = "; ".join(promise if is_kept else f"NOT: {promise}" for is_kept, promise in promises)
    return Verdict(trouble.name, trouble.title, all(is_kept for is_kept, _ in promises), found)


def _touched(reader: Reader, scenario: Scenario, span: dict[str, object]) -> list[str]:
    rows: list[Found] = reader.rows(
        f"SELECT DISTINCT target FROM action WHERE kind IN {_TOUCHING} AND id > :first AND id <= :last",
        **span,
    )
    return sorted(str(row["target"]) for row in rows if row["target"] in scenario.untouched)


def _paged(reader: Reader, span: dict[str, object]) -> bool:
    found = reader.row(
        "SELECT count(*) AS pages FROM action WHERE kind = 'notify' AND outcome = 'succeeded'"
        " AND id > :first AND id <= :last",
        **span,
    )
    return bool(found["pages"])


def _found(steps: tuple[tuple[str, str], ...], ends: str, touched: list[str], paged: bool) -> str:
    parts = [
        ", ".join(f"{step} {outcome}" for step, outcome in steps) or "nothing was tried",
        f"recovery {ends}",
    ]
    parts += [f"{', '.join(touched)} touched needlessly"] * bool(touched) + ["paged"] * paged
    return "; ".join(parts)
